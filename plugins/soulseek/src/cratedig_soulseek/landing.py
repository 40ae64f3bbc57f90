"""Where slskd's files are on this machine. The transfers themselves do not say."""

from __future__ import annotations

import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePath

from attrs import frozen

from cratedig import SourceContext, SourceError
from cratedig.pathmap import PathMap, pure
from cratedig.reading import items, mapping, text
from cratedig_soulseek.client import Slskd
from cratedig_soulseek.settings import SoulseekSettings
from cratedig_soulseek.targets import split
from cratedig_soulseek.transfers import Transfer, guid

FOLDER = "cratedig"
"""The folder below slskd's downloads in which each batch gets one of its own."""

_EVENTS = "/events"
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_STAMP = re.compile(r"_\d{15,20}$")
_MOST_ENTRIES = 200_000


@frozen
class Places:
    """slskd's folders: as it calls them, "" where it does not say, and where they are here."""

    map: PathMap
    there: str
    root: Path | None
    incomplete: Path | None

    def local(self, there: str) -> Path:
        """Return where a path of slskd's is on this machine."""
        return self.map.local(there)


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
            self._places = places_of(await self._directories(), self._context.settings)
        return self._places

    async def own(self, transfer: Transfer) -> Path | None:
        """Return a transfer's file in the folder that its batch has to itself."""
        root = (await self.places()).root
        if root is None or not transfer.batch:
            return None
        return await self._context.run_blocking(find_own, root / FOLDER / transfer.batch, transfer)

    async def anywhere(self, transfer: Transfer) -> Path | None:
        """Return the file by what slskd's events say, else by looking through its folder."""
        places = await self.places()
        announced = await self._announced(transfer.id)
        if announced:
            path = places.local(announced)
            return path if await self._context.run_blocking(path.is_file) else None
        if places.root is None:
            return None
        return await self._context.run_blocking(find_by_name, places.root, transfer)

    async def clear(self, transfers: list[Transfer]) -> None:
        """Remove what is left of transfers: their batches' own folders and their unfinished files."""
        if transfers:
            places = await self.places()
            await self._context.run_blocking(_clear, places, transfers)

    async def _directories(self) -> dict[str, str]:
        try:
            answer = mapping(await self._slskd.json("GET", "/options"))
        except SourceError as error:
            if not self._context.settings.download_dir:
                raise
            self._context.log.debug("slskd's options: %s", error)
            return {}
        named = mapping(answer.get("directories"))
        return {key: text(named.get(key)) for key in ("downloads", "incomplete")}

    async def _announced(self, transfer_id: str) -> str:
        try:
            answer = await self._slskd.json("GET", _EVENTS, params={"offset": 0, "limit": 500})
        except SourceError as error:
            self._context.log.debug("slskd's events: %s", error)
            return ""
        return next(announced(answer, transfer_id), "")


def places_of(named: dict[str, str], settings: SoulseekSettings) -> Places:
    """Put what slskd says of its folders together with what the person has set."""
    there, incomplete = named.get("downloads", ""), named.get("incomplete", "")
    here = settings.download_dir
    both = {there: os.path.expanduser(here)} if there and here else {}  # noqa: PTH111 - a map holds texts
    mapped = PathMap({**both, **settings.path_map})
    root = mapped.local(there) if there else Path(here).expanduser() if here else None
    return Places(mapped, there, root, mapped.local(incomplete) if incomplete else None)


def announced(answer: object, transfer_id: str) -> Iterator[str]:
    """Yield the paths that events name for a transfer."""
    for event in items(answer):
        try:
            said = mapping(json.loads(text(mapping(event).get("data")) or "null"))
        except (ValueError, RecursionError):
            continue
        path = said.get("localFilename")
        if guid(mapping(said.get("transfer")).get("id")) == transfer_id and isinstance(path, str) and path:
            yield path


def find_own(folder: Path, transfer: Transfer) -> Path | None:
    """Return a transfer's file in a folder of its batch alone: of its size, its name where several are."""
    found = [path for path in _files(folder) if path.stat().st_size == transfer.size]
    named = [path for path in found if same_name(split(transfer.path)[1], path.name)]
    return next(iter(named or found), None)


def find_cut(folder: Path, transfer: Transfer) -> Path | None:
    """Return a transfer's file of whatever size, when its name is right."""
    return next((path for path in _files(folder) if same_name(split(transfer.path)[1], path.name)), None)


def find_by_name(root: Path, transfer: Transfer) -> Path | None:
    """Return a file of a transfer's name and size below ``root``, the newest of those in its own folder."""
    folder, name = split(transfer.path)
    last = _sanitised(split(folder)[1] or folder)
    found = [path for path in _files(root) if same_name(name, path.name)]
    fitting = [path for path in found if path.stat().st_size == transfer.size]
    return max(fitting, key=lambda path: (path.parent.name == last, path.stat().st_mtime), default=None)


def same_name(there: str, here: str) -> bool:
    """Whether a peer's file may be called so here: forbidden signs replaced, a stamp where it was taken."""
    stem, dot, extension = here.rpartition(".")
    plain = f"{_STAMP.sub('', stem)}{dot}{extension}" if dot else _STAMP.sub("", here)
    return _sanitised(there) in {_sanitised(here), _sanitised(plain)}


def _sanitised(name: str) -> str:
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("_", name)).rstrip(" .")


def _files(folder: Path) -> Iterator[Path]:
    """Walk a folder; links are not followed and no files."""
    seen = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            seen += 1
            path = Path(parent, name)
            if seen > _MOST_ENTRIES:
                return
            if path.is_file() and not path.is_symlink():
                yield path


def _clear(places: Places, transfers: list[Transfer]) -> None:
    for transfer in transfers:
        if places.root is not None and transfer.batch:
            shutil.rmtree(places.root / FOLDER / transfer.batch, ignore_errors=True)
        if places.incomplete is not None:
            _clear_unfinished(places.incomplete, transfer)
    if places.root is not None:
        _remove_empty(places.root / FOLDER)


def _clear_unfinished(incomplete: Path, transfer: Transfer) -> None:
    """Remove a partial file and the folders that it leaves empty; one of that name elsewhere is another's."""
    home = incomplete / (_sanitised(transfer.user) or "_")
    if home.parent != incomplete or home.is_symlink():
        return
    for path in list(_files(home)):
        tail = path.relative_to(home).parts
        if tail == tuple(map(_sanitised, transfer.path.split("\\")))[-len(tail) :]:
            path.unlink(missing_ok=True)
            for parent in (path.parent, *path.parent.parents):
                if parent == incomplete or not _remove_empty(parent):
                    break


def _remove_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def inside(there: str, name: str) -> str:
    """Return the path of a file as slskd calls it, from its folder's and the name in a listing of that."""
    folder, file = pure(there), pure(name)
    return name if file.is_absolute() else str(folder.joinpath(*PurePath(name.replace("\\", "/")).parts))
