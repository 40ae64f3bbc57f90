"""A program with an event loop that finds and downloads music.

    python asyncio_host.py "artist - title" "another artist - title" --into music

It searches every source that is installed and set up, starts a download for each wish at once, prints
what happens, and says at the end where the files are.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import Sequence

from cratedig import Download, DownloadEngine, DownloadState


async def main(wishes: Sequence[str], folder: str) -> int:
    """Get every wish; how many have failed."""
    async with DownloadEngine.open() as engine:
        watching = asyncio.create_task(watch(engine))
        ids = [await engine.download_with_fallback(wish, dest_dir=folder) for wish in wishes]
        downloads = await asyncio.gather(*map(engine.wait, ids))
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    for download in downloads:
        print(told(download))
    return sum(download.state is not DownloadState.COMPLETED for download in downloads)


async def watch(engine: DownloadEngine) -> None:
    """Print each change of state."""
    async for event in engine.events():
        if event.before is not event.download.state:
            print(f"{event.download.display_name}: {event.download.state}")


def told(download: Download) -> str:
    """What became of a download, in a line."""
    if download.state is DownloadState.COMPLETED:
        return f"{download.file_path} ({download.quality_got}, from {download.source})"
    return f"{download.display_name}: {download.detail}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Find and download music.")
    parser.add_argument("wishes", nargs="+", metavar="'artist - title'")
    parser.add_argument("--into", default="music", metavar="FOLDER")
    given = parser.parse_args()
    raise SystemExit(asyncio.run(main(given.wishes, given.into)))
