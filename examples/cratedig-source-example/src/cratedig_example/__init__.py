"""Papershelf, an invented music service, as a source of cratedig."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attrs import field, frozen
from attrs.validators import matches_re

from cratedig import (
    Delivery,
    NotFound,
    Quality,
    Rate,
    RateLimits,
    RawSearchResult,
    Secret,
    SourceContext,
    SourceInfo,
    SourceSettings,
    hookimpl,
)
from cratedig.reading import mapping, number, require_items, require_mapping, text, whole


@frozen(kw_only=True)
class ExampleSettings(SourceSettings):
    """What stands under ``[sources.example]``."""

    base_url: str = field(default="", validator=matches_re(r"(https?://[^\s/]+)?"))
    """The shelf's address, without a slash at its end."""
    token: Secret | None = None
    """A personal access token, where the shelf asks for one."""


class Source:
    """Searches a shelf and brings its files in."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context

    @hookimpl
    def source_info(self) -> SourceInfo:
        """The shelf allows ten requests a second."""
        return SourceInfo(
            name="example",
            display_name="Papershelf",
            contract_version="1.0",
            limits=RateLimits(requests=Rate(10, 1.0)),
            settings_class=ExampleSettings,
        )

    @hookimpl
    def is_configured(self) -> bool:
        """There is no public shelf, so an address is needed."""
        return bool(self._context.settings.base_url)

    @hookimpl
    async def check_connection(self) -> bool:
        """Ask for one track, with the token."""
        return "tracks" in require_mapping(await self._ask("/api/search?q=a&limit=1"), "search")

    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        """Ask the shelf once."""
        answer = require_mapping(await self._ask(f"/api/search?q={quote(query)}&limit=50"), "search")
        tracks = map(mapping, require_items(answer.get("tracks"), "tracks"))
        return [_result(track) for track in tracks if text(track.get("id"))]

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Callable[..., None]) -> Delivery:
        """Look the track up for its checksum, then fetch its file."""
        key = quote(target_id, safe="")
        track = mapping(require_mapping(await self._ask(f"/api/tracks/{key}"), "track").get("track"))
        if not track:
            raise NotFound("the shelf has no such track")
        found = _result(track)
        path = await self._context.fetch(
            f"{self._context.settings.base_url}/files/{key}",
            f"track.{text(track.get('extension'))}",
            dest_dir=dest_dir,
            progress=progress,
            headers=self._headers(),
            size=found.size,
            digest=f"md5:{text(track.get('md5'))}" if track.get("md5") else None,
        )
        name = f"{found.artist} - {found.title}"
        return Delivery(path=path, duration=found.duration, size=found.size, quality=found.quality, name=name)

    async def _ask(self, path: str) -> Any:
        url = f"{self._context.settings.base_url}{path}"
        return await self._context.request_json("GET", url, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        token = self._context.settings.token
        return {"Authorization": f"Bearer {token}"} if token else {}


def _result(track: Mapping[str, Any]) -> RawSearchResult:
    return RawSearchResult(
        target_id=text(track.get("id")),
        title=text(track.get("title")),
        artist=text(track.get("artist")),
        album=text(track.get("album")),
        duration=number(track.get("seconds")),
        size=whole(track.get("bytes")),
        quality=Quality(codec=text(track.get("codec"))),
    )
