"""The hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cratedig import (
    Delivery,
    NotConfigured,
    Rate,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceInfo,
    hookimpl,
)
from cratedig.ytdlp import YtDlp
from cratedig_soundcloud.results import address_of, is_address, is_ours, is_track, result
from cratedig_soundcloud.settings import SoundCloudSettings
from cratedig_soundcloud.streams import ORDER, best, refuse_preview
from cratedig_soundcloud.vocabulary import SAYINGS

_ARTWORK = r"https?://[ai]1\.sndcdn\.com/"
"""yt-dlp asks for the picture of every hit, to see whether it is a PNG."""

_LOOKING: Mapping[str, Any] = {
    "allowed_extractors": ["soundcloud", "soundcloud:set"],
    "extractor_args": {"soundcloud": {"formats": ["none"]}},
    "ignore_no_formats_error": True,
}
"""For what is shown and not downloaded: each stream that is looked up counts against the limit."""


class Source:
    """SoundCloud, through yt-dlp."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context

    @hookimpl
    def source_info(self) -> SourceInfo:
        """SoundCloud allows about 600 requests in ten minutes; a download takes up to six."""
        return SourceInfo(
            name="soundcloud",
            display_name="SoundCloud",
            contract_version="1.0",
            limits=RateLimits(requests=Rate(25, 30), concurrent_searches=2, concurrent_downloads=3),
            settings_class=SoundCloudSettings,
            homepage="https://soundcloud.com",
        )

    @hookimpl
    def is_configured(self) -> bool:
        """Public tracks need no settings; what is set must make sense."""
        if problem := self._settings.problem():
            raise NotConfigured(problem, hint="or leave it out: public tracks need no login")
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Search for one track, with the present login."""
        await self._lent().entries("scsearch1:music")
        return True

    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        """Search for tracks; the address of one, or of a set, is looked up."""
        return [result(entry) for entry in await self._entries(query) if is_track(entry)]

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Callable[..., None]) -> Delivery:
        """Bring in the best stream as it is. ``target_id`` is a track's number, or its address."""
        logged_in = self._settings.token is not None
        wish = self._context.preference

        def choose(formats: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
            return best(formats, wish, logged_in=logged_in)

        refuse = partial(refuse_preview, logged_in=logged_in)
        return await self._lent().download(
            address_of(target_id), dest_dir, progress, accept=refuse, formats=choose
        )

    @property
    def _settings(self) -> SoundCloudSettings:
        settings: SoundCloudSettings = self._context.settings
        return settings

    async def _entries(self, query: str) -> list[Mapping[str, Any]]:
        count = self._settings.search_results
        if not is_address(query):
            return await self._lent().entries(f"scsearch{count}:{query}")
        if not is_ours(query):
            return []
        # The members of a set have no titles before they are looked up.
        return await self._lent(**_LOOKING, playlistend=count).entries(query, flat=False)

    def _lent(self, **params: Any) -> YtDlp:
        settings = self._settings
        login = {"username": "oauth", "password": settings.token} if settings.token else {}
        if settings.token:
            self._context.conceal(str(settings.token))  # the setting may hold more than the token itself
        own = {"allowed_extractors": ["soundcloud", "soundcloud:search"], "format_sort": ORDER}
        return YtDlp(
            self._context,
            {**own, **login, **params},
            options=settings.options,
            sayings=SAYINGS,
            unneeded=_ARTWORK,
        )
