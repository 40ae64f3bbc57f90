"""SABnzbd: one address, ``mode`` says what. https://sabnzbd.org/wiki/configuration/api."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cratedig import (
    AuthenticationFailed,
    Check,
    CorruptDownload,
    NotConfigured,
    NotEntitled,
    NotFound,
    SourceContext,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.reading import flag, items, mapping, number, require_items, require_mapping, text, texts, whole
from cratedig_usenet.jobs import Job, mark_in, release_of, seen
from cratedig_usenet.settings import UsenetSettings

_MIB = 2**20
_MOST = 1000
"""Slots of the history that are looked at; without a number SABnzbd lists ten."""
_DOING: Mapping[str, str] = {
    "Queued": "waiting in SABnzbd's queue",
    "Paused": "paused in SABnzbd",
    "Downloading": "downloading",
    "Checking": "checking",
    "Propagating": "waiting until the articles have spread",
    "Fetching": "fetching recovery files",
    "Grabbing": "fetching the NZB",
    "QuickCheck": "verifying",
    "Verifying": "verifying",
    "Repairing": "repairing",
    "Extracting": "unpacking",
    "Moving": "moving",
    "Running": "running a script",
    "Completed": "moving",
}
_FAILURES: tuple[tuple[re.Pattern[str], type[SourceError], str, str], ...] = (
    (
        re.compile(r"password|encrypt", re.IGNORECASE),
        NotEntitled,
        "the release is locked with a password",
        "",
    ),
    (
        re.compile(r"cannot be completed|not.complete|too many.*missing", re.IGNORECASE),
        NotFound,
        "the release is incomplete: too many articles are gone",
        "",
    ),
    (
        re.compile(r"disk.*full|no space|write error", re.IGNORECASE),
        Unavailable,
        "there is no room for it",
        "free some space on SABnzbd's disk",
    ),
    (
        re.compile(r"repair|verif|unpack|crc|corrupt|damaged", re.IGNORECASE),
        CorruptDownload,
        "the release is damaged and cannot be repaired",
        "",
    ),
)
_LOGIN = "set client_api_key to the API key in SABnzbd's settings under General"


class SabNzbd:
    """One SABnzbd. The mark is in the job's name: SABnzbd has no other place for it."""

    name = "SABnzbd"
    looks = 3

    def __init__(self, context: SourceContext) -> None:
        self._context = context

    async def add(self, name: str, nzb: bytes, mark: str) -> str:
        """Upload the NZB."""
        del mark
        fields = {"nzbname": name}
        if category := self._settings.category:
            fields["cat"] = category
        file = {"name": (f"{name}.nzb", nzb, "application/x-nzb")}
        answer = await self._call("addfile", fields, files=file)
        found = texts(answer.get("nzo_ids"))
        if not found:
            raise UnexpectedResponse("SABnzbd does not take the NZB", hint="its log says why")
        return found[0]

    async def queue(self) -> list[Job]:
        """All slots."""
        queue = require_mapping((await self._call("queue")).get("queue"), "SABnzbd's queue")
        slots = require_items(queue.get("slots"), "SABnzbd's queue")
        return [job for slot in slots if (job := _queued(mapping(slot)))]

    async def history(self, ids: Iterable[str] = ()) -> list[Job]:
        """Those slots; SABnzbd lists what is being unpacked here as well."""
        chosen = {"nzo_ids": ",".join(ids)} if ids else {}
        return [job for slot in await self._slots(chosen) if (job := _processed(mapping(slot)))]

    async def remove(self, job_id: str) -> bool:
        """Delete it from the queue, else end its post-processing and delete it from the history."""
        removal = {"name": "delete", "value": job_id, "del_files": "1"}
        if flag((await self._call("queue", removal)).get("status")):
            return True
        if not any(job.id == job_id for job in await self.history([job_id])):
            return False
        await self._call("cancel_pp", {"value": job_id})
        # Newer versions only put it away where they are not told otherwise.
        await self._call("history", {**removal, "archive": "0"})
        return True

    async def diagnose(self) -> list[Check]:
        """Version, key and category."""
        version = text((await self._call("version")).get("version"))
        await self._call("queue", {"limit": "1"})  # the version is told to anybody
        known = texts((await self._call("get_cats")).get("categories"))
        return seen(self, version, self._settings.category, known)

    async def complete_folder(self) -> str:
        """Return its folder for completed downloads."""
        status = mapping((await self._call("fullstatus", {"skip_dashboard": "1"})).get("status"))
        return text(status.get("completedir"))

    @property
    def _settings(self) -> UsenetSettings:
        settings: UsenetSettings = self._context.settings
        return settings

    async def _slots(self, chosen: Mapping[str, str]) -> list[Any]:
        answer = await self._call("history", {**chosen, "limit": str(_MOST)})
        history = require_mapping(answer.get("history"), "SABnzbd's history")
        return require_items(history.get("slots"), "SABnzbd's history")

    async def _call(
        self, mode: str, fields: Mapping[str, str] | None = None, **more: Any
    ) -> Mapping[str, Any]:
        """Everything is posted: the key would stand in the address otherwise."""
        settings = self._settings
        form = {
            "mode": mode,
            "output": "json",
            "apikey": str(settings.client_api_key or ""),
            **(fields or {}),
        }
        answer = await self._context.request("POST", f"{settings.client_base_url}/api", data=form, **more)
        if answer.status_code in {401, 403}:
            raise _refused(text(answer.text))
        if not answer.is_success:
            raise self._context.meaning(answer)
        try:
            body = require_mapping(answer.json(), f"SABnzbd's answer to {mode}")
        except (ValueError, RecursionError):
            raise UnexpectedResponse(
                f"what answers to {mode} is not SABnzbd", hint="set client_base_url to SABnzbd's address"
            ) from None
        if body.get("error"):
            raise UnexpectedResponse(f"SABnzbd refuses {mode}: {text(body['error'])[:200]}")
        return body


