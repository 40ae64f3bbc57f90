"""The hooks.

This distribution is longer than a source should be, for what the service itself brings: errors whose meaning
is in their text (``answers``), two routes to the same audio with forks that answer in their own ways
(``offers``), and a queue to be asked after (``playback``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cratedig import (
    Delivery,
    NotConfigured,
    NotFound,
    Rate,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceInfo,
    UnexpectedResponse,
    Wanted,
    hookimpl,
)
from cratedig.failover import Server, Servers
from cratedig.manifests import Manifest, fetch_audio
from cratedig.reading import text, texts
from cratedig.tiers import Tier
from cratedig_hifi.answers import BadRequest, Busy, ask
from cratedig_hifi.playback import Playback
from cratedig_hifi.settings import HifiSettings
from cratedig_hifi.tiers import HIRES, LADDER, catalogued
from cratedig_hifi.tracks import TARGET, read_search, read_track, unwrapped

LIMIT = 25
_PROBE_TIMEOUT = 5.0


class Source:
    """Tidal's catalogue through self-hosted hifi-api servers."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._known: Servers | None = None

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
        await self._search({"s": "test", "limit": 1}, timeout)
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
        stream = await self._playback.find(target_id, promise.duration, self._tiers(promise))

        async def renew() -> Manifest:
            again = await self._playback.find(target_id, promise.duration, (stream.tier,))
            return again.manifest

        path = await fetch_audio(
            self._context,
            stream.manifest,
            stream.tier.name,
            dest_dir=dest_dir,
            progress=progress,
            renew=renew,
        )
        name = " - ".join(filter(None, (promise.artist, promise.title)))
        return Delivery(path=path, duration=promise.duration, quality=stream.quality, name=name)

    @hookimpl
    async def cancel_raw(self, target_id: str) -> bool:
        """Leave the queue of a busy instance, so that the place is free for others."""
        return await self._playback.give_up(target_id)

    @property
    def _settings(self) -> HifiSettings:
        settings: HifiSettings = self._context.settings
        return settings

    def _tiers(self, promise: RawSearchResult) -> tuple[Tier, ...]:
        """What to ask for; a floor above the setting is a wish for this one download, and counts for more."""
        preference, offered = self._context.preference, promise.quality
        usual = LADDER.down(self._settings.quality, preference, offered)
        tiers = usual or LADDER.down(HIRES.name, preference, offered)[-1:]
        return catalogued(tiers, texts(promise.extra.get("tags")))

    @property
    def _instances(self) -> Servers:
        if self._known is None:
            self._known = Servers(self._settings.instances, self._context, final=(BadRequest, Busy))
        return self._known

    @property
    def _playback(self) -> Playback:
        return Playback(self._context, self._instances)

    async def _search(self, params: dict[str, Any], timeout: float | None = None) -> list[RawSearchResult]:
        async def at(instance: Server) -> list[RawSearchResult]:
            answer = await ask(self._context, instance, "/search/", params, timeout=timeout)
            return read_search(answer, self._settings.quality)

        return await self._instances.first(at)

    async def _about(self, target_id: str) -> RawSearchResult:
        """Look up a target that no search has led to: without its length a preview may pass for the song."""

        async def at(instance: Server) -> RawSearchResult:
            answer = unwrapped(await ask(self._context, instance, "/info/", {"id": int(target_id)}))
            track = read_track(answer, self._settings.quality)
            if track is None:
                raise UnexpectedResponse("the track is withdrawn, or described by something else")
            return track

        return await self._instances.first(at)
