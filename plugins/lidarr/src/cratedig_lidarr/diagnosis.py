"""What has to be right for it to work, looked at one by one."""

from __future__ import annotations

from typing import Any

from cratedig import Check, SourceContext, SourceError
from cratedig.pathmap import PathMap
from cratedig.reading import flag, items, mapping, require_items, require_mapping, text, whole
from cratedig_lidarr.api import Api
from cratedig_lidarr.files import path_of
from cratedig_lidarr.library import place_of_new, root_folder

KNOWN = "2."
"""The versions that this source was written for begin so."""


class Diagnosis:
    """Looks at Lidarr from outside to inside; what follows from a failed look is left out."""

    def __init__(self, context: SourceContext, api: Api) -> None:
        self._context = context
        self._api = api

    async def checks(self) -> list[Check]:
        """Address, key and version, folders and profiles, what Lidarr says of itself, the map of paths."""
        found: list[Check] = []
        for look in (self._address, self._version, self._places, self._health, self._paths):
            try:
                found.append(await look())
            except SourceError as error:
                name = look.__name__.strip("_")
                found.append(Check(name=name, ok=False, detail=error.message, hint=error.hint or _ADDRESS))
            if not found[-1].ok and look in (self._address, self._version):
                break
        return found

    async def _address(self) -> Check:
        base = self._api.settings.base_url
        there = await self._api.ping()
        return Check(
            name="address", ok=there, detail=base if there else f"no Lidarr at {base}", hint=_ADDRESS
        )

    async def _version(self) -> Check:
        about = require_mapping(await self._api.get("/system/status"), "status")
        name, version = text(about.get("appName")), text(about.get("version"))
        if name != "Lidarr":
            return Check(name="version", ok=False, detail=f"that is {name or 'no Lidarr'}", hint=_ADDRESS)
        known = version.startswith(KNOWN)
        hint = f"this source knows Lidarr {KNOWN}x; update the older of the two"
        return Check(name="version", ok=known, detail=f"Lidarr {version}", hint="" if known else hint)

    async def _places(self) -> Check:
        path = (await place_of_new(self._api))["rootFolderPath"]
        if not flag((await root_folder(self._api)).get("accessible", True)):
            hint = "see whether the folder is mounted, and whether Lidarr's user may write there"
            return Check(name="places", ok=False, detail=f"Lidarr cannot use {path}", hint=hint)
        return Check(name="places", ok=True, detail=f"root folder {path}")

    async def _health(self) -> Check:
        rows = [mapping(row) for row in require_items(await self._api.get("/health"), "health")]
        said = sorted((text(row.get("type")), text(row.get("message"))) for row in rows)
        told = "; ".join(line for kind, line in said if kind in {"error", "warning"})
        ok = all(kind != "error" for kind, _ in said)
        hint = "" if ok else "see Lidarr's page System, Status"
        return Check(name="health", ok=ok, detail=told or "Lidarr finds nothing wrong", hint=hint)

    async def _paths(self) -> Check:
        """Prove the map with a file of the library, or with the root folder while there is no file."""
        paths = PathMap(self._api.settings.path_map)
        row = await self._some_file()
        path = path_of(row)
        if path:
            return await self._context.run_blocking(paths.prove, path, whole(row.get("size")))
        return await self._context.run_blocking(paths.prove, path_of(await root_folder(self._api)))

    async def _some_file(self) -> Any:
        artists = [mapping(row) for row in items(await self._api.get("/artist"))]
        fullest = max(artists, key=_files, default={})
        if not _files(fullest):
            return {}
        found = await self._api.get("/trackfile", params={"artistId": whole(fullest.get("id")) or 0})
        return next((row for row in map(mapping, items(found)) if path_of(row)), {})


_ADDRESS = "see whether Lidarr runs, and whether base_url is its address with its URL base"


def _files(artist: Any) -> int:
    return whole(mapping(artist.get("statistics")).get("trackFileCount")) or 0
