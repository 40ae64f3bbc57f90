"""``cratedig get``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from cratedig._cli import choices
from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import GOODBYE, Session

if TYPE_CHECKING:
    from cratedig._cli.items import Item
    from cratedig._engine.engine import DownloadEngine
    from cratedig._model import Download, QualityPreference


@make_command("get")
@click.argument("what", nargs=-1)
@choices.wish_options
@click.option(
    "--from",
    "list_file",
    type=click.File(encoding="utf-8"),
    help="Take the items from this file, - for stdin: one a line, # for comments, JSON objects, or CSV.",
)
@click.option("--dest", type=click.Path(path_type=Path, file_okay=False), help="The folder for the files.")
@click.option("--force", is_flag=True, help="Download again what is there, and what was given up before.")
@click.option(
    "--partial", is_flag=True, help="Take an album that lacks tracks, too; what it lacks is listed."
)
@click.option(
    "--across",
    is_flag=True,
    help="Put an album that no source has together from tracks, or take a track out of its album.",
)
@choices.source_options
@choices.quality_options
@click.option("--exact-quality", is_flag=True, help="Refuse a file that is worse than was offered.")
def command(
    session: Session,
    *,
    what: tuple[str, ...],
    artist: str,
    title: str,
    album: str,
    isrc: str | None,
    list_file: TextIO | None,
    dest: Path | None,
    force: bool,
    partial: bool,
    across: bool,
    sources: tuple[str, ...],
    require: tuple[str, ...],
    quality: str | None,
    codecs: tuple[str, ...],
    exact_quality: bool,
) -> int:
    """Download by name, by number of the last search, by key, or from a list.

    Each WHAT is a name in quotes ("artist - title"), a number of the last search, or a key such as
    archive:IDENTIFIER. When a source fails, the next one is tried, and the summary tells every attempt. One
    item that fails stops no other.

    Ctrl-C, a crash or a power cut loses nothing: `cratedig resume` goes on.
    """
    usual = session.settings.engine.quality.preference()
    preference = choices.preference_of(quality, codecs, usual)
    if exact_quality:
        preference = _exact(preference or usual)
    wanted = choices.wanted_of("", artist, title, album, isrc)
    listed = list_file.read() if list_file else ""

    async def work(engine: DownloadEngine) -> int:
        items = _items(session, engine, what, listed)
        items = [wanted, *items] if wanted else items
        if not items:
            raise click.UsageError(
                "nothing to get: give a WHAT, --artist, --title, --album, --isrc or --from"
            )
        how = {"dest_dir": dest, "force": force, "quality": preference, "partial": partial}
        return await get(session, engine, items, sources or None, across=across, **how)

    return session.run(work, require=require)


QUEUING = "Interrupted. {queued} of {wished} are queued; `cratedig resume` goes on with those."


async def get(
    session: Session,
    engine: DownloadEngine,
    items: Iterable[Item],
    chain: tuple[str, ...] | None,
    *,
    across: bool = False,
    **how: Any,
) -> int:
    """Queue everything first, so that it is on record, then wait, then tell how it went."""
    from cratedig._cli.following import follow  # noqa: PLC0415

    wishes, ids = list(items), []
    for item in wishes:
        ids.append(await _dispatch(engine, item, chain, how, across=across))
        session.goodbye = QUEUING.format(queued=len(ids), wished=len(wishes))
    session.goodbye = GOODBYE
    return conclude(session, await follow(session, engine, ids))


def conclude(session: Session, downloads: list[Download]) -> int:
    """Print the summary; the exit code that it deserves."""
    from cratedig._cli.shown import summary  # noqa: PLC0415

    if session.out.as_json:
        session.out.document({"downloads": downloads})
    else:
        summary(session.out, downloads)
    return exit_of(downloads)


def exit_of(downloads: Iterable[Download]) -> Exit:
    """Whether all went well, something failed, or nothing was there to be found."""
    from cratedig._model import DownloadState  # noqa: PLC0415

    failed = [download for download in downloads if download.state is not DownloadState.COMPLETED]
    if not failed:
        return Exit.OK
    return Exit.NOTHING_FOUND if failed == downloads and _not_found(failed) else Exit.FAILED


def _not_found(downloads: Iterable[Download]) -> bool:
    return all(download.code == "not-found" for download in downloads)


async def _dispatch(
    engine: DownloadEngine, item: Item, chain: tuple[str, ...] | None, how: dict[str, Any], *, across: bool
) -> str:
    if isinstance(item, tuple):
        return await engine.dispatch_download(item, **how)
    return await engine.download_with_fallback(item, chain, across_kinds=across, **how)


def _items(session: Session, engine: DownloadEngine, words: Iterable[str], listed: str) -> list[Item]:
    from cratedig._cli.items import Reader  # noqa: PLC0415
    from cratedig._cli.lastsearch import last  # noqa: PLC0415

    names = {name for status in engine.sources() for name in (status.name, *status.aliases)}
    reader = Reader(last(session.settings.engine.state_dir), names)
    return [*map(reader.word, words), *reader.lines(listed)]


def _exact(preference: QualityPreference) -> QualityPreference:
    from attrs import evolve  # noqa: PLC0415

    return evolve(preference, accept_lower=False)
