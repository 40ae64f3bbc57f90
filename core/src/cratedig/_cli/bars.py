"""Progress bars."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from rich.progress import (
    BarColumn,
    Progress,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column
from rich.text import Text

from cratedig._cli.output import Output, printable
from cratedig._model import Download, DownloadState


class Bars:
    """One bar for all, and one for each download that is under way."""

    def __init__(self, progress: Progress, most: int) -> None:
        self._progress = progress
        self._most = most
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()
        self._all: TaskID | None = None

    def update(self, downloads: Sequence[Download]) -> None:
        """Show them as they are now; one that has ended becomes a line above the bars."""
        self._count(downloads)
        for download in downloads:
            if download.state.terminal:
                self._end(download)
            elif download.state is DownloadState.IN_PROGRESS or download.id in self._tasks:
                self._show(download)

    def _count(self, downloads: Sequence[Download]) -> None:
        if len(downloads) < 2:  # noqa: PLR2004 - one download needs no bar for all
            return
        if self._all is None:
            self._all = self._progress.add_task("", total=None, counts=True)
        done = sum(download.state.terminal for download in downloads)
        percent = sum(100.0 if d.state.terminal else d.progress for d in downloads) / len(downloads)
        self._progress.update(
            self._all, description=f"{done} of {len(downloads)}", completed=percent, total=100
        )

    def _show(self, download: Download) -> None:
        if download.id not in self._tasks:
            if len(self._tasks) >= self._most:
                return
            self._tasks[download.id] = self._progress.add_task(_label(download), total=None)
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


class _Speed(TransferSpeedColumn):
    """The speed of one download; the bar for all counts downloads and has none."""

    def render(self, task: Task) -> Text:
        """Draw it."""
        return Text("") if task.fields.get("counts") else super().render(task)


@contextlib.contextmanager
def bars(out: Output, most: int) -> Iterator[Bars]:
    """Bars on stderr while the block lasts."""
    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
        BarColumn(bar_width=12),
        TaskProgressColumn(),
        _Speed(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=out.console(err=True), transient=True, expand=True) as progress:
        yield Bars(progress, most)


def _label(download: Download) -> str:
    under_way = download.state is DownloadState.IN_PROGRESS
    return printable(f"{download.display_name} · {download.source if under_way else download.detail}")
