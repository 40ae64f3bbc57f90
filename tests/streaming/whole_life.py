"""A host program that does everything with an engine, once for each line that it reads, and tells everything.

python whole_life.py <settings> <journal> <log file> <target at source=id>...
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

from cratedig import DownloadEngine, Wanted

NAMES = ("deezer", "hifi", "qobuz", "tidal")


class Everything(logging.FileHandler):
    """Writes the line, then all that the record has."""

    def format(self, record: logging.LogRecord) -> str:
        error = "" if not record.exc_info else repr(record.exc_info[1])
        return f"{super().format(record)} {vars(record)!r} {error}"


def tell(*things: object) -> None:
    """Print what people and programs could print."""
    for thing in things:
        sys.stdout.write(f"{thing!r} {thing!s}\n")


async def tried(work: Awaitable[object]) -> None:
    """Tell the result, or the exception in each of its forms."""
    try:
        tell(await work)
    except Exception as error:  # noqa: BLE001 - whatever it is, it may show a secret
        tell(error, error.args, vars(error))
        traceback.print_exc()


@asynccontextmanager
async def told_events(engine: DownloadEngine) -> AsyncIterator[None]:
    """Tell every event meanwhile."""

    async def tell_all() -> None:
        async for event in engine.events():
            tell(event)

    task = asyncio.create_task(tell_all())
    try:
        yield
    finally:
        task.cancel()


async def once(engine: DownloadEngine, targets: dict[str, str], music: Path) -> None:
    """Look at everything, search, download from each and along the chain, cancel one."""
    await tried(engine.diagnose(NAMES))
    await tried(engine.examine(NAMES))
    await tried(engine.search("The Brass Lanterns The Crossing"))
    await tried(engine.search("zqxwv jjkqz"))
    ids = [
        await engine.dispatch_download((source, target), dest_dir=music / source, force=True)
        for source, target in targets.items()
    ]
    for one in ids:
        await tried(engine.wait(one))
    wish = Wanted(artist="The Brass Lanterns", title="The Crossing")
    await tried(engine.wait(await engine.download_with_fallback(wish, NAMES, dest_dir=music, force=True)))
    late = await engine.dispatch_download(("tidal", targets["tidal"]), dest_dir=music, force=True)
    await tried(engine.cancel_download(late))
    await tried(engine.login("tidal", tell))
    await tried(engine.login("qobuz", tell))
    await tried(engine.reload_settings())
    tell(engine, engine.sources(), await engine.get_all_downloads())
    for name in NAMES:
        source = engine.client(name)
        tell(source, vars(source), *vars(source).values())


async def main(settings: Path, journal: Path, targets: dict[str, str]) -> None:
    async with DownloadEngine.open(settings, journal=journal) as engine, told_events(engine):
        while line := await asyncio.to_thread(sys.stdin.readline):
            tell(line)
            await once(engine, targets, settings.parent / "music")
            sys.stderr.write(f"did {line}")
            sys.stderr.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.NOTSET, handlers=[Everything(sys.argv[3], encoding="utf-8")])
    pairs = dict(pair.split("=") for pair in sys.argv[4:])
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), pairs))
