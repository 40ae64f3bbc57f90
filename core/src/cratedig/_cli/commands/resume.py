"""``cratedig resume``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import GOODBYE, Session

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine


@make_command("resume")
def command(session: Session) -> int:
    """Go on with what a crash, Ctrl-C or a power cut has left unfinished.

    Bytes that are there are not fetched again. What another living process works on is left to it.
    """

    async def work(engine: DownloadEngine) -> int:
        from cratedig._cli.commands.get import conclude  # noqa: PLC0415
        from cratedig._cli.following import follow  # noqa: PLC0415

        session.goodbye = GOODBYE
        ids = await engine.resume_downloads()
        if ids:
            return conclude(session, await follow(session, engine, ids))
        session.out.say("Nothing is unfinished.")
        if session.out.as_json:
            session.out.document({"downloads": []})
        return Exit.OK

    return session.run(work)
