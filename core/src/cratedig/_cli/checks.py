"""What `doctor` looks at. Each check answers with findings and never raises."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import cratedig
from cratedig._cli.exits import Exit, exit_for
from cratedig._cli.findings import Finding, Verdict
from cratedig._cli.shown import size
from cratedig._errors import CratedigError, SettingsError

if TYPE_CHECKING:
    from cratedig._cli.session import Session
    from cratedig._engine.engine import DownloadEngine

LITTLE_SPACE = 1_000_000_000
"""Free bytes below which a download folder is worth a remark."""


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
