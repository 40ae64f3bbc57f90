"""``cratedig search``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cratedig._cli import choices, lastsearch
from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import Session
from cratedig._cli.shown import outcome_lines, results_table

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine
    from cratedig._model import QualityPreference, Wanted
    from cratedig._search.report import SearchReport


@make_command("search")
@click.argument("query", nargs=-1)
@choices.wish_options
@choices.source_options
@choices.quality_options
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds to wait for answers.")
@click.option("--limit", type=click.IntRange(min=1), default=25, show_default=True, help="Rows to print.")
def command(
    session: Session,
    *,
    query: tuple[str, ...],
    artist: str,
    title: str,
    album: str,
    isrc: str | None,
    sources: tuple[str, ...],
    require: tuple[str, ...],
    quality: str | None,
    codecs: tuple[str, ...],
    timeout: float | None,
    limit: int,
) -> int:
    """Search all sources at once; one merged table.

    `cratedig get 3` then downloads the third result. A source that failed or was skipped is named below the
    table, with the reason.
    """
    wanted = choices.wanted_of(" ".join(query), artist, title, album, isrc)
    if wanted is None:
        raise click.UsageError("nothing to look for: give a QUERY, --artist, --title, --album or --isrc")
    preference = choices.preference_of(quality, codecs, session.settings.engine.quality.preference())

    async def work(engine: DownloadEngine) -> int:
        return await _search(session, engine, wanted, sources, preference, timeout, limit)

    return session.run(work, require=require)


async def _search(
    session: Session,
    engine: DownloadEngine,
    wanted: Wanted,
    sources: tuple[str, ...],
    preference: QualityPreference | None,
    timeout: float | None,
    limit: int,
) -> int:
    report = await engine.search(wanted, sources=sources or None, quality=preference, timeout=timeout)
    lastsearch.keep(session.settings.engine.state_dir, report.results)
    if session.out.as_json:
        session.out.document(as_document(report))
    else:
        _print(session, report, limit)
    return Exit.OK if report.results else Exit.NOTHING_FOUND


def as_document(report: SearchReport) -> dict[str, object]:
    """The whole report; each result with the number and the key that `get` takes."""
    from cratedig._cli.plain import as_plain  # noqa: PLC0415

    results = [
        {"number": number, "key": result.key, **as_plain(result)}
        for number, result in enumerate(report.results, 1)
    ]
    return {"wanted": report.wanted, "results": results, "outcomes": list(report.outcomes.values())}


def _print(session: Session, report: SearchReport, limit: int) -> None:
    if report.results:
        results_table(session.out, report.results[:limit])
        if len(report.results) > limit:
            session.out.line(f"… and {len(report.results) - limit} more; --limit shows them")
    for line in outcome_lines(report, everything=bool(session.verbose)):
        session.out.line(line)
    if not report.outcomes:
        session.out.say("No source is ready to be asked; `cratedig sources` says why.")
    elif not report.results:
        session.out.say("Nothing was found.")
