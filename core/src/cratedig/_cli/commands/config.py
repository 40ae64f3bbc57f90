"""``cratedig config``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import Session

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine
    from cratedig._settings.explain import SettingOrigin


@make_command("config")
@click.argument("what", required=False, type=click.Choice(["path"]), metavar="[path]")
@click.option("--all", "everything", is_flag=True, help="Show those without a value, too.")
def command(session: Session, what: str | None, everything: bool) -> int:
    """Show every setting and where it comes from; secrets are masked.

    `cratedig config path` prints where the file is, or would be.
    """
    from cratedig._settings import config_path  # noqa: PLC0415

    if what == "path":
        path = session.config or config_path()
        if session.out.as_json:
            session.out.document({"path": path, "exists": path.exists()})
        else:
            session.out.line(str(path))
        return Exit.OK

    async def work(engine: DownloadEngine) -> int:
        lines, unknown = session.settings_of(engine)
        return _show(session, lines, unknown, everything=everything)

    return session.run(work, journal="memory")


def _show(session: Session, lines: list[SettingOrigin], unknown: tuple[str, ...], *, everything: bool) -> int:
    wrong = [line.problem for line in lines if line.problem]
    if session.out.as_json:
        session.out.document({"file": session.settings.path, "settings": lines, "unknown": unknown})
    else:
        # A default that is empty says nothing; --all is for those who look for a name.
        shown = [x for x in lines if not x.problem and (everything or x.shown_value)]
        session.out.table(("setting", "value", "from"), [(x.key, x.shown_value, x.origin) for x in shown])
    for problem in (*wrong, *unknown):
        session.out.say(problem)
    return Exit.SETTINGS if wrong or unknown else Exit.OK
