"""Waiting for downloads, with bars where somebody looks at a terminal, with lines where nobody does."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from cratedig._model import Download, DownloadState

if TYPE_CHECKING:
    from cratedig._cli.output import Output
    from cratedig._cli.session import Session
    from cratedig._engine.engine import DownloadEngine

LOOK_EVERY = 0.2
MAX_BARS = 12


class Display(Protocol):
    """Shows where some downloads stand."""

    def update(self, downloads: Sequence[Download]) -> None:
        """Show them as they are now."""
        ...


async def follow(session: Session, engine: DownloadEngine, ids: Sequence[str]) -> list[Download]:
    """Wait until all have ended; their final snapshots, in the order of ``ids``."""
    waiting = {name: asyncio.ensure_future(engine.wait(name)) for name in dict.fromkeys(ids)}
    with _display(session) as display:
        while True:
            done, left = await asyncio.wait(waiting.values(), timeout=LOOK_EVERY)
            display.update([one for name in waiting if (one := await engine.get_download_status(name))])
            if not left:
                return [waiting[name].result() for name in ids]
            del done


@contextlib.contextmanager
def _display(session: Session) -> Iterator[Display]:
    if sys.stderr.isatty() and not session.verbose:
        from cratedig._cli.bars import bars  # noqa: PLC0415 - rich is for those who see it

        with bars(session.out, MAX_BARS) as display:
            yield display
    else:
        yield _Lines(session.out)


class _Lines:
    """A line for each download that has ended or goes on elsewhere."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._told: dict[str, str] = {}

    def update(self, downloads: Sequence[Download]) -> None:
        """Say what is new."""
        for download in downloads:
            line = _line(download)
            if line and self._told.get(download.id) != line:
                self._told[download.id] = line
                self._out.say(line)


def _line(download: Download) -> str:
    if download.state is DownloadState.COMPLETED:
        return f"done: {download.display_name} from {download.source} ({download.quality_got})"
    if download.state.terminal:
        return f"{download.state.lower()}: {download.display_name}: {download.detail}"
    return ""
