"""The hooks.

This distribution is longer than a source should be, for what the service itself brings: several servers that
stand in for each other (``instances``, ``addresses``), errors whose meaning is in their text (``answers``), a
queue to be asked after (``playback``), and three kinds of manifest (``manifests``). Pauses, retries,
transfers, files and records are the engine's here as everywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import evolve

from cratedig import (
    CorruptDownload,
    Delivery,
    NotConfigured,
    NotEntitled,
    NotFound,
    Quality,
    Rate,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceInfo,
    UnexpectedResponse,
    Wanted,
    hookimpl,
)
from cratedig.reading import text, texts
from cratedig.remux import flac_from_mp4
from cratedig_hifi.addresses import Instance
from cratedig_hifi.answers import ask
from cratedig_hifi.instances import Instances
from cratedig_hifi.manifests import Manifest
from cratedig_hifi.playback import Playback, Wish
from cratedig_hifi.settings import HifiSettings
from cratedig_hifi.tiers import Tier, allowed, catalogued, named
from cratedig_hifi.tracks import TARGET, read_search, read_track, unwrapped

LIMIT = 25
_PROBE_TIMEOUT = 5.0


class Source:
    """Tidal's catalogue through self-hosted hifi-api servers."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._known: Instances | None = None

    @hookimpl
    def source_info(self) -> SourceInfo:
        """Two requests a second: more gets the accounts behind public instances banned."""
        return SourceInfo(
            name="hifi",
            display_name="HiFi",
            contract_version="1.0",
            limits=RateLimits(requests=Rate(2, 1), concurrent_searches=2, concurrent_downloads=2),
            settings_class=HifiSettings,
            search_timeout=90,  # a list of instances, each with its own time-out
            stall_timeout=60,
        )

    @hookimpl
    def is_configured(self) -> bool:
        """Say yes where there is an instance to ask.

        :raises NotConfigured: there is none; says how to set one.
        """
        if not self._settings.instances:
            raise NotConfigured(
                "no instance is set: instances lists the addresses of your hifi-api servers",
                hint='set it under [sources.hifi], e.g. instances = ["http://127.0.0.1:8000"]',
            )
        return True

    @hookimpl
    def reload_settings(self) -> None:
        """Forget the instances and what was learnt of them."""
        self._known = None

    @hookimpl
    async def check_connection(self) -> bool:
        """Search for one track: ``/`` answers even where Tidal does not."""
        timeout = min(_PROBE_TIMEOUT, self._settings.instance_timeout)

        async def at(instance: Instance) -> list[RawSearchResult]:
            params = {"s": "test", "limit": 1}
            return read_search(
                await ask(self._context, instance, "/search/", params, timeout=timeout), self._best
            )

        await self._instances.first(at)
        return True

    @hookimpl
    async def search_raw(self, query: str, wanted: Wanted) -> list[RawSearchResult]:
        """Ask for the ISRC where there is one, else, or where that has nothing, for the words."""
        found: list[RawSearchResult] = []
        if wanted.isrc:
            try:
                found = await self._search({"i": text(wanted.isrc)})
            except (NotFound, UnexpectedResponse) as error:  # older versions know no such parameter
                self._context.log.info("not found by ISRC: %s", error)
        words = text(query)
        return found or (await self._search({"s": words, "limit": LIMIT}) if words else [])

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Delivery:
        """Find the manifest, then bring what it lists; addresses that have expired are asked for again."""
        if not TARGET.fullmatch(target_id):
            raise NotFound("the target is not the number of a track", target=target_id[:200])
        promise = self._context.promise or await self._about(target_id)
        welcome = allowed(self._best, self._context.preference, promise.quality)
        tiers = catalogued(welcome, texts(promise.extra.get("tags")))
        wish = Wish(target=target_id, seconds=promise.duration)
        tier, manifest = await self._playback.find(wish, tiers)
        try:
            path = await self._bring(tier, manifest, dest_dir, progress)
        except NotEntitled:  # 403 of the CDN: signatures last for about an hour
            tier, manifest = await self._playback.find(wish, (tier,))
            path = await self._bring(tier, manifest, dest_dir, progress)
        return Delivery(
            path=path,
            duration=promise.duration,
            quality=_quality(tier, manifest),
            name=" - ".join(filter(None, (promise.artist, promise.title))),
        )

    @hookimpl
    async def cancel_raw(self, target_id: str) -> bool:
        """Leave the queue of a busy instance, so that the place is free for others."""
        return await self._playback.give_up(target_id)

    @property
    def _settings(self) -> HifiSettings:
        settings: HifiSettings = self._context.settings
        return settings

    @property
    def _best(self) -> Tier:
        return named(self._settings.quality)

    @property
    def _instances(self) -> Instances:
        if self._known is None:
            self._known = Instances(self._settings.instances, self._context)
        return self._known

    @property
    def _playback(self) -> Playback:
        return Playback(self._context, self._instances)

    async def _search(self, params: dict[str, Any]) -> list[RawSearchResult]:
        async def at(instance: Instance) -> list[RawSearchResult]:
            return read_search(await self._ask(instance, "/search/", params), self._best)

        return await self._instances.first(at)

    async def _about(self, target_id: str) -> RawSearchResult:
        """Look up a target that no search has led to: without its length a preview may pass for the song."""

        async def at(instance: Instance) -> RawSearchResult:
            answer = unwrapped(await self._ask(instance, "/info/", {"id": int(target_id)}))
            track = read_track(answer, self._best)
            if track is None:
                raise UnexpectedResponse("the track is withdrawn, or described by something else")
            return track

        return await self._instances.first(at)

    async def _ask(self, instance: Instance, path: str, params: dict[str, Any]) -> Any:
        return await ask(self._context, instance, path, params, timeout=self._settings.instance_timeout)

    async def _bring(self, tier: Tier, manifest: Manifest, dest_dir: Path, progress: Any) -> Path:
        fetch, urls = self._context.fetch, manifest.urls
        if len(urls) == 1:
            path = await fetch(urls[0], f"{tier.word}.mp4", dest_dir=dest_dir, progress=progress)
        else:
            path = await self._context.fetch_segments(
                urls, f"{tier.word}.mp4", dest_dir=dest_dir, progress=progress
            )
        return await self._context.run_blocking(_unwrapped, path) if tier.flac else path


def _unwrapped(path: Path) -> Path:
    """Take FLAC out of MP4; a file that is FLAC already stays what it is. Blocking."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return flac_from_mp4(path)
    if not head:
        raise CorruptDownload("the file is empty")
    return path


def _quality(tier: Tier, manifest: Manifest) -> Quality:
    if not tier.flac:
        return tier.least
    return evolve(
        tier.least,
        bit_depth=manifest.bit_depth or tier.least.bit_depth,
        sample_rate=manifest.sample_rate or tier.least.sample_rate,
    )
