"""The source without a defect; the broken ones inherit from it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attrs import field, frozen
from attrs.validators import matches_re

from cratedig import (
    Delivery,
    LoginStep,
    NotFound,
    RawSearchResult,
    Secret,
    SourceContext,
    SourceInfo,
    SourceSettings,
    hookimpl,
)
from cratedig.reading import items, mapping, number, require_items, require_mapping, text


@frozen(kw_only=True)
class GallerySettings(SourceSettings):
    """What the gallery's sources can be told."""

    base_url: str = field(default="", validator=matches_re(r"(https?://\S+)?"))
    api_token: Secret | None = None
    results: int = 5


class Good:
    """Keeps the contract."""

    settings_class: type = GallerySettings

    def __init__(self, context: SourceContext) -> None:
        self.context = context

    @hookimpl
    def source_info(self) -> SourceInfo:
        return SourceInfo(
            name=self.context.name, display_name="Gallery", contract_version="1.0", **self.facts()
        )

    def facts(self) -> dict[str, Any]:
        """What is more to be said in source_info."""
        return {"settings_class": self.settings_class}

    @hookimpl
    def is_configured(self) -> bool:
        return bool(self.context.settings.base_url)

    @hookimpl
    async def check_connection(self) -> bool:
        return bool(await self.ask("/search?q=planted"))

    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        return self.read(await self.ask(f"/search?q={quote(query)}"))

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Delivery:
        await self.track(target_id)
        path = await self.bring(target_id, dest_dir, progress)
        return Delivery(path=path, name=target_id)

    @hookimpl
    async def login_raw(self, show: Any) -> None:
        begun = await self.ask("/login")
        show(self.step(begun))
        self.context.state.set("token", await self.confirmed(begun["device"]))

    def step(self, begun: Any) -> LoginStep:
        """What the person has to do."""
        return LoginStep(link=self.base_url + begun["path"], code=begun["code"])

    async def confirmed(self, device: str) -> str:
        """The token, when there is one."""
        while not (token := text((await self.ask(f"/login/{device}")).get("access_token"))):
            await asyncio.sleep(0.02)
        return token

    @property
    def base_url(self) -> str:
        """Where the service is."""
        return str(self.context.settings.base_url)

    async def ask(self, path: str) -> Any:
        """One answer of the API."""
        return await self.context.request_json("GET", self.base_url + path)

    def read(self, answer: Any) -> list[RawSearchResult]:
        """The results in an answer."""
        found = require_items(require_mapping(answer, "search").get("items"), "items")
        return [self.result(mapping(one)) for one in found]

    def result(self, one: Any) -> RawSearchResult:
        """One of them."""
        return RawSearchResult(
            target_id=text(one.get("id")) or "nameless",
            title=text(one.get("title")),
            artist=text(one.get("artist")),
            duration=number(one.get("seconds")),
        )

    async def track(self, target_id: str) -> None:
        """Make sure that there is such a track."""
        answer = await self.ask(f"/tracks/{quote(target_id, safe='')}")
        if not items(require_mapping(answer, "track").get("track")):
            self.unknown()

    def unknown(self) -> None:
        """Say that there is none."""
        raise NotFound("no such track")

    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        """The file."""
        url = f"{self.base_url}/files/{target_id}"
        return await self.context.fetch(url, "track.flac", dest_dir=dest_dir, progress=progress)
