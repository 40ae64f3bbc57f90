"""The hooks.

The package is longer than other sources': the login, two kinds of manifest and the tiers are Tidal's own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cratedig import (
    Delivery,
    LoginStep,
    NotConfigured,
    NotEntitled,
    NotFound,
    QualityUnavailable,
    Rate,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceError,
    SourceInfo,
    Unavailable,
    UnexpectedResponse,
    Wanted,
    hookimpl,
)
from cratedig_tidal.account import Account
from cratedig_tidal.manifests import Manifest
from cratedig_tidal.playback import Stream, read_stream
from cratedig_tidal.refusals import LOG_IN, OF_THE_TIER
from cratedig_tidal.settings import TidalSettings
from cratedig_tidal.tiers import Tier, ladder, welcome
from cratedig_tidal.tracks import ID, read_ids, read_search, read_track

_PAGE = 50
_ISRC_HITS = 5


class Source:
    """Tidal, with the account of whoever has logged in."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._account = Account(context)

    @hookimpl
    def source_info(self) -> SourceInfo:
        """One request a second and one track at a time: accounts that hurry are locked out."""
        return SourceInfo(
            name="tidal",
            display_name="Tidal",
            contract_version="1.0",
            limits=RateLimits(requests=Rate(60, 60), concurrent_searches=1, concurrent_downloads=1),
            settings_class=TidalSettings,
            search_timeout=60,
            homepage="https://tidal.com",
        )

    @hookimpl
    def is_configured(self) -> bool:
        """Say who has not logged in how to do so."""
        if not self._account.configured:
            raise NotConfigured("nobody is logged in", hint=LOG_IN)
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Ask what the account may do."""
        await self._context.run_blocking(self._account.probe)
        return True

    @hookimpl
    def reload_settings(self) -> None:
        """Log in afresh with the next request."""
        self._account.forget()

    @hookimpl
    async def login_raw(self, show: Callable[[LoginStep], None]) -> None:
        """Show a link and a code, and wait until somebody has followed them."""
        session, link = await self._context.run_blocking(self._account.begin)
        address = link.verification_uri_complete
        address = address if "://" in address else f"https://{address}"
        show(LoginStep(link=address, code=link.user_code, expires_in=link.expires_in))
        await self._context.run_blocking(self._account.finish, session, link)

    @hookimpl
    async def search_raw(self, query: str, wanted: Wanted) -> list[RawSearchResult]:
        """Look the recording up by its ISRC; where that finds nothing, search for the words."""
        found = await self._by_isrc(wanted.isrc) if wanted.isrc else []
        if found or not query.strip():
            return found
        answer = await self._ask("search", query=query, limit=_PAGE, offset=0, types="tracks")
        return read_search(answer, self._settings.quality)

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Delivery:
        """Walk down the tiers to the first that plays, fetch it, and take FLAC out of MP4."""
        if not ID.fullmatch(target_id):
            raise NotFound("the target is not the number of a track")
        track = self._context.promise or await self._track(target_id)
        stream = await self._stream(track)
        path = await self._fetched(track, stream, dest_dir, progress)
        if stream.manifest.mp4 and stream.manifest.codec == "flac":
            from cratedig.remux import flac_from_mp4  # noqa: PLC0415 - only downloads need it

            path = await self._context.run_blocking(flac_from_mp4, path)
        # Held against what was offered, so that the record says where a lower tier had to do.
        quality = max(track.quality, stream.quality) if track.quality else stream.quality
        name = " - ".join(part for part in (track.artist, track.title) if part)
        return Delivery(path=path, duration=track.duration, quality=quality, name=name)

    @property
    def _settings(self) -> TidalSettings:
        settings: TidalSettings = self._context.settings
        return settings

    async def _ask(self, path: str, base: str | None = None, **params: str | int) -> Any:
        return await self._context.run_blocking(self._account.ask, path, base, **params)

    async def _by_isrc(self, isrc: str) -> list[RawSearchResult]:
        try:
            answer = await self._ask("tracks", f"{self._settings.openapi_base}/", **{"filter[isrc]": isrc})
            return [await self._track(track_id) for track_id in read_ids(answer)[:_ISRC_HITS]]
        except (NotEntitled, NotFound, UnexpectedResponse) as error:
            self._context.log.info("the ISRC could not be looked up, so words are searched for: %s", error)
            return []

    async def _track(self, track_id: str) -> RawSearchResult:
        track = read_track(await self._ask(f"tracks/{track_id}"), self._settings.quality)
        if track is None:
            raise UnexpectedResponse("Tidal answers with something that is no track")
        return track

    async def _stream(self, track: RawSearchResult) -> Stream:
        """Find the best tier that plays and is welcome.

        :raises SourceError: none does; what the first of them was refused with.
        """
        preference = self._context.preference
        refused: SourceError | None = None
        for tier in ladder(self._settings.quality, preference, track.quality):
            try:
                stream = await self._played(track, tier)
            except OF_THE_TIER as error:
                self._context.log.info("%s is not played in %s: %s", track.target_id, tier.name, error)
                refused = refused or error
            else:
                if welcome(stream.tier, preference, track.quality):
                    return stream
                raise QualityUnavailable(
                    f"Tidal plays it in {stream.tier.name} ({stream.quality}), no better"
                )
        raise refused or QualityUnavailable(
            f"no tier up to {self._settings.quality} is what was asked for",
            hint="set a better quality for this source, or ask for less",
        )

    async def _played(self, track: RawSearchResult, tier: Tier) -> Stream:
        path = f"tracks/{track.target_id}/playbackinfopostpaywall"
        answer = await self._ask(
            path, playbackmode="STREAM", audioquality=tier.name, assetpresentation="FULL"
        )
        return read_stream(answer, tier, track.duration)

    async def _fetched(self, track: RawSearchResult, stream: Stream, dest_dir: Path, progress: Any) -> Path:
        """Bring in the bytes; links are good for an hour, so one that is refused is asked for again once."""
        try:
            return await self._bytes(track.target_id, stream.manifest, dest_dir, progress)
        except NotEntitled as error:
            self._context.log.info("the link is refused, asking for another: %s", error)
        fresh = await self._played(track, stream.tier)
        try:
            return await self._bytes(track.target_id, fresh.manifest, dest_dir, progress)
        except NotEntitled as error:
            raise Unavailable("a link that Tidal has just handed out is refused") from error

    async def _bytes(self, track_id: str, manifest: Manifest, dest_dir: Path, progress: Any) -> Path:
        name = f"{track_id}.mp4" if manifest.mp4 else f"{track_id}.flac"
        where: dict[str, Any] = {"dest_dir": dest_dir, "progress": progress}
        if manifest.segmented:
            return await self._context.fetch_segments(manifest.urls, name, **where)
        return await self._context.fetch(manifest.urls[0], name, **where)
