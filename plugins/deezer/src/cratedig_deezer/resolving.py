"""Which bytes a track is downloaded from: its own or its substitute's, in the best quality there is.

Deezer refuses in many ways, each with a way on: a token that has aged is fetched anew, a licence renewed,
a format that the subscription lacks left out, a track without rights replaced by its substitute. Each of
these is tried once, and the first refusal is what the person is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from cratedig import (
    NotEntitled,
    NotFound,
    QualityPreference,
    QualityUnavailable,
    SourceContext,
    UnexpectedResponse,
)
from cratedig_deezer.account import Account
from cratedig_deezer.gateway import Gateway
from cratedig_deezer.media import Stream, ask_media
from cratedig_deezer.songs import Song
from cratedig_deezer.tiers import Tier, allowed
from cratedig_deezer.vocabulary import LicenseRefused, StaleTrack


class Resolving:
    """Finds streams in the name of one gateway's login."""

    def __init__(self, context: SourceContext, gateway: Gateway) -> None:
        self._context = context
        self._gateway = gateway

    async def stream(self, song: Song) -> Stream:
        """Return the stream of the track, or of its substitute.

        :raises SourceError: why the track itself cannot be had.
        """
        try:
            return await self._own(song)
        except (NotEntitled, QualityUnavailable) as refusal:
            if song.fallback is None:
                raise
            self._context.log.info("%s: %s; it has a substitute", song.number, refusal)
            try:
                return await self._own(await self._known(song.fallback))
            except (NotEntitled, NotFound, QualityUnavailable, UnexpectedResponse):
                raise refusal from None

    async def _known(self, substitute: Song) -> Song:
        """Return what is known of a substitute that may come with its number only."""
        return substitute if substitute.token else await self._gateway.song(substitute.number)

    async def _own(self, song: Song) -> Stream:
        if not song.streamable:
            raise NotEntitled(
                "Deezer does not stream the track to any account", hint="only its preview is left"
            )
        try:
            return await self._granted(song)
        except StaleTrack:
            return await self._granted(await self._gateway.song(song.number))

    async def _granted(self, song: Song) -> Stream:
        if not song.token:
            raise UnexpectedResponse("Deezer knows the track but gives no token for it")
        account = await self._gateway.account()
        try:
            return await ask_media(self._context, account, song, self._tiers(account, song))
        except LicenseRefused:
            return await self._by_tier(await self._gateway.renewed(account), song)

    async def _by_tier(self, account: Account, song: Song) -> Stream:
        """Ask again with a new licence, for one tier after the other."""
        *better, last = self._tiers(account, song)
        for tier in better:
            try:
                return await ask_media(self._context, account, song, [tier])
            except (LicenseRefused, QualityUnavailable) as refusal:
                self._context.log.info("%s: no %s: %s", song.number, tier.name, refusal)
        return await ask_media(self._context, account, song, [last])

    def _tiers(self, account: Account, song: Song) -> Sequence[Tier]:
        """Return the tiers to ask for, the best first.

        :raises QualityUnavailable: none is left; says why.
        """
        preference: QualityPreference | None = self._context.preference
        welcome = allowed(self._context.settings.quality, preference)
        mine = [tier for tier in welcome if account.may_have(tier)]
        if preference is not None and not preference.accept_lower:
            mine = mine[:1]
        there = [tier for tier in mine if song.has(tier)]
        if not there:
            raise QualityUnavailable(_why_none(welcome, mine))
        return there


def _why_none(welcome: Sequence[Tier], mine: Sequence[Tier]) -> str:
    if not welcome:
        return "the quality asked for is none of Deezer's: FLAC, MP3_320, MP3_128, up to the setting quality"
    if not mine:
        return f"the account's subscription does not include {_names(welcome)}"
    return f"Deezer has no file of the track in {_names(mine)}"


def _names(tiers: Sequence[Tier]) -> str:
    return ", ".join(tier.name for tier in tiers)