def _refused(said: str) -> SourceError:
    if "hostname" in said.lower():
        return NotConfigured(
            f"SABnzbd answers: {said[:200]}",
            hint="add the name to SABnzbd's host_whitelist, or use its IP address in client_base_url",
        )
    return AuthenticationFailed(f"SABnzbd answers: {said[:200]}", hint=_LOGIN)


def _queued(slot: Mapping[str, Any]) -> Job | None:
    status = text(slot.get("status"))
    size, left = _mebibytes(slot.get("mb")), _mebibytes(slot.get("mbleft"))
    locked = "ENCRYPTED" in texts(slot.get("labels"))
    return _job(
        slot,
        name=text(slot.get("filename")),
        detail=_DOING.get(status, status.lower()[:100]),
        size=size,
        transferred=max(size - left, 0),
        error=NotEntitled("the release is locked with a password (SABnzbd has paused it)")
        if locked
        else None,
    )


def _processed(slot: Mapping[str, Any]) -> Job | None:
    status, folder = text(slot.get("status")), text(slot.get("storage"))
    moved = status == "Completed" and bool(folder) and not flag(slot.get("loaded"))
    failed = status == "Failed"
    return _job(
        slot,
        name=text(slot.get("name")),
        detail=_remark(slot) if moved else text(slot.get("action_line"))[:200] or _DOING.get(status, status),
        size=whole(slot.get("bytes")),
        folder=folder or (text(slot.get("path")) if failed else ""),
        done=moved,
        error=_failure(text(slot.get("fail_message"))) if failed else None,
    )


def _job(slot: Mapping[str, Any], *, name: str, **more: Any) -> Job | None:
    job_id = text(slot.get("nzo_id"))
    if not job_id:
        return None
    mark = mark_in(name) or mark_in(text(slot.get("nzb_name")))
    return Job(id=job_id, name=release_of(name), mark=mark, **more)


def _remark(slot: Mapping[str, Any]) -> str:
    """What its log says of a job that is called complete; damaged ones are called so, too."""
    said = [line for stage in items(slot.get("stage_log")) for line in texts(mapping(stage).get("actions"))]
    missing = next((line for line in said if "articles were missing" in line), "")
    repaired = next((line for line in said if "repaired" in line.lower()), "")
    return f"SABnzbd says: {missing}" if missing else "repaired by SABnzbd" if repaired else ""


def _failure(said: str) -> SourceError:
    for pattern, kind, what, hint in _FAILURES:
        if pattern.search(said):
            return kind(f"{what} (SABnzbd says: {said[:200]})", hint=hint or None)
    return NotFound(f"SABnzbd could not complete the job: {said[:200] or 'no reason given'}")


def _mebibytes(value: object) -> int:
    return min(int((number(value) or 0.0) * _MIB), 2**62) if (number(value) or 0.0) < 2**42 else 2**62
