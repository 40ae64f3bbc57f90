"""What `doctor` has found, and how bad it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from attrs import frozen

from cratedig._cli.exits import Exit
from cratedig._plugins.status import SourceState, SourceStatus


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    ADVICE = "advice"
    PROBLEM = "problem"


@frozen(kw_only=True)
class Finding:
    """One thing that was looked at. ``fix`` says what to do, ``exit_code`` what a script sees."""

    subject: str
    verdict: Verdict
    what: str
    fix: str = ""
    exit_code: Exit = Exit.OK
    traceback: str = ""


def broken(status: SourceStatus) -> Finding:
    """A source that cannot be loaded, with who ships it."""
    shipped = f"{status.distribution} {status.version}".strip() or "registered by hand"
    wrong_settings = status.stage is not None and str(status.stage) == "settings"
    return Finding(
        subject=status.name,
        verdict=Verdict.PROBLEM,
        what=f"broken ({shipped}, at {status.stage}): {status.reason}",
        fix=status.hint,
        exit_code=Exit.SETTINGS if wrong_settings else Exit.SOURCE,
        traceback=status.traceback,
    )


def chosen(statuses: Iterable[SourceStatus], names: tuple[str, ...]) -> Iterator[SourceStatus]:
    """The sources of these names or aliases, all of them when there are no names."""
    return (s for s in statuses if not names or not {s.name, *s.aliases}.isdisjoint(names))


def unready(status: SourceStatus, unset: tuple[str, ...], *, asked_for: bool) -> Finding:
    """A source that lacks settings or is switched off; a problem only for who asked for it."""
    needs = f": {', '.join(unset)}" if unset and status.state is SourceState.NOT_CONFIGURED else ""
    return Finding(
        subject=status.name,
        verdict=Verdict.PROBLEM if asked_for else Verdict.ADVICE,
        what=f"{status.state}: {status.reason}{needs}",
        fix=status.hint,
        exit_code=Exit.SETTINGS if asked_for else Exit.OK,
    )
