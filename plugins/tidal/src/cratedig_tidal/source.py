"""The hooks.

The package is longer than other sources', for what Tidal and tidalapi bring along: a login whose every
request goes through the engine (``account``, ``session``), a dozen refusals behind one status (``refusals``),
and previews that are called the full song (``playback``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
    SourceInfo,
    UnexpectedResponse,
    Wanted,
    hookimpl,
)
from cratedig.manifests import Manifest, fetch_audio
from cratedig.tiers import Tier, first_of
from cratedig_tidal.account import Account
from cratedig_tidal.playback import Stream, read_stream
from cratedig_tidal.refusals import LOG_IN, OF_THE_TIER
from cratedig_tidal.settings import TidalSettings
from cratedig_tidal.tiers import LADDER
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
        tiers = LADDER.down(self._settings.quality, self._context.preference, track.quality)
        stream = await first_of(self._context, tiers, partial(self._played, track), OF_THE_TIER)

        async def renew() -> Manifest:
            return (await self._played(track, stream.tier)).manifest

        path = await fetch_audio(
            self._context, stream.manifest, target_id, dest_dir=dest_dir, progress=progress, renew=renew
        )
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

    async def _played(self, track: RawSearchResult, tier: Tier) -> Stream:
        """Ask for one tier.

        :raises QualityUnavailable: a lower one comes, which is not welcome.
        """
        path = f"tracks/{track.target_id}/playbackinfopostpaywall"
        answer = await self._ask(
            path, playbackmode="STREAM", audioquality=tier.name, assetpresentation="FULL"
        )
        stream = read_stream(answer, tier, track.duration)
        if stream.tier.welcome(self._context.preference, track.quality):
            return stream
        raise QualityUnavailable(f"Tidal plays it in {stream.tier.name} ({stream.quality}), no better")
