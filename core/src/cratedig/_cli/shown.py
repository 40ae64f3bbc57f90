"""Search results and downloads as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cratedig._model import Attempt, Download, DownloadState, Kind, SearchResult
from cratedig._search.report import SearchReport, SearchStatus

if TYPE_CHECKING:
    from cratedig._cli.output import Output

_QUIET = (SearchStatus.OK, SearchStatus.CACHED, SearchStatus.EMPTY)


def results_table(out: Output, results: Iterable[SearchResult]) -> None:
    """One row for each recording, numbered for `get`."""
    rows = [_result_row(number, result) for number, result in enumerate(results, 1)]
    out.table(("#>", "artist - title", "album", "time>", "quality", "match>", "source", "also at"), rows)


def _result_row(number: int, result: SearchResult) -> tuple[object, ...]:
    title = f"{result.title} [album]" if result.kind is Kind.ALBUM else result.title
    others = dict.fromkeys(other.source for other in result.alternates)
    return (
        number,
        " - ".join(part for part in (result.artist, title) if part),
        result.album,
        clock(result.duration),
        result.quality or "",
        f"{result.score:.2f}",
        result.source,
        ", ".join(others),
    )


def outcome_lines(report: SearchReport, *, everything: bool = False) -> Iterator[str]:
    """One line for each source that failed or was skipped, and why; with ``everything``, for all."""
    for outcome in report.outcomes.values():
        hint = f" ({outcome.hint})" if outcome.hint else ""
        if outcome.status not in _QUIET:
            yield f"{outcome.source} {outcome.status}: {outcome.reason}{hint}"
        elif everything:
            asked = ", ".join(map(repr, outcome.queries))
            found = f"{outcome.count} results in {outcome.took:.1f} s"
            yield f"{outcome.source} {outcome.status}: {found} for {asked}"
        yield from (f"{outcome.source}: left out: {problem}" for problem in outcome.problems if everything)


def downloads_table(out: Output, downloads: Iterable[Download]) -> None:
    """One row for each record."""
    columns = ("id", "name", "source", "state", "progress>", "quality", "since", "detail")
    out.table(columns, map(_download_row, downloads))


def _download_row(download: Download) -> tuple[object, ...]:
    percent = "" if download.state is DownloadState.ERRORED else f"{download.progress:.0f} %"
    who = (download.id[:8], download.display_name, download.source, download.state)
    return (*who, percent, download.quality_got or "", when(download.created_at), download.detail)


def summary(out: Output, downloads: Iterable[Download], *, everything: bool = False) -> None:
    """How each download ended: the qualities, the files, and every attempt where there was more than one.

    With ``everything`` the attempts of the others, too.
    """
    ended = list(downloads)
    columns = ("download", "state", "asked", "offered", "got", "source", "tries>", "files>")
    out.table(columns, map(_summary_row, ended))
    for download in ended:
        if everything or _has_story(download):
            for line in _story(download):
                out.line(line)
    files = [str(file.path) for download in ended for file in download.files]
    if files:
        out.line()
        out.line(f"{len(files)} {'file' if len(files) == 1 else 'files'}:")
    for file in files:
        out.line(f"  {file}")


def _summary_row(download: Download) -> tuple[object, ...]:
    asked, offered, got = qualities(download)
    tries = len(download.attempts)
    count = len(download.files) or ""
    return (download.display_name, download.state, asked, offered, got, download.source, tries, count)


def qualities(download: Download) -> tuple[str, str, str]:
    """What was asked for, offered and got."""
    offered, got = download.quality_offered, download.quality_got
    return download.quality_asked or "any", str(offered or "?"), str(got or "-")


def _has_story(download: Download) -> bool:
    return (
        download.state is not DownloadState.COMPLETED or len(download.attempts) != 1 or bool(download.detail)
    )


def _story(download: Download) -> Iterator[str]:
    yield ""
    yield f"{download.display_name} ({download.id[:8]}): {download.detail or download.state}"
    yield from (f"  missing: {name}" for name in download.missing)
    yield from attempt_lines(download.attempts)


def attempt_lines(attempts: Iterable[Attempt]) -> Iterator[str]:
    """What was tried, where, with what outcome and why."""
    for attempt in attempts:
        target = f" {attempt.target_id}" if attempt.target_id else " (search)"
        got = f", {size(attempt.received)}" if attempt.received else ""
        # The reason tells where, too; here that is said already.
        why = attempt.reason.removeprefix(attempt.source).removeprefix(target).removeprefix(": ")
        reason = f": {why}" if why else ""
        took = max(0.0, attempt.ended_at - attempt.started_at)
        ended = f"{attempt.outcome} after {took:.1f} s{got}{reason}"
        yield f"  {attempt.number}. {attempt.source}{target}: {ended}"


def clock(seconds: float | None) -> str:
    """``3:07``, ``1:02:03``; empty for what is unknown."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: float) -> str:
    """``12.3 MB``; powers of ten, as shops and file managers count."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:  # noqa: PLR2004
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def when(at: float) -> str:
    """Day and time in the person's own zone."""
    from datetime import datetime  # noqa: PLC0415

    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M") if at else ""
