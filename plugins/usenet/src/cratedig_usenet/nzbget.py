"""NZBGet: JSON-RPC with positional parameters. https://nzbget.com/documentation/api/."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cratedig import (
    AuthenticationFailed,
    Check,
    CorruptDownload,
    NotEntitled,
    NotFound,
    SourceContext,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.reading import mapping, require_items, require_mapping, text, whole
from cratedig_usenet.jobs import Job, mark_in, release_of, seen
from cratedig_usenet.settings import UsenetSettings

if TYPE_CHECKING:
    import httpx

_DOING: Mapping[str, str] = {
    "QUEUED": "waiting in NZBGet's queue",
    "PAUSED": "paused in NZBGet",
    "DOWNLOADING": "downloading",
    "FETCHING": "fetching the NZB",
    "PP_QUEUED": "waiting to be checked",
    "LOADING_PARS": "loading recovery files",
    "VERIFYING_SOURCES": "verifying",
    "REPAIRING": "repairing",
    "VERIFYING_REPAIRED": "verifying what was repaired",
    "RENAMING": "renaming",
    "UNPACKING": "unpacking",
    "MOVING": "moving",
    "POST_UNPACK_RENAMING": "renaming",
    "EXECUTING_SCRIPT": "running a script",
    "PP_FINISHED": "finishing",
}
_USABLE = frozenset({"WARNING/SCRIPT", "WARNING/HEALTH"})
_FAILURES: Mapping[str, tuple[type[SourceError], str, str]] = {
    "WARNING/PASSWORD": (NotEntitled, "the release is locked with a password", ""),
    "WARNING/SPACE": (Unavailable, "there is no room to unpack it", "free some space on NZBGet's disk"),
    "WARNING/DAMAGED": (CorruptDownload, "the release is damaged and cannot be repaired", ""),
    "WARNING/REPAIRABLE": (
        CorruptDownload,
        "the release is damaged and was not repaired",
        "set ParRepair=yes in NZBGet",
    ),
    "FAILURE/HEALTH": (NotFound, "the release is incomplete: too many articles are gone", ""),
    "FAILURE/PAR": (CorruptDownload, "the release is damaged and cannot be repaired", ""),
    "FAILURE/UNPACK": (CorruptDownload, "the release cannot be unpacked", ""),
    "FAILURE/MOVE": (Unavailable, "NZBGet cannot move the files", "look at NZBGet's DestDir and its disk"),
    "FAILURE/SCAN": (UnexpectedResponse, "NZBGet cannot read the NZB", ""),
    "FAILURE/BAD": (NotFound, "the release was marked as bad in NZBGet", ""),
    "DELETED/MANUAL": (NotFound, "the job was deleted in NZBGet", ""),
    "DELETED/HEALTH": (NotFound, "the release is incomplete: too many articles are gone", ""),
}
_CATEGORY = re.compile(r"category\d+\.name", re.IGNORECASE)
_LOGIN = "set client_username and client_password to NZBGet's ControlUsername and ControlPassword"


class NzbGet:
    """One NZBGet. An id is NZBGet's number and the mark: numbers begin anew where its queue was lost."""

    name = "NZBGet"
    looks = 1

    def __init__(self, context: SourceContext) -> None:
        self._context = context

    async def add(self, name: str, nzb: bytes, mark: str) -> str:
        """Append to the queue.

        The mark is the duplicate key as well, which stays when somebody renames the job; ``FORCE`` has
        NZBGet not look for duplicates.
        """
        content = base64.b64encode(nzb).decode()
        number = whole(
            await self._call(
                "append",
                f"{name}.nzb",
                content,
                self._settings.category,
                0,
                False,
                False,
                mark,
                0,
                "FORCE",
                [],
            )
        )
        if not number:
            raise UnexpectedResponse("NZBGet does not take the NZB", hint="its log says why")
        return f"{number} {mark}"

    async def queue(self) -> list[Job]:
        """All groups."""
        groups = require_items(await self._call("listgroups", 0), "NZBGet's queue")
        return [job for group in groups if (job := _queued(mapping(group)))]

    async def history(self, ids: Iterable[str] = ()) -> list[Job]:
        """All that has ended; NZBGet cannot choose."""
        del ids
        items = require_items(await self._call("history", False), "NZBGet's history")
        return [job for item in items if (job := _ended(mapping(item)))]

    async def remove(self, job_id: str) -> bool:
        """Delete it for good where it is; NZBGet removes partial files itself."""
        number = whole(job_id.partition(" ")[0])
        for command in ("GroupFinalDelete", "HistoryFinalDelete"):
            if await self._call("editqueue", command, "", [number]):
                return True
        return False

    async def diagnose(self) -> list[Check]:
        """Version, rights, category, and whether it keeps a history."""
        version = text(await self._call("version"))
        options = await self._options()
        known = [value for key, value in options.items() if _CATEGORY.fullmatch(key)]
        checks = seen(self, version, self._settings.category, known)
        if options.get("KeepHistory") == "0":
            detail = "NZBGet keeps no history, so that nobody can see how a job has ended"
            checks.append(Check(name="history", ok=False, detail=detail, hint="set KeepHistory=7 in NZBGet"))
        return checks

    async def complete_folder(self) -> str:
        """Return its DestDir."""
        return (await self._options()).get("DestDir", "")

    @property
    def _settings(self) -> UsenetSettings:
        settings: UsenetSettings = self._context.settings
        return settings

    async def _options(self) -> dict[str, str]:
        options = map(mapping, require_items(await self._call("config"), "NZBGet's settings"))
        return {text(option.get("Name")): text(option.get("Value")) for option in options}

    async def _call(self, method: str, *params: Any) -> Any:
        settings = self._settings
        answer = await self._context.request(
            "POST",
            f"{settings.client_base_url}/jsonrpc",
            json={"version": "1.1", "method": method, "params": params, "id": 7},
            auth=(settings.client_username, str(settings.client_password or "")),
        )
        if answer.status_code in {401, 403}:
            raise AuthenticationFailed("NZBGet refuses the login", hint=_LOGIN)
        if not answer.is_success:
            raise self._context.meaning(answer)
        return self._result(method, answer)

    def _result(self, method: str, answer: httpx.Response) -> Any:
        try:
            body = require_mapping(answer.json(), f"NZBGet's answer to {method}")
        except (ValueError, RecursionError):
            raise UnexpectedResponse(
                f"what answers to {method} is not NZBGet", hint="set client_base_url to NZBGet's address"
            ) from None
        if body.get("error"):
            problem = mapping(body["error"])
            raise UnexpectedResponse(f"NZBGet refuses {method}: {text(problem.get('message'))[:200]}")
        return body.get("result")


