"""``cratedig sources``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import Session
from cratedig._plugins.status import SourceState, SourceStatus

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine

NONE = "No source is installed. Install one, e.g. pip install cratedig-archive"


@make_command("sources")
def command(session: Session) -> int:
    """List the sources: what they deliver, whether they work, and if not, why.

    -v shows the traceback of a broken one.
    """

    async def show(engine: DownloadEngine) -> int:
        statuses = engine.sources()
        if session.out.as_json:
            session.out.document({"sources": [as_document(status) for status in statuses]})
        elif statuses:
            _print(session, statuses)
        else:
            session.out.say(NONE)
        return Exit.OK

    return session.run(show)


def as_document(status: SourceStatus) -> dict[str, object]:
    """A status without the classes in it."""
    info = status.info
    return {
        "name": status.name,
        "display_name": status.display_name,
        "aliases": status.aliases,
        "state": status.state,
        "usable": status.usable,
        "delivers": sorted(info.delivers) if info else [],
        "transfer": info.transfer if info else None,
        "distribution": status.distribution,
        "version": status.version,
        "reason": status.reason,
        "hint": status.hint,
        "stage": status.stage,
        "breaker": status.breaker,
        "login_refused": status.login_refused,
        "traceback": status.traceback,
    }


def what_and_how(status: SourceStatus) -> str:
    """Why it is not usable and what to do, empty for one that is; a broken one says who ships it."""
    if status.usable:
        return ""
    shipped = f"{status.distribution} {status.version}".strip()
    where = f"{shipped}, at {status.stage}: " if status.state is SourceState.BROKEN and status.stage else ""
    return f"{where}{status.reason}" + (f"; {status.hint}" if status.hint else "")


def _print(session: Session, statuses: list[SourceStatus]) -> None:
    rows = [(_name(s), s.display_name, _delivers(s), s.state, what_and_how(s)) for s in statuses]
    session.out.table(("source", "service", "delivers", "state", "why, and what to do"), rows)
    for status in statuses:
        if session.verbose and status.traceback:
            session.out.line(f"\n{status.name} ({status.distribution} {status.version}):\n{status.traceback}")


def _name(status: SourceStatus) -> str:
    return f"{status.name} ({', '.join(status.aliases)})" if status.aliases else status.name


def _delivers(status: SourceStatus) -> str:
    return ", ".join(f"{kind}s" for kind in sorted(status.info.delivers)) if status.info else ""
