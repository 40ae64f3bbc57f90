"""The hooks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cratedig import (
    AuthenticationFailed,
    Delivery,
    NotConfigured,
    NotEntitled,
    NotFound,
    Quality,
    QualityUnavailable,
    Rate,
    RateLimited,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceInfo,
    Unavailable,
    UnexpectedResponse,
    hookimpl,
)
from cratedig.reading import mapping, require_mapping, text
from cratedig_qobuz.client import Client
from cratedig_qobuz.files import File, read_file
from cratedig_qobuz.settings import QobuzSettings
from cratedig_qobuz.tiers import choices
from cratedig_qobuz.tracks import TRACK_ID, read_search, read_track

_HOW_TO_SET = (
    "set them under [sources.qobuz] in the file of `cratedig config path`, or as CRATEDIG_QOBUZ__APP_ID etc."
)
_RESULTS = 50
_ANY_TRACK, _ANY_FORMAT = "1", "5"


class Source:
    """Qobuz, with an account."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._client = Client(context)

    @hookimpl
    def source_info(self) -> SourceInfo:
        """Make one request a second at most: Qobuz names no figure, and other programs get by with that."""
        return SourceInfo(
            name="qobuz",
            display_name="Qobuz",
            contract_version="1.0",
            limits=RateLimits(requests=Rate(60, 60), concurrent_searches=2, concurrent_downloads=3),
            settings_class=QobuzSettings,
            homepage="https://www.qobuz.com",
        )

    @hookimpl
    def is_configured(self) -> bool:
        """Look for an application and a login."""
        if lacking := self._settings.missing():
            raise NotConfigured(f"missing: {lacking}", hint=_HOW_TO_SET)
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Try login, subscription and secret. Two requests."""
        account = require_mapping(await self._client.ask("user/get", user_id="me"), "account")
        if not mapping(mapping(account.get("credential")).get("parameters")):
            raise NotEntitled(
                "the account has no subscription that streams", hint="check the subscription at Qobuz"
            )
        # A wrong secret is told whatever the track is; everything else says nothing about the secret.
        with suppress(AuthenticationFailed, NotEntitled, NotFound, RateLimited, UnexpectedResponse):
            await self._ask_file(_ANY_TRACK, _ANY_FORMAT)
        return True

    @hookimpl
    def reload_settings(self) -> None:
        """Log in again where the login came from a password."""
        self._client.forget()

    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        """Search for tracks. One request."""
        words = text(query)
        if not words:
            return []
        answer = await self._client.ask("track/search", query=words, limit=str(_RESULTS), offset="0")
        return read_search(answer, self._settings.quality)

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Callable[..., None]) -> Delivery:
        """Fetch the file in the best format that is wanted. ``target_id`` is a track's number."""
        if not TRACK_ID.fullmatch(target_id):
            raise NotFound("that is no track's number", hint="it has digits only, as in the track's address")
        track = await self._track(target_id)
        file = await self._file(track)
        path = await self._fetch(file, dest_dir, progress)
        return Delivery(
            path=path,
            duration=track.duration or file.duration,
            quality=file.quality,
            name=" - ".join(part for part in (track.artist, track.title) if part),
        )

    @property
    def _settings(self) -> QobuzSettings:
        settings: QobuzSettings = self._context.settings
        return settings

    async def _track(self, target_id: str) -> RawSearchResult:
        """What is known of the track; its duration gives samples away."""
        promise = self._context.promise
        if promise is not None and promise.duration:
            return promise
        return read_track(await self._client.ask("track/get", track_id=target_id), self._settings.quality)

    async def _file(self, track: RawSearchResult) -> File:
        """Walk down the formats; every step but the first follows a refusal of the one before."""
        preference = self._context.preference
        for format_id in choices(self._settings.quality, track.quality, preference):
            file = read_file(await self._ask_file(track.target_id, str(format_id)), track.duration)
            if file is not None and self._welcome(file.quality, track.quality):
                return file
        raise QualityUnavailable(
            f"Qobuz has it at best in {track.quality or 'an unknown quality'}, and not as it is wanted",
            hint="allow other qualities, or another format in the setting quality",
        )

    def _welcome(self, answered: Quality, offered: Quality | None) -> bool:
        """Whether the format that came is one to take.

        :raises QualityUnavailable: it is not, and a lower one would not be either.
        """
        preference = self._context.preference
        if preference is None:
            return True
        too_low = preference.floor is not None and answered < preference.floor
        lowered = offered is not None and answered < offered and not preference.accept_lower
        if too_low or lowered:
            raise QualityUnavailable(f"Qobuz answers with {answered} only", hint="allow lower qualities")
        return preference.accepts(answered)

    async def _ask_file(self, track_id: str, format_id: str) -> object:
        return await self._client.ask_signed(
            "track/getFileUrl", track_id=track_id, format_id=format_id, intent="stream"
        )

    async def _fetch(self, file: File, dest_dir: Path, progress: Callable[..., None]) -> Path:
        """Fetch the bytes; an address that runs out on the way is asked for anew by a further try."""
        try:
            return await self._context.fetch(file.url, file.name, dest_dir=dest_dir, progress=progress)
        except NotEntitled as error:
            if file.expired:
                raise Unavailable("the file's address ran out on the way") from error
            raise