def _queued(group: Mapping[str, Any]) -> Job | None:
    size, left = _bytes(group, "FileSize"), _bytes(group, "RemainingSize")
    status = text(group.get("Status"))
    return _job(
        group,
        detail=_DOING.get(status, status.lower()[:100]),
        size=size,
        transferred=max(size - left, 0),
    )


def _ended(item: Mapping[str, Any]) -> Job | None:
    status = text(item.get("Status"))
    done = status.startswith("SUCCESS/") or status in _USABLE
    repaired = text(item.get("ParStatus")) == "SUCCESS"
    return _job(
        item,
        detail="repaired by NZBGet" if done and repaired else "",
        size=_bytes(item, "FileSize"),
        folder=text(item.get("FinalDir")) or text(item.get("DestDir")),
        done=done,
        error=None if done else _failure(status),
    )


def _job(entry: Mapping[str, Any], **more: Any) -> Job | None:
    number = whole(entry.get("NZBID"))
    if not number:
        return None
    name = text(entry.get("NZBName"))
    mark = mark_in(text(entry.get("DupeKey"))) or mark_in(name)
    folder = more.pop("folder", "") or text(entry.get("DestDir"))
    return Job(id=f"{number} {mark}".strip(), name=release_of(name), mark=mark, folder=folder, **more)


def _failure(status: str) -> SourceError:
    kind, what, hint = _FAILURES.get(status, (NotFound, "NZBGet could not complete the job", ""))
    return kind(f"{what} ({status[:60]})", hint=hint or None)


def _bytes(entry: Mapping[str, Any], name: str) -> int:
    high, low = whole(entry.get(f"{name}Hi")) or 0, whole(entry.get(f"{name}Lo")) or 0
    return min((high << 32) + low, 2**62)
