"""The hooks."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from cratedig import (
    Delivery,
    NotEntitled,
    NotFound,
    Rate,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceInfo,
    Unavailable,
    UnexpectedResponse,
    Wanted,
    hookimpl,
)
from cratedig.reading import require_mapping, text
from cratedig_archive.items import IDENTIFIER, Item, read_item
from cratedig_archive.queries import read_hits, search_args
from cratedig_archive.settings import ArchiveSettings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Source:
    """The Internet Archive's music: concerts, netlabels, old records."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context

    @hookimpl
    def source_info(self) -> SourceInfo:
        """Stay below one request a second, the only figure that the Archive names, for another service."""
        return SourceInfo(
            name="archive",
            display_name="Internet Archive",
            contract_version="1.0",
            limits=RateLimits(requests=Rate(45, 60), concurrent_searches=1, concurrent_downloads=2),
            settings_class=ArchiveSettings,
            search_timeout=60,
            stall_timeout=90,  # files that nobody has asked for in years come off sleeping disks
            homepage="https://archive.org/details/audio",
        )

    @hookimpl
    def is_configured(self) -> bool:
        """Say yes: the public service needs nothing."""
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Ask for one field of one item."""
        args = {"q": "mediatype:etree", "fl[]": ["identifier"], "rows": 1, "page": 1, "output": "json"}
        return "response" in require_mapping(await self._ask("/advancedsearch.php", args), "search")

    @hookimpl
    async def search_raw(self, query: str, wanted: Wanted) -> list[RawSearchResult]:
        """Search for items, then open the most promising ones: only they know their tracks."""
        args = search_args(query, wanted, self._settings)
        if not args:
            return []
        hits = read_hits(await self._ask("/advancedsearch.php", args), query, wanted)
        found: list[RawSearchResult] = []
        for hit in hits[: self._settings.lookups]:
            try:
                item = await self._item(text(hit["identifier"]))
            except (NotFound, NotEntitled, UnexpectedResponse) as error:
                self._context.log.info("left out of the results: %s", error)
            else:
                found += item.results(self._settings.formats, hit.get("downloads"))
        return found

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Delivery:
        """Look the file up again for its checksum, then fetch it."""
        identifier, _, name = target_id.partition("/")
        if not IDENTIFIER.fullmatch(identifier):
            raise NotFound("the target is not identifier/file", target=target_id[:200])
        item = await self._item(identifier)
        file = item.file(name)
        path = await self._context.fetch(
            f"{self._settings.base_url}/download/{identifier}/{quote(name)}?cnt=0",
            PurePosixPath(name).name,
            dest_dir=dest_dir,
            progress=progress,
            headers=self._headers(),
            size=file.size,
            digest=file.digest,
            hosts=self._hosts(),
        )
        return Delivery(
            path=path, duration=file.length, size=file.size, quality=file.quality, name=_file_name(item, name)
        )

    @property
    def _settings(self) -> ArchiveSettings:
        settings: ArchiveSettings = self._context.settings
        return settings

    async def _item(self, identifier: str) -> Item:
        return read_item(identifier, await self._ask(f"/metadata/{identifier}"))

    async def _ask(self, path: str, args: dict[str, Any] | None = None) -> Any:
        answer = await self._context.http.get(
            f"{self._settings.base_url}{path}", params=args, headers=self._headers()
        )
        answer.raise_for_status()
        if "html" in answer.headers.get("content-type", ""):
            raise Unavailable(f"{path} is answered with a page in place of data, as it is in an outage")
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:  # the latter for lists in lists in lists
            raise UnexpectedResponse(f"{path} is answered with something that is not JSON") from error

    def _hosts(self) -> tuple[str, ...]:
        """The machines that a download may be redirected to."""
        home = urlsplit(self._settings.base_url).hostname or ""
        return (home, "*.archive.org", *(_LOOPBACK if home in _LOOPBACK else ()))

    def _headers(self) -> dict[str, str]:
        contact = self._settings.contact.strip()
        agent = self._context.http.headers["user-agent"]
        return {"User-Agent": f"{agent} ({contact})"} if contact else {}


def _file_name(item: Item, name: str) -> str:
    file = item.file(name)
    artist = file.creator or next(iter(item.creators), "")
    return " - ".join(part for part in (artist, file.title or PurePosixPath(name).stem) if part)
