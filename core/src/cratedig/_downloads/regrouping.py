"""Across kinds: an album put together from tracks of several sources, a track taken out of an album.

Only where the caller wants that, and only after every source of the chain has failed to deliver it whole.
The tracks of an album are downloads of their own; the album's record waits for them in no worker.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from cratedig._downloads import survivor
from cratedig._downloads.resolving import candidate_of
from cratedig._downloads.settling import TRACKS
from cratedig._downloads.staged import staging_of
from cratedig._downloads.table import EngineClosed
from cratedig._errors import CratedigError, NotFound, SourceError, UnknownDownload
from cratedig._model import Candidate, Download, DownloadState, Kind, SearchResult, Wanted
from cratedig._plugins import AlbumFile, Delivery

if TYPE_CHECKING:
    from cratedig._downloads.delivering import Delivering
    from cratedig._downloads.dispatch import Dispatching
    from cratedig._downloads.outcomes import Outcomes
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._downloads.table import Table
    from cratedig._matching.tracklist import Tracklist
    from cratedig._runtime.source import Source
    from cratedig._runtime.sources import Sources
    from cratedig._search.search import Searching

log = logging.getLogger("cratedig.downloads")

GATHERING = "gathering its tracks"


class Regrouping:
    """Runs on the loop of the lane that had the last turn."""

    def __init__(
        self,
        table: Table,
        outcomes: Outcomes,
        delivering: Delivering,
        searching: Searching,
        dispatching: Dispatching,
        sources: Sources,
        minimum_match: float,
    ) -> None:
        self._table = table
        self._outcomes = outcomes
        self._delivering = delivering
        self._searching = searching
        self._dispatching = dispatching
        self._sources = sources
        self._minimum_match = minimum_match
        self._under_way: set[asyncio.Task[None]] = set()

    async def begin(self, record: Record, source: Source) -> None:
        """Try the other kind; for an album this returns at once, its record goes on by itself."""
        if record.kind is Kind.TRACK and not record.extra.get(TRACKS):
            await self._albums_with(record)
            return
        run = record.begin(Candidate(source=source.name, target_id=TRACKS))
        if run is None:
            return
        run.phase = GATHERING
        self._table.commit(record, DownloadState.INITIALIZING)
        task = asyncio.get_running_loop().create_task(self._gather(record, run, source))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _albums_with(self, record: Record) -> None:
        """Add the albums that should hold the track to its candidates."""
        from cratedig._matching import matches  # noqa: PLC0415 - rapidfuzz is loaded when first used

        wanted = record.plan.wanted
        if wanted is None or not wanted.album:
            self._outcomes.ended(record, None, NotFound("no source has it, and its album is not known"))
            return
        wish = Wanted(artist=wanted.artist, album=wanted.album)
        found = await self._found(wish, record)
        albums = [one for one in found if one.kind is Kind.ALBUM and matches(one, wish, self._minimum_match)]
        if not albums:
            self._outcomes.ended(record, None, NotFound("no source has it, nor an album that it is on"))
        elif record.found(tuple(candidate_of(album) for album in albums), last=True):
            self._table.commit(record, record.state)
            self._outcomes.queue(record)

    async def _gather(self, record: Record, run: Run, source: Source) -> None:
        try:
            delivery = survivor.find(staging_of(record).path) or await self._gathered(record)
            finish = partial(self._delivering.finish, record, run, delivery, staging_of(record), None)
            await asyncio.get_running_loop().run_in_executor(source.lane.pool, finish)
        except SourceError as error:
            self._outcomes.failed(record, run, error, None)
        except OSError as error:
            problem = CratedigError(f"cannot write to {record.dest_dir}: {error.strerror or error}")
            self._outcomes.ended(record, run, problem)
        except EngineClosed:
            # The tracks go on when it is opened again, and then the album does.
            return
        except Exception as error:
            if source.lane.closing:
                return
            log.exception("%s: an error of the engine", record.id)
            self._outcomes.ended(record, run, CratedigError(f"an error of the engine: {error!r}"))
        if record.state.terminal:
            self._table.remove(record.extra.get(TRACKS, ()))

    async def _gathered(self, record: Record) -> Delivery:
        missing = await self._dispatched(record)
        ended = [await self._end_of(track) for track in record.extra[TRACKS]]
        return _delivery(record, ended, missing)

    async def _dispatched(self, record: Record) -> tuple[str, ...]:
        """Queue the tracks, unless an earlier process has; what is missing from the start.

        :raises NotFound: the sources do not have all of them between them, and all are wanted.
        """
        if record.extra.get(TRACKS):
            return tuple(record.extra.get("missing_tracks", ()))
        listed = await self._listed(record)
        folder = staging_of(record).create() / TRACKS
        names = [_name(number, track) for number, track in enumerate(listed.tracks, 1)]
        pairs = zip(listed.tracks, names, strict=True)
        ids = [await self._dispatching.track_of(record, track, folder, name) for track, name in pairs]
        record.extra = {**record.extra, TRACKS: ids, "missing_tracks": list(listed.missing)}
        self._table.commit(record, record.state)
        return listed.missing

    async def _listed(self, record: Record) -> Tracklist:
        from cratedig._matching.tracklist import tracklist  # noqa: PLC0415 - rapidfuzz, when first used

        wanted = record.plan.wanted
        if wanted is None:
            raise NotFound("nothing is known of it to search for")
        found = await self._found(wanted, record)
        listed = tracklist(found, wanted, _count(record), self._minimum_match)
        if not listed.tracks:
            raise NotFound("no source has it as an album, and none has tracks of it")
        if listed.missing and not record.plan.partial:
            raise NotFound(
                f"no source has it as an album, and of its tracks nobody has {', '.join(listed.missing)}"
            )
        return listed

    async def _found(self, wanted: Wanted, record: Record) -> list[SearchResult]:
        engine = self._sources.settings.engine
        report = await self._searching.all(
            wanted, record.plan.across, engine.preference, engine.search_timeout
        )
        return list(report.results)

    async def _end_of(self, download_id: str) -> Download:
        """How a track ended; one of an earlier process may be known to the journal alone.

        :raises NotFound: somebody has removed it.
        """
        try:
            return await asyncio.wrap_future(self._table.waiter(download_id))
        except UnknownDownload as error:
            row = self._table.journal.row(download_id)
            if row is None:
                raise NotFound("one of its tracks was removed from the downloads") from error
            return row.download


def _delivery(record: Record, ended: list[Download], missing: tuple[str, ...]) -> Delivery:
    whole = [one for one in ended if one.state is DownloadState.COMPLETED and one.file_path]
    failed = tuple(f"{one.display_name}: {one.detail}" for one in ended if one not in whole)
    files = [AlbumFile(path=one.file_path, name=one.display_name) for one in whole if one.file_path]
    if not files:
        raise NotFound(f"none of its tracks could be had: {'; '.join(failed)}")
    return Delivery(path=staging_of(record).path / TRACKS, files=files, missing=(*missing, *failed))


def _count(record: Record) -> int | None:
    """How many tracks the album has, by what any of the failed candidates promised."""
    promises = [candidate.promise for candidate in record.plan.candidates if candidate.promise]
    return next((one.track_count for one in promises if one.track_count), None)


def _name(number: int, track: SearchResult) -> str:
    return f"{track.track_number or number:02d} - {track.title}"
