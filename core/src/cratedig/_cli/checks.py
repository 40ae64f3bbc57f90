"""What `doctor` looks at. Each check answers with findings and never raises."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

import cratedig
from cratedig._cli.exits import Exit, exit_for
from cratedig._cli.shown import size
from cratedig._errors import CratedigError, SettingsError
from cratedig._plugins.status import SourceState, SourceStatus

if TYPE_CHECKING:
    from cratedig._cli.session import Session
    from cratedig._engine.engine import DownloadEngine

LITTLE_SPACE = 1_000_000_000
"""Free bytes below which a download folder is worth a remark."""


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


def examine(session: Session, names: tuple[str, ...], *, offline: bool) -> list[Finding]:
    """Look at everything; at the given sources only, where some are given."""
    try:
        settings = session.settings
    except SettingsError as error:
        return [_problem("settings", error, "put the file or the variable right; `cratedig config path`")]
    findings = [_version(), _settings_file(session)]
    findings += [_folder("state folder", settings.engine.state_dir)]
    findings += [_folder("download folder", settings.engine.download_dir)]
    journal = session.journal
    try:
        return findings + _with_engine(session, names, journal, offline=offline)
    except CratedigError as error:
        findings.append(_problem("records", error, "move the file away, or name another with --journal"))
        return findings + _with_engine(session, names, "memory", offline=offline)


def _with_engine(
    session: Session, names: tuple[str, ...], journal: str | Path, *, offline: bool
) -> list[Finding]:
    found: list[Finding] = []

    async def work(engine: DownloadEngine) -> int:
        from cratedig._cli.source_checks import examine_sources  # noqa: PLC0415

        if journal != "memory":
            found.append(await _records(engine, journal))
        found.extend(await examine_sources(session, engine, names, offline=offline))
        return Exit.OK

    session.run(work, journal=journal)
    return found


def _version() -> Finding:
    return Finding(subject="cratedig", verdict=Verdict.OK, what=f"version {cratedig.__version__}")


def _settings_file(session: Session) -> Finding:
    from cratedig._settings import config_path  # noqa: PLC0415

    path = session.settings.path
    what = str(path) if path else f"none; {config_path()} would be read"
    return Finding(subject="settings file", verdict=Verdict.OK, what=what)


def _folder(subject: str, folder: Path) -> Finding:
    """Whether files can be made there; a folder that is missing is made when it is needed."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        fix = f"give yourself access to {there}, or name another folder in the settings ([engine])"
        what = f"{folder} cannot be written"
        return Finding(subject=subject, verdict=Verdict.PROBLEM, what=what, fix=fix, exit_code=Exit.FAILED)
    free = shutil.disk_usage(there).free
    little = free < LITTLE_SPACE
    return Finding(
        subject=subject,
        verdict=Verdict.ADVICE if little else Verdict.OK,
        what=f"{folder}, {size(free)} free",
        fix="free some space" if little else "",
    )


async def _records(engine: DownloadEngine, journal: str | Path) -> Finding:
    downloads = await engine.get_all_downloads()
    waiting = sum(not download.state.terminal for download in downloads)
    return Finding(
        subject="records",
        verdict=Verdict.ADVICE if waiting else Verdict.OK,
        what=f"{journal}: {len(downloads)} downloads, {waiting} unfinished",
        fix="`cratedig resume` goes on with those that no process works on" if waiting else "",
    )


def _problem(subject: str, error: CratedigError, fix: str) -> Finding:
    code = exit_for(error)
    return Finding(subject=subject, verdict=Verdict.PROBLEM, what=str(error), fix=fix, exit_code=code)


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
