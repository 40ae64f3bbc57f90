"""NZBGet: JSON-RPC with positional parameters. https://nzbget.com/documentation/api/."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any

from cratedig import (
    AuthenticationFailed,
    Check,
    CorruptDownload,
    NotFound,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.reading import mapping, require_items, text, whole
from cratedig_usenet.clients import Client
from cratedig_usenet.failures import DAMAGED, FULL, INCOMPLETE, LOCKED, UNKNOWN, Failure
from cratedig_usenet.jobs import Job, mark_in, release_of

_DOING: Mapping[str, str] = {
    "QUEUED": "waiting in NZBGet's queue",
    "PAUSED": "paused in NZBGet",
    "FETCHING": "fetching the NZB",
    "PP_QUEUED": "waiting to be checked",
    "PP_FINISHED": "finishing",
}
"""Where NZBGet's own word does not say it."""
_USABLE = frozenset({"WARNING/SCRIPT", "WARNING/HEALTH"})
_FAILURES: Mapping[str, Failure] = {
    "WARNING/PASSWORD": LOCKED,
    "WARNING/SPACE": FULL,
    "WARNING/DAMAGED": DAMAGED,
    "WARNING/REPAIRABLE": Failure(
        CorruptDownload, "the release is damaged and was not repaired", "set ParRepair=yes in NZBGet"
    ),
    "FAILURE/HEALTH": INCOMPLETE,
    "FAILURE/PAR": DAMAGED,
    "FAILURE/UNPACK": Failure(CorruptDownload, "the release cannot be unpacked"),
    "FAILURE/MOVE": Failure(Unavailable, "NZBGet cannot move the files", "look at its DestDir and its disk"),
    "FAILURE/SCAN": Failure(UnexpectedResponse, "NZBGet cannot read the NZB"),
    "FAILURE/BAD": Failure(NotFound, "the release was marked as bad in NZBGet"),
    "DELETED/MANUAL": Failure(NotFound, "the job was deleted in NZBGet"),
    "DELETED/HEALTH": INCOMPLETE,
}
_CATEGORY = re.compile(r"category\d+\.name", re.IGNORECASE)
_LOGIN = "set client_username and client_password to NZBGet's ControlUsername and ControlPassword"


class NzbGet(Client):
    """One NZBGet. An id is NZBGet's number and the mark: numbers begin anew where its queue was lost."""

    name = "NZBGet"

    async def add(self, name: str, nzb: bytes, mark: str) -> str:
        """Append to the queue.

        The mark is the duplicate key as well, which stays when somebody renames the job; ``FORCE`` has
        NZBGet not look for duplicates.
        """
        job = f"{name}.nzb", base64.b64encode(nzb).decode(), self._settings.category
        number = whole(await self._call("append", *job, 0, False, False, mark, 0, "FORCE", []))
        if not number:
            raise UnexpectedResponse("NZBGet does not take the NZB", hint="its log says why")
        return f"{number} {mark}"

    async def queue(self) -> list[Job]:
        """All groups."""
        groups = require_items(await self._call("listgroups", 0), "NZBGet's queue")
        return [_queued(mapping(group)) for group in groups]

    async def history(self, ids: Iterable[str] = ()) -> list[Job]:
        """All that has ended; NZBGet cannot choose."""
        del ids
        items = require_items(await self._call("history", False), "NZBGet's history")
        return [_ended(mapping(item)) for item in items]

    async def remove(self, job_id: str) -> None:
        """Delete it for good where it is; NZBGet removes partial files itself."""
        number = whole(job_id.partition(" ")[0])
        for command in ("GroupFinalDelete", "HistoryFinalDelete"):
            if await self._call("editqueue", command, "", [number]):
                return

    async def diagnose(self) -> list[Check]:
        """Version, rights, category, and whether it keeps a history."""
        version = text(await self._call("version"))
        options = await self._options()
        known = [value for key, value in options.items() if _CATEGORY.fullmatch(key)]
        checks = self._seen(version, known)
        if options.get("KeepHistory") == "0":
            detail = "NZBGet keeps no history, so that nobody can see how a job has ended"
            checks.append(Check(name="history", ok=False, detail=detail, hint="set KeepHistory=7 in NZBGet"))
        return checks

    async def complete_folder(self) -> str:
        """Return its DestDir."""
        return (await self._options()).get("DestDir", "")

    async def _options(self) -> dict[str, str]:
        options = map(mapping, require_items(await self._call("config"), "NZBGet's settings"))
        return {text(option.get("Name")): text(option.get("Value")) for option in options}

    async def _call(self, method: str, *params: Any) -> Any:
        answer = await self._post(
            "/jsonrpc",
            method,
            json={"version": "1.1", "method": method, "params": params, "id": 7},
            auth=(self._settings.client_username, str(self._settings.client_password or "")),
        )
        return answer.get("result")

    def _refusal(self, said: str) -> SourceError:
        del said
        return AuthenticationFailed("NZBGet refuses the login", hint=_LOGIN)


def _queued(group: Mapping[str, Any]) -> Job:
    status, left = text(group.get("Status")), _bytes(group, "RemainingSize")
    doing = _DOING.get(status, status.lower().replace("_", " ")[:100])
    return _job(group, detail=doing, transferred=max(_bytes(group, "FileSize") - left, 0))


def _ended(item: Mapping[str, Any]) -> Job:
    status = text(item.get("Status"))
    done = status.startswith("SUCCESS/") or status in _USABLE
    return _job(item, done=done, error=None if done else _FAILURES.get(status, UNKNOWN).error(status))


def _job(entry: Mapping[str, Any], **more: Any) -> Job:
    number, name = whole(entry.get("NZBID")), text(entry.get("NZBName"))
    mark = mark_in(f"{text(entry.get('DupeKey'))} {name}")
    return Job(
        id=f"{number} {mark}".strip() if number else "",
        name=release_of(name),
        mark=mark,
        size=_bytes(entry, "FileSize"),
        folder=text(entry.get("FinalDir")) or text(entry.get("DestDir")),
        **more,
    )


def _bytes(entry: Mapping[str, Any], name: str) -> int:
    high, low = whole(entry.get(f"{name}Hi")) or 0, whole(entry.get(f"{name}Lo")) or 0
    return min((high << 32) + low, 2**62)
