"""The hooks.

This distribution is longer than a source should be, for what the service itself brings: three addresses, each
with errors of its own that come with status 200 (``vocabulary``), sessions, licences and tokens that end one
by one (``gateway``, ``account``), substitutes and formats to fall back on (``resolving``), and a cipher
(``stripes``). Pauses, retries, transfers, files and records are the engine's here as everywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cratedig import (
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
    Unavailable,
    Wanted,
    hookimpl,
)
from cratedig.reading import isrc
from cratedig_deezer import catalogue
from cratedig_deezer.gateway import Gateway
from cratedig_deezer.media import Stream
from cratedig_deezer.resolving import Resolving
from cratedig_deezer.settings import DeezerSettings, plain
from cratedig_deezer.songs import NUMBER
from cratedig_deezer.stripes import Stripes, stripe_key
from cratedig_deezer.tiers import TIERS, allowed

_HOW_TO_SET = (
    "set them under [sources.deezer] in the file of `cratedig config path`, or as CRATEDIG_DEEZER__ARL etc."
)
_CDN = ("*.dzcdn.net", "*.deezer.com")


class Source:
    """Deezer, with the person's own account."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._gateway = Gateway(context)
        self._resolving = Resolving(context, self._gateway)

    @hookimpl
    def source_info(self) -> SourceInfo:
        """Two requests a second: a fifth of what the catalogue is said to bear, the gateway's usual pace."""
        return SourceInfo(
            name="deezer",
            display_name="Deezer",
            contract_version="1.0",
            limits=RateLimits(requests=Rate(10, 5), concurrent_searches=2, concurrent_downloads=3),
            settings_class=DeezerSettings,
            homepage="https://www.deezer.com",
        )

    @hookimpl
    def aliases(self) -> tuple[str, ...]:
        """Return the name that older programs know it by."""
        return ("deezer_dl",)

    @hookimpl
    def is_configured(self) -> bool:
        """Look for a login and the secret that its streams are encrypted with."""
        if problem := self._settings.problem():
            raise NotConfigured(problem, hint=_HOW_TO_SET)
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Log in."""
        await self._gateway.log_in()
        return True

    @hookimpl
    def reload_settings(self) -> None:
        """Log in anew when a login is next needed."""
        self._gateway.forget()

    @hookimpl
    async def search_raw(self, query: str, wanted: Wanted) -> list[RawSearchResult]:
        """Look the ISRC up where one is wanted, else search for the words.

        The login comes first, once: it decides on the quality that the results may promise.
        """
        offered = await self._best()
        code = isrc(wanted.isrc)
        if code and query == (wanted.query or wanted.isrc):
            exact = await catalogue.by_isrc(self._context, code, offered)
            if exact or not wanted.query:
                return exact
        return await catalogue.search(self._context, query, offered)

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Delivery:
        """Look the track up, have its address given, fetch and decrypt it."""
        if not NUMBER.fullmatch(target_id):
            raise NotFound("that is no track's number", hint="it has digits only, as in the track's address")
        song = await self._gateway.song(target_id)
        stream = await self._resolving.stream(song)
        try:
            path = await self._bring(stream, dest_dir, progress)
        except NotEntitled:  # an address is good for a while only
            stream = await self._resolving.stream(await self._gateway.song(target_id))
            path = await self._bring(stream, dest_dir, progress)
        return Delivery(
            path=path, duration=stream.song.duration, quality=self._offered(stream), name=song.name
        )

    @property
    def _settings(self) -> DeezerSettings:
        settings: DeezerSettings = self._context.settings
        return settings

    async def _best(self) -> Quality:
        account = await self._gateway.account()
        mine = (tier for tier in allowed(self._settings.quality, None) if account.may_have(tier))
        return next(mine, TIERS[-1]).quality

    def _offered(self, stream: Stream) -> Quality:
        """Return the better of what a search has offered and what is granted, for the record to tell."""
        promise, preference = self._context.promise, self._context.preference
        offered = promise.quality if promise else None
        if offered is None or (preference and not preference.accepts(offered)):
            return stream.tier.quality
        return max(offered, stream.tier.quality)

    async def _bring(self, stream: Stream, dest_dir: Path, progress: Any) -> Path:
        """Fetch from the first mirror that is up."""
        *others, last = stream.addresses
        for address in others:
            try:
                return await self._fetch(address, stream, dest_dir, progress)
            except Unavailable as error:
                self._context.log.info("%s: trying the next mirror: %s", stream.song.number, error)
        return await self._fetch(last, stream, dest_dir, progress)

    async def _fetch(self, address: str, stream: Stream, dest_dir: Path, progress: Any) -> Path:
        key = stripe_key(stream.song.number, plain(self._settings.stripe_secret))
        return await self._context.fetch(
            address,
            f"{stream.song.number}.{stream.tier.extension}",
            dest_dir=dest_dir,
            progress=progress,
            transform=Stripes(key) if stream.encrypted else None,
            hosts=self._hosts(),
        )

    def _hosts(self) -> tuple[str, ...] | None:
        """Return the hosts that Deezer's own bytes come from; another instance may have them anywhere."""
        host = urlsplit(self._settings.media_base).hostname or ""
        return _CDN if host.endswith(".deezer.com") else None
