"""Progress bars."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from cratedig._cli.output import Output, printable
from cratedig._model import Download, DownloadState

NAME = 44


class Bars:
    """One bar for all, and one for each download that is under way."""

    def __init__(self, progress: Progress, most: int) -> None:
        self._progress = progress
        self._most = most
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()

    def update(self, downloads: Sequence[Download]) -> None:
        """Show them as they are now; one that has ended becomes a line above the bars."""
        for download in downloads:
            if download.state.terminal:
                self._end(download)
            elif download.state is DownloadState.IN_PROGRESS or download.id in self._tasks:
                self._show(download)

    def _show(self, download: Download) -> None:
        if download.id not in self._tasks:
            if len(self._tasks) >= self._most:
                return
            self._tasks[download.id] = self._progress.add_task("", total=None)
        self._progress.update(
            self._tasks[download.id],
            description=_label(download),
            completed=download.transferred,
            total=download.size,
        )

    def _end(self, download: Download) -> None:
        if download.id in self._ended:
            return
        self._ended.add(download.id)
        if download.id in self._tasks:
            self._progress.remove_task(self._tasks.pop(download.id))
        good = download.state is DownloadState.COMPLETED
        told = f"{download.source}, {download.quality_got}" if good else download.detail
        line = Text("✓ " if good else "✗ ", style="green" if good else "red")
        self._progress.console.print(line + Text(printable(f"{download.display_name}: {told}")))


@contextlib.contextmanager
def bars(out: Output, most: int) -> Iterator[Bars]:
    """Bars on stderr while the block lasts."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=out.console(err=True), transient=True) as progress:
        yield Bars(progress, most)


def _label(download: Download) -> str:
    name = printable(download.display_name)
    shown = name if len(name) <= NAME else f"{name[: NAME - 1]}…"
    state = download.source if download.state is DownloadState.IN_PROGRESS else download.detail[:NAME]
    return f"{shown:<{NAME}} {printable(state)}"
