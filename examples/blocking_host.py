"""A program without an event loop: pick one of the results, then watch it come in.

    python blocking_host.py "artist - title" --into music --pick 1

Ctrl-C ends the program; nothing half-done is left in the folder.
"""

from __future__ import annotations

import argparse

from cratedig import DownloadState, SearchResult
from cratedig.blocking import DownloadEngine


def main(query: str, folder: str, pick: int) -> int:
    """Search, download the ``pick``-th result; 0 when a file is there."""
    with DownloadEngine.open() as engine:
        report = engine.search(query)
        for problem in report.failures:
            print(f"{problem.source}: {problem.reason}")
        for number, result in enumerate(report, 1):
            print(f"{number}. {result.artist} - {result.title} ({result.quality}) at {result.source}")
        if not 1 <= pick <= len(report):
            print("nothing to pick")
            return 1
        return download(engine, report.results[pick - 1], folder)


def download(engine: DownloadEngine, result: SearchResult, folder: str) -> int:
    """Get one result, and tell how far it is."""
    events = engine.events()
    download_id = engine.dispatch_download(result, dest_dir=folder)
    for event in events:
        if event.download.id == download_id:
            print(f"{event.download.state} {event.download.progress:.0f} %")
            if event.download.state.terminal:
                break
    done = engine.wait(download_id)
    print(done.file_path or done.detail)
    return 0 if done.state is DownloadState.COMPLETED else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Find and download one piece of music.")
    parser.add_argument("query", metavar="'artist - title'")
    parser.add_argument("--into", default="music", metavar="FOLDER")
    parser.add_argument("--pick", type=int, default=1, metavar="NUMBER")
    given = parser.parse_args()
    raise SystemExit(main(given.query, given.into, given.pick))
