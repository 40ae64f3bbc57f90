"""Sources that do not get on with their settings."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from cratedig import SourceContext, hookimpl

from .good import GallerySettings, Good
from .registry import breaks


@breaks("settings_ready", "not configured")
class NeverReady(Good):
    @hookimpl
    def is_configured(self) -> bool:
        return False


@frozen(kw_only=True)
class MaybeNothing(GallerySettings):
    base_url: str | None = None  # type: ignore[assignment]


@breaks("settings_missing", "broken")
class BreaksWithoutSettings(Good):
    settings_class = MaybeNothing

    @hookimpl
    def is_configured(self) -> bool:
        return bool(self.context.settings.base_url.startswith("http"))


@frozen(kw_only=True)
class AnyAddress(GallerySettings):
    base_url: str = ""


@breaks("settings_wrong_value", "base_url accepts")
class TakesAnyAddress(Good):
    settings_class = AnyAddress


@frozen(kw_only=True)
class OpenToken(GallerySettings):
    password: str = ""


@breaks("settings_secrets", "password: use cratedig.Secret")
class PlainPassword(Good):
    settings_class = OpenToken


@breaks("settings_reload", "old settings")
class RemembersTheAddress(Good):
    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        self.kept = ""

    @property
    def base_url(self) -> str:
        self.kept = self.kept or super().base_url
        return self.kept


@breaks("settings_connection", "check_connection")
class ForgetsToAnswer(Good):
    @hookimpl
    async def check_connection(self) -> Any:
        await self.ask("/search?q=planted")
