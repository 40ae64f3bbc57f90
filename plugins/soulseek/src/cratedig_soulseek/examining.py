"""What has to be right for Soulseek to work, looked at for ``cratedig doctor``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from cratedig import Check, SourceContext, SourceError
from cratedig.reading import flag, items, mapping, require_mapping, text, whole
from cratedig_soulseek.client import Slskd
from cratedig_soulseek.landing import Landing, Places, inside

_UP = "look whether slskd is running, and at base_url"
_SET = "set download_dir to slskd's downloads folder as this machine sees it"


async def state_of(slskd: Slskd) -> Mapping[str, Any]:
    """Return slskd's own account of itself.

    :raises SourceError: it does not answer, or refuses the login.
    """
    return require_mapping(await slskd.json("GET", "/application"), "application")


async def examine(context: SourceContext, slskd: Slskd, landing: Landing) -> list[Check]:
    """Look at the program, its connection and its folder; what is wrong is a finding, never raised."""
    try:
        program = _program(await state_of(slskd))
    except SourceError as error:
        return [_wrong("connection", error.message, error.hint or _UP)]
    try:
        landing.forget()
        places = await landing.places()
        listed = await slskd.json("GET", "/files/downloads/directories", params={"recursive": "true"})
        return [*program, *await context.run_blocking(_folder, places, next(_files(listed), None))]
    except SourceError as error:
        return [*program, _wrong("path_map", error.message, error.hint or _SET)]


def logged_in(state: Mapping[str, Any]) -> bool:
    """Whether slskd is logged in to Soulseek."""
    return flag(mapping(state.get("server")).get("isLoggedIn"))


def _program(state: Mapping[str, Any]) -> list[Check]:
    about = mapping(state.get("version"))
    version = text(about.get("current")) or text(about.get("full"))
    slskd = Check(name="slskd", ok=True, detail=version)
    if not version:
        slskd = _wrong(
            "slskd", "it does not tell its version", "look at base_url: another program may listen"
        )
    user = text(mapping(state.get("user")).get("username"))
    if logged_in(state):
        return [slskd, Check(name="Soulseek", ok=True, detail=f"logged in as {user}")]
    stands = text(mapping(state.get("server")).get("state"))
    return [slskd, _wrong("Soulseek", f"slskd is {stands!r}", "look at slskd's own page: login or network")]


def _folder(places: Places, file: tuple[str, int] | None) -> list[Check]:
    """Look at the downloads folder, and for a file that slskd has listed in it."""
    root = places.root
    if root is None:
        return [_wrong("path_map", "slskd does not name its folder", _SET)]
    if not root.is_dir():
        return [_wrong("download_dir", f"{str(root)!r} is not there on this machine", _SET)]
    if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
        return [_wrong("download_dir", str(root), "let this user read and write it: files are taken over")]
    found = Check(name="download_dir", ok=True, detail=str(root))
    if file is None:
        return [found]
    return [found, places.map.prove(inside(places.there or str(root), file[0]), file[1])]


def _wrong(name: str, detail: str, hint: str) -> Check:
    return Check(name=name, ok=False, detail=detail, hint=hint)


def _files(folder: Any) -> Iterator[tuple[str, int]]:
    """Yield names and sizes of files in a listing; names are relative to the folder, or whole paths."""
    waiting = [folder]
    while waiting:
        one = mapping(waiting.pop())
        for row in map(mapping, items(one.get("files"))):
            name, size = row.get("fullName"), whole(row.get("length"))
            if isinstance(name, str) and name and size:
                yield name, size
        waiting += items(one.get("directories"))
