"""``cratedig retry``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cratedig._cli.options import command as make_command
from cratedig._cli.session import GOODBYE, Session

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine


@make_command("retry")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--failed", is_flag=True, help="All that have failed and were not tried again since.")
def command(session: Session, ids: tuple[str, ...], failed: bool) -> int:
    """Try failed or cancelled downloads again.

    An ID may be shortened as long as it is unique. Each becomes a new record, with an id of its own; one
    that another process works on right now is left alone.
    """
    if not ids and not failed:
        raise click.UsageError("give an ID, or --failed")

    async def work(engine: DownloadEngine) -> int:
        from cratedig._cli.commands.get import conclude  # noqa: PLC0415
        from cratedig._cli.following import follow  # noqa: PLC0415
        from cratedig._cli.records import full_ids  # noqa: PLC0415

        chosen = [*await full_ids(engine, ids), *(await _failed(engine) if failed else ())]
        if not chosen:
            session.out.say("Nothing has failed.")
        session.goodbye = GOODBYE
        new = [await engine.retry_download(one) for one in dict.fromkeys(chosen)]
        return conclude(session, await follow(session, engine, new) if new else [])

    return session.run(work)


async def _failed(engine: DownloadEngine) -> list[str]:
    from cratedig._model import DownloadState  # noqa: PLC0415

    downloads = await engine.get_all_downloads()
    retried = {download.extra.get("retry_of") for download in downloads}
    return [d.id for d in downloads if d.state is DownloadState.ERRORED and d.id not in retried]
