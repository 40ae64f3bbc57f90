"""A source that costs nothing, so that what is measured is the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from cratedig import RateLimits, RawSearchResult, SourceInfo, hookimpl


class Instant:
    """Answers a search after ``delay`` seconds."""

    def __init__(self, name: str, delay: float = 0.0) -> None:
        self.name = name
        self.delay = delay

    @hookimpl
    def source_info(self) -> SourceInfo:
        """A name and generous limits."""
        limits = RateLimits(concurrent_downloads=8)
        return SourceInfo(name=self.name, display_name=self.name, contract_version="1.0", limits=limits)

    @hookimpl
    def is_configured(self) -> bool:
        """Always."""
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Always."""
        return True

    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        """One result, after the delay."""
        await asyncio.sleep(self.delay)
        return [RawSearchResult(target_id="1", title=query, artist="Artist", duration=200.0)]

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Callable[..., None]) -> Path:
        """Never called here: the benchmarks put their own work in the attempt's place."""
        raise NotImplementedError(target_id, dest_dir, progress)
