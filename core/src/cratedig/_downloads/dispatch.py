"""From what a caller hands over to a record that waits in a lane."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from random import getrandbits
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import evolve

from cratedig._downloads.record import Record
from cratedig._downloads.resolving import candidate_of
from cratedig._journal.port import WRITTEN
from cratedig._model import Candidate, DownloadState, Kind, Plan, QualityPreference, SearchResult, Wanted

if TYPE_CHECKING:
    from concurrent.futures import Future

    from cratedig._downloads.blocked import Blocklist
    from cratedig._downloads.outcomes import Outcomes
    from cratedig._downloads.table import Table
    from cratedig._runtime.sources import Sources

Target = SearchResult | tuple[str, str]


class Dispatching:
    """Makes records, and finds the one that is there already."""

    def __init__(
        self,
        table: Table,
        outcomes: Outcomes,
        blocklist: Blocklist,
        sources: Sources,
        *,
        remembers: bool,
    ) -> None:
        self._table = table
        self._outcomes = outcomes
        self._remembers = remembers
        self._blocklist = blocklist
        self._sources = sources

    def plan(
        self,
        target: Target,
        preference: QualityPreference | None,
        name: str,
        *,
        force: bool,
        partial: bool = False,
    ) -> Plan:
        """The plan for one chosen target: the target, and its alternates if it has any."""
        if isinstance(target, SearchResult):
            alternates = self._not_blocked(target.alternates, force=force)
            candidates = tuple(candidate_of(self._canonical(result)) for result in (target, *alternates))
            name = name or title_of(target)
            return Plan(candidates=candidates, quality=preference, name=name, force=force, partial=partial)
        source, target_id = target
        candidate = Candidate(source=self._sources.resolve(source), target_id=str(target_id))
        return Plan(candidates=(candidate,), quality=preference, name=name, force=force, partial=partial)

    def chain_plan(
        self,
        wish: SearchResult | Wanted | str,
        chain: Iterable[str],
        preference: QualityPreference | None,
        *,
        force: bool,
        partial: bool = False,
        ordered: bool = True,
    ) -> Plan:
        """The plan for a wish: a result's own candidates in the chain's order, then searches.

        A chain that nobody has ``ordered`` leaves the candidates as they are, the best first.
        """
        order = tuple(dict.fromkeys(self._sources.resolve(name) for name in chain))
        if not isinstance(wish, SearchResult):
            wanted = Wanted.of(wish)
            name = _wish_name(wanted)
            return Plan(
                chain=order, wanted=wanted, quality=preference, name=name, force=force, partial=partial
            )
        plan = self.plan(wish, preference, "", force=force, partial=partial)
        first, *others = plan.candidates
        others = [other for other in others if other.source in order]
        if ordered:
            others.sort(key=lambda candidate: order.index(candidate.source))
        candidates = (first, *others)
        left = tuple(name for name in order if name not in {candidate.source for candidate in candidates})
        return evolve(plan, candidates=candidates, chain=left, wanted=_wanted_of(wish))

    def record(
        self,
        plan: Plan,
        dest_dir: str | os.PathLike[str],
        *,
        display_name: str | None,
        extra: Mapping[str, Any] | None,
        priority: int,
        kind: Kind,
    ) -> Record:
        """A new record, or the one that has the same to do already."""
        path = os.fspath(dest_dir)
        folder = _folder(path, None if path.startswith(os.sep) else Path.cwd())
        first = plan.candidates[0] if plan.candidates else None
        name = display_name or plan.name or (first.target_id if first else "download")
        record = Record(
            str(UUID(int=getrandbits(128), version=4)),
            plan,
            folder,
            display_name=name,
            kind=kind,
            priority=priority,
            extra=extra,
        )
        record.quality_asked = _asked(plan.quality)
        return self._present(plan, folder) or self._table.add(record, _key(plan, folder, record.id))

    async def track_of(self, album: Record, track: SearchResult, folder: Path, name: str) -> str:
        """Queue a track of an album that is put together from tracks; the id of its download."""
        plan = self.plan(track, album.plan.quality, name, force=album.plan.force)
        record = self.record(
            plan,
            folder,
            display_name=name,
            extra={"album": album.id},
            priority=album.priority,
            kind=Kind.TRACK,
        )
        return await self.begin(record)

    def start(self, record: Record) -> Future[None]:
        """Write the record down and queue it."""
        record.claim(self._table.journal.owner)
        written = self._table.commit(record, None)
        if written is WRITTEN:
            self._outcomes.queue(record)
        else:
            written.add_done_callback(lambda _: self._outcomes.queue(record))
        return written

    async def begin(self, record: Record) -> str:
        """Start the record unless it has been started before; its id, once it is written down."""
        if record.claim(self._table.journal.owner):
            written = self.start(record)
            if written is not WRITTEN:
                await asyncio.wrap_future(written)
        return record.id

    def unblock(self, plan: Plan) -> None:
        """A person has chosen these: forget that they were given up."""
        for candidate in plan.candidates:
            self._blocklist.allow(candidate.source, candidate.target_id)

    def _present(self, plan: Plan, folder: Path) -> Record | None:
        """The completed record of the same target, when its file is still where it was published."""
        if plan.force or not plan.candidates:
            return None
        first = plan.candidates[0]
        here = self._table.completed(first.source, first.target_id)
        if here is not None and here.dest_dir == folder and here.file_path and here.file_path.exists():
            return here
        if not self._remembers:
            return None
        kept = self._table.journal.archived(first.source, first.target_id)
        if kept is None or kept.path.parent != folder:
            return None
        record = self._table.find(kept.download_id)
        if record is None:
            row = self._table.journal.row(kept.download_id)
            record = self._table.take_back(Record.from_row(row)) if row else None
        return record if record and record.state is DownloadState.COMPLETED else None

    def _canonical(self, result: SearchResult) -> SearchResult:
        name = self._sources.resolve(result.source)
        return result if name == result.source else evolve(result, source=name)

    def _not_blocked(self, results: Iterable[SearchResult], *, force: bool) -> list[SearchResult]:
        return [r for r in results if force or self._blocklist.reason(r.source, r.target_id) is None]


def title_of(result: SearchResult) -> str:
    """The file name, without extension, that a result is published under."""
    if result.kind is Kind.ALBUM:
        return " - ".join(part for part in (result.artist, result.album or result.title) if part)
    return " - ".join(part for part in (result.artist, result.title) if part)


@lru_cache(maxsize=64)
def _folder(path: str, base: Path | None) -> Path:
    """Absolute and without ``..``; links stay links. Cached, for one folder is given thousands of times."""
    return Path(os.path.normpath(base / path if base else path))


def _wish_name(wanted: Wanted) -> str:
    named = " - ".join(part for part in (wanted.artist, wanted.title or wanted.album) if part)
    return named or wanted.text.strip() or (wanted.isrc or "")


def _wanted_of(result: SearchResult) -> Wanted:
    album = result.kind is Kind.ALBUM
    return Wanted(
        artist=result.artist,
        title="" if album else result.title,
        album=(result.album or result.title) if album else result.album,
        duration=result.duration,
        isrc=result.isrc,
        year=result.year,
    )


def key_of(record: Record) -> Hashable:
    """What makes another record have the same to do."""
    return _key(record.plan, record.dest_dir, record.id)


def _key(plan: Plan, folder: Path, record_id: str) -> Hashable:
    if plan.force:
        return record_id
    if plan.candidates:
        first = plan.candidates[0]
        return (first.source, first.target_id, str(folder))
    return (plan.wanted, plan.chain, str(folder))


def _asked(preference: QualityPreference | None) -> str:
    if preference is None:
        return ""
    parts = [
        f"at least {preference.floor}" if preference.floor else "",
        f"at most {preference.ceiling}" if preference.ceiling else "",
        "/".join(preference.codecs),
    ]
    return ", ".join(part for part in parts if part)
