"""The hooks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cratedig import (
    Delivery,
    NotEntitled,
    NotFound,
    QualityPreference,
    QualityUnavailable,
    Rate,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceInfo,
    hookimpl,
)
from cratedig.reading import text
from cratedig.ytdlp import YtDlp, chosen
from cratedig_youtube.results import live, playable, query_for, result
from cratedig_youtube.settings import YouTubeSettings
from cratedig_youtube.vocabulary import SAYINGS

_SITE = "https://www.youtube.com"
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_RANGE = 10 * 1024 * 1024
"""Bytes; YouTube slows a request for more than this down to the speed of playing."""


class Source:
    """YouTube, through yt-dlp."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._yt_dlp: YtDlp | None = None

    @hookimpl
    def source_info(self) -> SourceInfo:
        """Guests get about 300 videos an hour, and a video takes two requests."""
        return SourceInfo(
            name="youtube",
            display_name="YouTube",
            contract_version="1.0",
            limits=RateLimits(requests=Rate(150, 900), concurrent_searches=2, concurrent_downloads=3),
            settings_class=YouTubeSettings,
            homepage=_SITE,
        )

    @hookimpl
    def is_configured(self) -> bool:
        """Public videos need no settings."""
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Ask for the address that YouTube answers with nothing."""
        return (await self._context.http.get(f"{_SITE}/generate_204")).is_success

    @hookimpl
    def reload_settings(self) -> None:
        """Take the new settings from the next call on."""
        self._yt_dlp = None

    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        """Search for videos; the address of one is looked up. Two requests."""
        url = query_for(query, self._settings.search_results)
        entries = await self._lent().entries(url) if url else []
        logged_in = bool(self._settings.cookies_file)
        return [result(entry) for entry in entries if playable(entry, logged_in=logged_in)]

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Callable[..., None]) -> Delivery:
        """Bring in the best audio as it is. ``target_id`` is a video's id, or its address."""
        return await self._lent().download(
            _address(target_id),
            dest_dir,
            progress,
            accept=_accept,
            formats=partial(_best, wish=self._context.preference),
        )

    @property
    def _settings(self) -> YouTubeSettings:
        settings: YouTubeSettings = self._context.settings
        return settings

    def _lent(self) -> YtDlp:
        settings = self._settings
        clients = {"player_client": list(settings.player_client)} if settings.player_client else {}
        self._yt_dlp = self._yt_dlp or YtDlp(
            self._context,
            {"allowed_extractors": ["youtube", "youtube:search"], "extractor_args": {"youtube": clients}},
            options=settings.options,
            sayings=SAYINGS,
            cookies_file=settings.cookies_file,
            range_size=_RANGE,
        )
        return self._yt_dlp


def _best(formats: Sequence[Mapping[str, Any]], wish: QualityPreference | None) -> Mapping[str, Any]:
    """Sound without a picture, where there is such a thing; :func:`_accept` refuses the rest."""
    sound = [one for one in formats if one.get("vcodec") == "none" and one.get("acodec") != "none"]
    return chosen(sound, wish) if sound else formats[-1]


def _address(target_id: str) -> str:
    if "://" in target_id:
        return target_id
    if not _ID.fullmatch(target_id):
        raise NotFound("that is no video's id", hint="it has 11 characters, as in the video's address")
    return f"{_SITE}/watch?v={target_id}"


def _accept(info: Mapping[str, Any]) -> None:
    if live(info):
        raise NotEntitled("it is a live stream and not a recording")
    if text(info.get("vcodec")) not in ("", "none"):
        raise QualityUnavailable("YouTube offers it only together with its picture")
