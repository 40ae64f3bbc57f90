"""Requests to Lidarr, what is read out of its answers, and what its refusals mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cratedig import (
    AuthenticationFailed,
    NotConfigured,
    NotFound,
    SourceContext,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.reading import json_of, mapping, text
from cratedig_lidarr.albums import Entry, entries, entry
from cratedig_lidarr.commands import Commands, commands
from cratedig_lidarr.history import History, history
from cratedig_lidarr.queue import Record, records
from cratedig_lidarr.settings import LidarrSettings

if TYPE_CHECKING:
    from collections.abc import Collection

    import httpx

SLOW = 60.0
"""Seconds for a look-up: Lidarr asks a metadata server that many people share."""

EXISTS = frozenset({"AlbumExistsValidator", "ArtistExistsValidator"})
_ROWS = 250
_SETTINGS = {
    "rootfolderpath": "root_folder",
    "qualityprofileid": "quality_profile",
    "metadataprofileid": "metadata_profile",
}


class Rejected(UnexpectedResponse):
    """Lidarr does not accept what it was given. ``exists`` says that it has it already."""

    exists: bool = False
    setting: str = ""

    def meaning(self) -> SourceError:
        """The error to tell: of a setting, where one is the cause."""
        if not self.setting:
            return self
        hint = f"set {self.setting} under [sources.lidarr] to something that Lidarr has"
        return NotConfigured(self.message, hint=hint)


class Api:
    """Lidarr's API at the address of the settings."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context

    @property
    def settings(self) -> LidarrSettings:
        """The settings as they are now."""
        settings: LidarrSettings = self._context.settings
        return settings

    async def get(self, path: str, **options: Any) -> Any:
        """Ask for something; ``options`` are those of httpx.

        :raises SourceError: what the answer stands for.
        """
        return await self.ask("GET", path, **options)

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send one request; an empty answer is ``None``.

        :raises SourceError: what the answer stands for, with what Lidarr says in it.
        """
        answer = await self._sent(
            method, f"/api/v1{path}", headers={"X-Api-Key": self.settings.key}, **options
        )
        if not answer.is_success:
            raise refusal(json_of(answer), self._context.meaning(answer))
        told = json_of(answer)
        if told is None and answer.content:
            raise UnexpectedResponse(
                f"{path} is answered with something that is not JSON",
                hint="base_url may lead to a proxy's login page, or lack Lidarr's URL base",
            )
        return told

    async def find(self, target: str) -> Entry | None:
        """The library's album of a release group; ``None`` where it has none."""
        found = entries(await self.get("/album", params={"foreignAlbumId": target}))
        # A version that does not know the filter answers with everything.
        return next((one for one in found.values() if one.foreign_id == target), None)

    async def entries(self, numbers: Collection[int]) -> dict[int, Entry]:
        """The albums of these numbers, with one request; those that are gone are left out."""
        if len(numbers) > 1:
            try:
                return entries(await self.get("/album", params={"albumIds": sorted(numbers)}))
            except (NotFound, Unavailable) as error:
                # Lidarr fails for all of them when one is gone.
                self._context.log.info("asking for albums one by one: %s", error)
        found = [await self._entry(number) for number in sorted(numbers)]
        return {one.id: one for one in found if one is not None}

    async def _entry(self, number: int) -> Entry | None:
        try:
            return entry(await self.get(f"/album/{number}"))
        except NotFound:
            return None

    async def queue(self, albums: Collection[int]) -> dict[int, list[Record]]:
        """The queue's records of these albums."""
        answer = await self.get("/queue/details", params={"albumIds": sorted(albums)})
        found: dict[int, list[Record]] = {}
        for record in records(answer):
            found.setdefault(record.album, []).append(record)
        return found

    async def commands(self) -> Commands:
        """What Lidarr does now and has done in the last minutes."""
        return commands(await self.get("/command"))

    async def history(self, album: int, after: int = 0) -> History:
        """What has become of an album after the row of that number."""
        newest = {"sortKey": "date", "sortDirection": "descending"}
        page = {"albumId": album, "page": 1, "pageSize": _ROWS, **newest}
        return history(await self.get("/history", params=page), after)

    async def ping(self) -> bool:
        """Whether there is a Lidarr, or one of its relatives, whatever the key."""
        answer = await self._sent("GET", "/ping")
        return answer.is_success and text(mapping(json_of(answer)).get("status")) == "OK"

    async def _sent(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self._context.request(method, f"{self.settings.base_url}{path}", **options)


def refusal(body: Any, meant: SourceError) -> SourceError:
    """Add to the meaning of a status what the body says: a list of wrong values, or a message."""
    if isinstance(meant, AuthenticationFailed):
        meant.hint = "copy the API key from Lidarr's page Settings, General, to api_key"
        return meant
    if isinstance(body, list) and isinstance(meant, UnexpectedResponse):
        return _rejected([mapping(row) for row in body])
    said = text(mapping(body).get("message"))[:300]
    if said:
        meant.message = f"Lidarr says: {said} ({meant.message})"
    return meant


def _rejected(rows: list[Any]) -> Rejected:
    said = "; ".join(text(row.get("errorMessage")) or text(row.get("propertyName")) for row in rows)
    error = Rejected(f"Lidarr does not accept the album: {said[:300]}")
    error.exists = any(text(row.get("errorCode")) in EXISTS for row in rows)
    named = (text(row.get("propertyName")).lower().rpartition(".")[2] for row in rows)
    error.setting = next((_SETTINGS[name] for name in named if name in _SETTINGS), "")
    return error
