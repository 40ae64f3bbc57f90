"""``cratedig downloads``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import Session
from cratedig._model import Download, DownloadState

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine

STATES = {state.value.lower(): state for state in DownloadState}
WATCH_EVERY = 1.0


@make_command("downloads")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--state", type=click.Choice(list(STATES), case_sensitive=False), help="Only in this state.")
@click.option("--source", help="Only of this source.")
@click.option("--watch", is_flag=True, help="Show them until all have ended, or Ctrl-C.")
@click.option("--clear", is_flag=True, help="Forget those that have ended; files stay.")
def command(
    session: Session,
    ids: tuple[str, ...],
    state: str | None,
    source: str | None,
    watch: bool,
    clear: bool,
) -> int:
    """List the downloads of this and all other processes.

    With an ID, or the beginning of one: everything about that download, every attempt included.
    """
    wanted = STATES[state.lower()] if state else None

    async def work(engine: DownloadEngine) -> int:
        if clear:
            return await _clear(session, engine, wanted)
        if ids:
            return await _details(session, engine, ids)
        if watch and not session.out.as_json:
            return await _watch(session, engine, source, wanted)
        return _list(session, await engine.get_all_downloads(source, wanted))

    return session.run(work)


async def _clear(session: Session, engine: DownloadEngine, state: DownloadState | None) -> int:
    if state is not None and not state.terminal:
        raise click.UsageError(f"{state} downloads have not ended; `cratedig cancel` ends them")
    count = await (engine.clear_completed(states=[state]) if state else engine.clear_completed())
    if session.out.as_json:
        session.out.document({"cleared": count})
    else:
        session.out.line(f"{count} forgotten; their files are where they were")
    return Exit.OK


def _list(session: Session, downloads: list[Download]) -> int:
    from cratedig._cli.shown import downloads_table  # noqa: PLC0415

    if session.out.as_json:
        session.out.document({"downloads": downloads})
    elif downloads:
        downloads_table(session.out, downloads)
    else:
        session.out.say("There are no downloads.")
    return Exit.OK


async def _details(session: Session, engine: DownloadEngine, ids: tuple[str, ...]) -> int:
    from cratedig._cli.records import full_ids  # noqa: PLC0415

    found = [await engine.get_download_status(one) for one in await full_ids(engine, ids)]
    downloads = [download for download in found if download]
    if session.out.as_json:
        session.out.document({"downloads": downloads})
    else:
        _print_details(session, downloads)
    return Exit.OK


def _print_details(session: Session, downloads: Iterable[Download]) -> None:
    from cratedig._cli.shown import attempt_lines, qualities, when  # noqa: PLC0415

    for download in downloads:
        asked, offered, got = qualities(download)
        session.out.line(f"{download.id}  {download.display_name}")
        session.out.line(f"  state     {download.state} {download.progress:.0f} %  {download.detail}")
        session.out.line(f"  source    {download.source} {download.target_id}")
        session.out.line(f"  quality   asked {asked}, offered {offered}, got {got}")
        session.out.line(f"  since     {when(download.created_at)}")
        session.out.line(f"  file      {download.file_path or f'(goes to {download.dest_dir})'}")
        for line in attempt_lines(download.attempts):
            session.out.line(line)


async def _watch(
    session: Session, engine: DownloadEngine, source: str | None, state: DownloadState | None
) -> int:
    from cratedig._cli.shown import downloads_table  # noqa: PLC0415

    console = session.out.console()
    while True:
        downloads = await engine.get_all_downloads(source, state)
        if console.is_terminal:
            console.clear()
        downloads_table(session.out, downloads)
        if all(download.state.terminal for download in downloads):
            return Exit.OK
        await asyncio.sleep(WATCH_EVERY)
