"""What has to be right for Soulseek to work, looked at for ``cratedig doctor``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cratedig import Check, SourceContext, SourceError
from cratedig.reading import flag, items, mapping, require_mapping, text, whole
from cratedig_soulseek.client import Slskd
from cratedig_soulseek.landing import Landing, inside

_UP = "look whether slskd is running, and at base_url"
_SET = "set download_dir to slskd's downloads folder as this machine sees it"


class Examining:
    """Looks at slskd and its folder."""

    def __init__(self, context: SourceContext, slskd: Slskd, landing: Landing) -> None:
        self._context = context
        self._slskd = slskd
        self._landing = landing

    async def state(self) -> Mapping[str, Any]:
        """Return slskd's own account of itself.

        :raises SourceError: it does not answer, or refuses the login.
        """
        return require_mapping(await self._slskd.json("GET", "/application"), "application")

    async def checks(self) -> list[Check]:
        """Look at the program, its connection and its folder; what is wrong is a finding, never raised."""
        import httpx  # noqa: PLC0415 - loaded when first used

        try:
            return [*_program(await self.state()), *await self._folder()]
        except SourceError as error:
            problem = error
        except httpx.HTTPError as error:
            problem = self._context.meaning(error)
        return [Check(name="connection", ok=False, detail=problem.message, hint=problem.hint or _UP)]

    async def _folder(self) -> list[Check]:
        try:
            self._landing.forget()
            places = await self._landing.places()
            listed = await self._slskd.json(
                "GET", "/files/downloads/directories", params={"recursive": "true"}
            )
        except SourceError as error:
            return [Check(name="path_map", ok=False, detail=error.message, hint=error.hint or _SET)]
        if places.root is None:
            return [Check(name="path_map", ok=False, detail="slskd does not name its folder", hint=_SET)]
        checks = [await self._context.run_blocking(_writable, places.root)]
        for name, size in _files(listed) if checks[0].ok else ():
            there = inside(places.there or str(places.root), name)
            checks.append(await self._context.run_blocking(places.map.prove, there, size))
            break
        return checks


def logged_in(state: Mapping[str, Any]) -> bool:
    """Whether slskd is logged in to Soulseek."""
    return flag(mapping(state.get("server")).get("isLoggedIn"))


def _program(state: Mapping[str, Any]) -> list[Check]:
    about = mapping(state.get("version"))
    version = text(about.get("current")) or text(about.get("full"))
    server, user = mapping(state.get("server")), text(mapping(state.get("user")).get("username"))
    return [
        Check(
            name="slskd",
            ok=bool(version),
            detail=version or "it does not tell its version",
            hint="" if version else "look at base_url: another program may listen there",
        ),
        Check(
            name="Soulseek",
            ok=logged_in(state),
            detail=f"logged in as {user}" if logged_in(state) else f"slskd is {text(server.get('state'))!r}",
            hint="" if logged_in(state) else "look at slskd's own page: its Soulseek login or its network",
        ),
    ]


def _writable(root: Path) -> Check:
    if not root.is_dir():
        return Check(
            name="download_dir", ok=False, detail=f"{str(root)!r} is not there on this machine", hint=_SET
        )
    may = os.access(root, os.R_OK | os.W_OK | os.X_OK)
    hint = "" if may else "let this user read and write it: files are taken over from there"
    return Check(name="download_dir", ok=may, detail=str(root), hint=hint)


def _files(folder: Any) -> Iterator[tuple[str, int]]:
    """Yield names and sizes of files in a listing; names are relative to the folder, or whole paths."""
    waiting = [mapping(folder)]
    while waiting:
        one = waiting.pop()
        for row in map(mapping, items(one.get("files"))):
            name, size = row.get("fullName"), whole(row.get("length"))
            if isinstance(name, str) and name and size:
                yield name, size
        waiting += map(mapping, items(one.get("directories")))
