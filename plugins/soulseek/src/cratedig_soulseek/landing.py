"""Where slskd's files are on this machine. Its transfers do not say, its events do, if only for a while."""

from __future__ import annotations

import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import frozen

from cratedig import SourceContext, SourceError
from cratedig.pathmap import PathMap, pure
from cratedig.reading import items, mapping, text
from cratedig_soulseek.client import Slskd, read
from cratedig_soulseek.settings import SoulseekSettings
from cratedig_soulseek.targets import split
from cratedig_soulseek.transfers import Transfer, guid

FOLDER = "cratedig"
"""The folder below slskd's downloads in which each batch gets one of its own."""

_DENIED = 403
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_STAMP = re.compile(r"_\d{15,20}(?=(\.[^.]*)?$)")


@frozen
class Places:
    """slskd's folders: as it calls them, "" where it does not say, and where they are here."""

    map: PathMap
    there: str
    root: Path | None
    incomplete: Path | None


class Landing:
    """Finds files that slskd has received, and clears up behind them."""

    def __init__(self, context: SourceContext, slskd: Slskd) -> None:
        self._context = context
        self._slskd = slskd
        self._places: Places | None = None

    def forget(self) -> None:
        """Ask slskd for its folders again."""
        self._places = None

    async def places(self) -> Places:
        """Return slskd's folders.

        :raises SourceError: slskd does not answer.
        """
        if self._places is None:
            # A key of a lesser role may not read them.
            answer = await self._slskd.ask("GET", "/options", passes=(_DENIED,))
            told = mapping(read(answer) if answer.is_success else None)
            self._places = places_of(mapping(told.get("directories")), self._context.settings)
        return self._places

    async def announced(self) -> Mapping[str, str]:
        """Return the paths that slskd has put files to, by transfer; none where it does not tell events."""
        try:
            return announced(await self._slskd.json("GET", "/events", params={"offset": 0, "limit": 500}))
        except SourceError as error:
            self._context.log.debug("slskd's events: %s", error)
            return {}

    async def find(self, transfer: Transfer, announced: Mapping[str, str] | None = None) -> Path | None:
        """Return a received file, from where slskd has announced it, else by its name and size."""
        if announced is None:
            announced = await self.announced()
        there = announced.get(transfer.id, "")
        return await self._context.run_blocking(_find, await self.places(), transfer, there)

    async def clear(self, transfers: list[Transfer]) -> None:
        """Remove what is left of transfers: their batches' own folders and their unfinished files."""
        if transfers:
            places = await self.places()
            await self._context.run_blocking(_clear, places, transfers)


def places_of(named: Mapping[str, Any], settings: SoulseekSettings) -> Places:
    """Put what slskd says of its folders together with what the person has set."""
    there, incomplete = text(named.get("downloads")), text(named.get("incomplete"))
    here = settings.download_dir
    both = {there: os.path.expanduser(here)} if there and here else {}  # noqa: PTH111 - a map holds texts
    mapped = PathMap({**both, **settings.path_map})
    root = mapped.local(there) if there else Path(here).expanduser() if here else None
    return Places(mapped, there, root, mapped.local(incomplete) if incomplete else None)


def announced(answer: object) -> dict[str, str]:
    """Read the paths that events name, by transfer; of several for one, the newest."""
    found: dict[str, str] = {}
    for event in items(answer):
        with suppress(TypeError, ValueError, RecursionError):
            said = mapping(json.loads(mapping(event).get("data", "")))
            path = said.get("localFilename")
            if isinstance(path, str):
                found.setdefault(guid(mapping(said.get("transfer")).get("id")), path)
    return found


def find_by_name(root: Path, transfer: Transfer) -> Path | None:
    """Return a file of a transfer's name and size below ``root``, the newest of those in its own folder."""
    folder, name = split(transfer.path)
    last = _sanitised(split(folder)[1])
    found = [path for path in _files(root) if same_name(name, path.name)]
    fitting = [path for path in found if path.stat().st_size == transfer.size]
    return max(fitting, key=lambda path: (path.parent.name == last, path.stat().st_mtime), default=None)


def same_name(there: str, here: str) -> bool:
    """Whether a peer's file may be called so here: forbidden signs replaced, a stamp where it was taken."""
    return _sanitised(there) in {_sanitised(here), _sanitised(_STAMP.sub("", here))}


def inside(there: str, name: str) -> str:
    """Return the path of a file as slskd calls it, from its folder's and the name in a listing of that."""
    return str(pure(there) / name)


def _find(places: Places, transfer: Transfer, there: str) -> Path | None:
    if there and (path := places.map.local(there)).is_file():
        return path
    if places.root is None:
        return None
    return find_by_name(_own_folder(places.root, transfer) or places.root, transfer)


def _own_folder(root: Path, transfer: Transfer) -> Path | None:
    return root / FOLDER / transfer.batch if transfer.batch and transfer.own else None


def _sanitised(name: str) -> str:
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("_", name)).rstrip(" .")


def _files(folder: Path) -> Iterator[Path]:
    """Walk a folder; links are not followed and no files."""
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            if path.is_file() and not path.is_symlink():
                yield path


def _clear(places: Places, transfers: list[Transfer]) -> None:
    for transfer in transfers:
        if places.root is not None and (own := _own_folder(places.root, transfer)):
            shutil.rmtree(own, ignore_errors=True)
        if places.incomplete is not None:
            _clear_unfinished(places.incomplete, transfer)
    if places.root is not None:
        with suppress(OSError):
            (places.root / FOLDER).rmdir()


def _clear_unfinished(incomplete: Path, transfer: Transfer) -> None:
    """Remove a partial file; it lies below its user, with the peer's folders but for the first."""
    wanted = [_sanitised(part) for part in (transfer.user, *transfer.path.split("\\")[1:])]
    for path in list(_files(incomplete)):
        if [_sanitised(part) for part in path.relative_to(incomplete).parts] == wanted:
            path.unlink(missing_ok=True)
            with suppress(OSError):
                for parent in path.relative_to(incomplete).parents[:-1]:
                    (incomplete / parent).rmdir()
