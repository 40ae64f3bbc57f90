"""``cratedig demo``."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import Session

if TYPE_CHECKING:
    from cratedig._cli.stage import Stage
    from cratedig._engine.engine import DownloadEngine
    from cratedig._model import Download, SearchResult
    from cratedig._search.report import SearchReport

FAILS_AFTER = 3
"""Finished tracks after which a source loses its power."""


@make_command("demo")
@click.option(
    "--dest", type=click.Path(path_type=Path, file_okay=False), help="The folder for the files; a new one."
)
def command(session: Session, *, dest: Path | None) -> int:
    """See it work, with music services on this machine.

    Starts the services, searches all of them at once, downloads an album while one of them fails half-way
    and others take over, and says where the verified files are. No real service is asked, and none of your
    settings and records is read or written.
    """
    from cratedig._cli.stage import Stage  # noqa: PLC0415
    from cratedig._settings import load  # noqa: PLC0415

    work = Path(tempfile.mkdtemp(prefix="cratedig-demo-"))
    music = (dest or work / "music").absolute()
    with ExitStack() as stack:
        stack.callback(_tidy, work, music)
        stage = stack.enter_context(Stage(work))
        session.settings = load(stage.settings(music), environ={})
        return session.run(lambda engine: _play(session, engine, stage, music), journal=work / "journal.db")


async def _play(session: Session, engine: DownloadEngine, stage: Stage, music: Path) -> int:
    from cratedig._cli.following import follow  # noqa: PLC0415

    for name in stage.sources:
        where = stage.services[name].base_url if name in stage.services else "files on this machine"
        session.out.say(f"{name}: {where}")
    report = await engine.search(stage.album.artist, sources=stage.sources)
    chosen = _choose(report, stage)
    _show(session, report)
    stage.slow_down()
    session.out.say(f"\nDownloading the {len(chosen)} tracks of {stage.album.artist} - {stage.album.title}")
    ids = [await engine.download_with_fallback(one, stage.sources) for one in chosen]
    failing = asyncio.create_task(_fail_half_way(session, engine, stage, ids))
    try:
        downloads = await follow(session, engine, ids)
    finally:
        failing.cancel()
    return _conclude(session, report, downloads, stage, music)


def _choose(report: SearchReport, stage: Stage) -> list[SearchResult]:
    """The album's tracks among all that was found."""
    from cratedig._matching import matches  # noqa: PLC0415
    from cratedig._model import Wanted  # noqa: PLC0415

    wanted = [Wanted(artist=t.artist, title=t.title, duration=t.seconds) for t in stage.album.tracks]
    found = (next((r for r in report.results if matches(r, wish)), None) for wish in wanted)
    return [result for result in found if result is not None]


async def _fail_half_way(session: Session, engine: DownloadEngine, stage: Stage, ids: Sequence[str]) -> None:
    """Cut the power as soon as some tracks are there, its own among them, and more are under way."""
    from cratedig._model import DownloadState  # noqa: PLC0415

    if not stage.failing:
        return
    while True:
        found = [await engine.get_download_status(one) for one in ids]
        finished = [one for one in found if one is not None and one.state is DownloadState.COMPLETED]
        if len(finished) >= FAILS_AFTER and any(one.source == stage.failing for one in finished):
            await asyncio.to_thread(stage.cut_power)
            session.out.say(f"*** {stage.failing} has just lost its power, in the middle of a file ***")
            return
        await asyncio.sleep(0.02)


def _show(session: Session, report: SearchReport) -> None:
    from cratedig._cli.shown import outcome_lines, results_table  # noqa: PLC0415

    if session.out.as_json:
        return
    results_table(session.out, report.results)
    for line in outcome_lines(report, everything=True):
        session.out.line(line)


def _conclude(
    session: Session, report: SearchReport, downloads: list[Download], stage: Stage, music: Path
) -> int:
    from cratedig._cli.commands.search import as_document  # noqa: PLC0415
    from cratedig._cli.shown import summary  # noqa: PLC0415

    verified = sum(map(_is_there, downloads))
    whole = verified == len(stage.album.tracks)
    if session.out.as_json:
        told = {"failed_source": stage.failing, "folder": music, "verified": verified}
        session.out.document({**told, "search": as_document(report), "downloads": downloads})
    else:
        session.out.line()
        summary(session.out, downloads, everything=True)
        session.out.line(f"\n{verified} of {len(stage.album.tracks)} files are verified and in {music}")
    return Exit.OK if whole else Exit.FAILED


def _is_there(download: Download) -> bool:
    return bool(download.files) and all(
        file.path.is_file() and file.path.stat().st_size == file.size for file in download.files
    )


def _tidy(work: Path, music: Path) -> None:
    """Leave nothing but the music."""
    for path in work.iterdir():
        if path != music:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if not any(work.iterdir()):
        work.rmdir()
