"""The hooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cratedig import (
    Delivery,
    NotFound,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceInfo,
    Wanted,
    hookimpl,
)
from cratedig_folder.delivery import deliver
from cratedig_folder.index import Entry, Index
from cratedig_folder.settings import DeliveryKind, FolderSettings
from cratedig_folder.targets import to_path, to_target

_LONGEST_TARGET = 4096


class Source:
    """Music files under the given paths, found by their tags."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._index: Index | None = None

    @hookimpl
    def source_info(self) -> SourceInfo:
        """Tell what the engine has to know; the first search reads every file, hence its time-out."""
        return SourceInfo(
            name="folder",
            display_name="Folder",
            contract_version="1.0",
            limits=RateLimits(concurrent_searches=1, concurrent_downloads=2),
            settings_class=FolderSettings,
            search_timeout=120,
        )

    @hookimpl
    def is_configured(self) -> bool:
        """Say whether a path is set."""
        return bool(self._settings.paths)

    @hookimpl
    async def check_connection(self) -> bool:
        """Look whether the folders are there."""
        return bool(await self._context.run_blocking(self._collection.roots))

    @hookimpl
    def reload_settings(self) -> None:
        """Forget the index: the paths may be others now."""
        self._index = None

    @hookimpl
    async def search_raw(self, query: str, wanted: Wanted) -> list[RawSearchResult]:
        """Bring the index up to date and look the words up."""
        found = await self._context.run_blocking(self._collection.search, query, wanted.isrc)
        return [result(entry) for entry in found if len(to_target(entry.path)) <= _LONGEST_TARGET]

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Delivery:
        """Copy or link the file."""
        path = to_path(target_id)
        entry = None if path is None else await self._context.run_blocking(self._collection.entry, path)
        if entry is None:
            raise NotFound("no such music file in the folders", hint="it may have been moved; search again")
        delivered = await self._context.run_blocking(
            deliver,
            entry.path,
            # The engine names the published file; the name it has here may be hostile.
            dest_dir / f"music{entry.path.suffix.lower()}",
            link=self._settings.delivery is DeliveryKind.LINK,
            progress=progress,
        )
        tags = entry.tags
        return Delivery(
            path=delivered,
            duration=tags.duration,
            size=entry.size,
            quality=tags.quality,
            name=" - ".join(part for part in (tags.artist, tags.title) if part)[:_LONGEST_TARGET],
        )

    @property
    def _settings(self) -> FolderSettings:
        settings: FolderSettings = self._context.settings
        return settings

    @property
    def _collection(self) -> Index:
        if self._index is None:
            self._index = Index(self._settings.paths, self._context.log)
        return self._index


def result(entry: Entry) -> RawSearchResult:
    """Make a search result of a file."""
    tags = entry.tags
    return RawSearchResult(
        target_id=to_target(entry.path),
        title=tags.title,
        artist=tags.artist,
        album=tags.album,
        duration=tags.duration,
        track_number=tags.track,
        year=tags.year,
        isrc=tags.isrc,
        quality=tags.quality,
        size=entry.size,
    )
