"""Requests to Lidarr, and what its refusals mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cratedig import AuthenticationFailed, NotConfigured, SourceContext, SourceError, UnexpectedResponse
from cratedig.reading import items, json_of, mapping, text
from cratedig_lidarr.settings import LidarrSettings

if TYPE_CHECKING:
    import httpx

SLOW = 60.0
"""Seconds for a look-up: Lidarr asks a metadata server that many people share."""

EXISTS = frozenset({"AlbumExistsValidator", "ArtistExistsValidator"})
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
        if not answer.content:
            return None
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:  # the latter for lists in lists in lists
            raise UnexpectedResponse(
                f"{path} is answered with something that is not JSON",
                hint="base_url may lead to a proxy's login page, or lack Lidarr's URL base",
            ) from error

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


def rows_of(answer: Any) -> list[Any]:
    """The rows of a list, or of a page that has them as ``records``."""
    return items(mapping(answer).get("records")) if isinstance(answer, dict) else items(answer)
