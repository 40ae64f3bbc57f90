"""The hooks.

This distribution is longer than a source should be, for what Lidarr is: no service that hands out files but a
manager of others that do. An album has to be added and its tracks to be known before it can be searched for
(``library``); how it stands is spread over commands, queue, history and statistics (``commands``, ``queue``,
``history``, ``following``); and what was there before must stay (``jobs``, ``ending``). Pauses between tries,
deadlines, files and records are the engine's here as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

from cratedig import (
    Check,
    Kind,
    NotConfigured,
    Pending,
    Rate,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceInfo,
    Transfer,
    TransferUpdate,
    hookimpl,
)
from cratedig.reading import require_mapping, text
from cratedig_lidarr.albums import mbid, release_group, results
from cratedig_lidarr.api import SLOW, Api
from cratedig_lidarr.diagnosis import Diagnosis
from cratedig_lidarr.ending import Ending
from cratedig_lidarr.following import Following
from cratedig_lidarr.jobs import Notes
from cratedig_lidarr.library import Library
from cratedig_lidarr.settings import LidarrSettings

_HOW_TO_SET = "set them under [sources.lidarr] in `cratedig config path`, or as CRATEDIG_LIDARR__API_KEY etc."
_BRACKETS = re.compile(r"(?<!\s)\s*[(\[][^()\[\]]*[)\]]")


class Source:
    """Albums by way of the person's own Lidarr."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._api = Api(context)
        notes = Notes(context)
        self._library = Library(context, self._api, notes)
        self._ending = Ending(context, self._api, notes)

    @hookimpl
    def source_info(self) -> SourceInfo:
        """Look-ups go to a metadata server that everybody shares: one at a time, and none in a hurry.

        Albums are added one at a time as well, so a record finds the job that another has begun for the same
        album. An hour without a byte is nothing unusual for a torrent.
        """
        return SourceInfo(
            name="lidarr",
            display_name="Lidarr",
            contract_version="1.0",
            delivers={Kind.ALBUM},
            transfer=Transfer.EVENTS,
            limits=RateLimits(requests=Rate(10, 5), concurrent_searches=1, concurrent_downloads=1),
            settings_class=LidarrSettings,
            search_timeout=SLOW,
            stall_timeout=3600,
            homepage="https://lidarr.audio",
        )

    @hookimpl
    def is_configured(self) -> bool:
        """Look for address and key."""
        settings: LidarrSettings = self._context.settings
        if problem := settings.problem():
            raise NotConfigured(problem, hint=_HOW_TO_SET)
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Ask who is there, with the key."""
        about = require_mapping(await self._api.get("/system/status"), "status")
        return text(about.get("appName")) == "Lidarr"

    @hookimpl
    async def diagnose_raw(self) -> list[Check]:
        """Look at everything that has to be right."""
        return await Diagnosis(self._context, self._api).checks()

    @hookimpl
    def query_ladder(self, query: str) -> list[str]:
        """One shorter query, without what stands in brackets; the metadata server forgives the rest."""
        return [_BRACKETS.sub("", query).strip()]

    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        """Look albums up; an id of MusicBrainz finds the one release group."""
        term = f"lidarr:{mbid(query)}" if mbid(query) else query
        return results(await self._api.get("/album/lookup", params={"term": term}, timeout=SLOW))

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path) -> Pending:  # noqa: ARG002 - it stays empty until then
        """Have the album in Lidarr's library; ``watch_raw`` does the rest."""
        return Pending((await self._library.begin(release_group(target_id), self._context.download_id)).id)

    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        """Look every ``poll_interval`` seconds; search for an album as soon as its tracks are known."""
        following = Following(self._context, self._api)
        async for _ in self._context.ticks(self._api.settings.poll_interval):
            async for update in following.news(self._context.transfers()):
                yield update

    @hookimpl
    async def cancel_raw(self, target_id: str, transfer_id: str) -> bool:
        """End search and downloads of the album at Lidarr, unless another record waits for it."""
        return await self._ending.over(release_group(target_id), transfer_id, self._ending.stop)

    @hookimpl
    async def tidy_raw(self, target_id: str, transfer_id: str) -> None:
        """Leave the library as it was, as far as the settings want that; files stay in any case."""
        await self._ending.over(release_group(target_id), transfer_id, self._ending.drop_failed)
