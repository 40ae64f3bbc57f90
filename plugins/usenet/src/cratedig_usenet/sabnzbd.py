"""SABnzbd: one address, ``mode`` says what. https://sabnzbd.org/wiki/configuration/api."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cratedig import AuthenticationFailed, Check, NotConfigured, SourceError, UnexpectedResponse
from cratedig.reading import flag, mapping, number, require_items, text, texts, whole
from cratedig_usenet.clients import Client
from cratedig_usenet.failures import DAMAGED, FULL, INCOMPLETE, LOCKED, UNKNOWN, Failure
from cratedig_usenet.jobs import Job, mark_in, release_of

_MIB = 2**20
_MOST = 1000
"""Slots of the history that are looked at; without a number SABnzbd lists ten."""
_DOING: Mapping[str, str] = {
    "Queued": "waiting in SABnzbd's queue",
    "Paused": "paused in SABnzbd",
    "Propagating": "waiting until the articles have spread",
    "Fetching": "fetching recovery files",
    "Grabbing": "fetching the NZB",
    "QuickCheck": "verifying",
    "Extracting": "unpacking",
    "Running": "running a script",
    "Completed": "moving",
}
"""Where SABnzbd's own word does not say it."""
_FAILURES: Mapping[str, Failure] = {
    r"password|encrypt": LOCKED,
    r"cannot be completed|not.complete|too many.*missing": INCOMPLETE,
    r"disk.*full|no space|write error": FULL,
    r"repair|verif|unpack|crc|corrupt|damaged": DAMAGED,
}
"""By what its message says; the first that fits."""
_LOGIN = "set client_api_key to the API key in SABnzbd's settings under General"


class SabNzbd(Client):
    """One SABnzbd. The mark is in the job's name: SABnzbd has no other place for it."""

    name = "SABnzbd"
    looks = 3

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
        return [_queued(slot) for slot in await self._slots("queue", {})]

    async def history(self, ids: Iterable[str] = ()) -> list[Job]:
        """Those slots; SABnzbd lists what is being unpacked here as well."""
        chosen = {"nzo_ids": ",".join(ids)} if ids else {}
        return [_processed(slot) for slot in await self._slots("history", {**chosen, "limit": str(_MOST)})]

    async def remove(self, job_id: str) -> None:
        """Delete it from the queue, else end its post-processing and delete it from the history."""
        removal = {"name": "delete", "value": job_id, "del_files": "1"}
        if flag((await self._call("queue", removal)).get("status")):
            return
        await self._call("cancel_pp", {"value": job_id})
        # Newer versions only put it away where they are not told otherwise.
        await self._call("history", {**removal, "archive": "0"})

    async def diagnose(self) -> list[Check]:
        """Version, key and category."""
        version = text((await self._call("version")).get("version"))
        await self._call("queue", {"limit": "1"})  # the version is told to anybody
        known = texts((await self._call("get_cats")).get("categories"))
        return self._seen(version, known)

    async def complete_folder(self) -> str:
        """Return its folder for completed downloads."""
        status = mapping((await self._call("fullstatus", {"skip_dashboard": "1"})).get("status"))
        return text(status.get("completedir"))

    async def _slots(self, mode: str, chosen: Mapping[str, str]) -> list[Mapping[str, Any]]:
        listed = mapping((await self._call(mode, chosen)).get(mode))
        return [mapping(slot) for slot in require_items(listed.get("slots"), f"SABnzbd's {mode}")]

    async def _call(
        self, mode: str, fields: Mapping[str, str] | None = None, **options: Any
    ) -> Mapping[str, Any]:
        """Everything is posted: the key would stand in the address otherwise."""
        key = str(self._settings.client_api_key or "")
        form = {"mode": mode, "output": "json", "apikey": key, **(fields or {})}
        return await self._post("/api", mode, data=form, **options)

    def _refusal(self, said: str) -> SourceError:
        if "hostname" in said.lower():
            hint = "add the name to SABnzbd's host_whitelist, or use its IP address in client_base_url"
            return NotConfigured(f"SABnzbd answers: {said}", hint=hint)
        return AuthenticationFailed(f"SABnzbd answers: {said}", hint=_LOGIN)


def _queued(slot: Mapping[str, Any]) -> Job:
    size, left = _mebibytes(slot.get("mb")), _mebibytes(slot.get("mbleft"))
    locked = "ENCRYPTED" in texts(slot.get("labels"))
    return _job(
        slot,
        size=size,
        transferred=max(size - left, 0),
        error=LOCKED.error("SABnzbd has paused it") if locked else None,
    )


def _processed(slot: Mapping[str, Any]) -> Job:
    status, folder = text(slot.get("status")), text(slot.get("storage"))
    return _job(
        slot,
        size=whole(slot.get("bytes")),
        folder=folder,
        done=status == "Completed" and bool(folder) and not flag(slot.get("loaded")),
        error=_failure(text(slot.get("fail_message"))) if status == "Failed" else None,
    )


def _job(slot: Mapping[str, Any], **more: Any) -> Job:
    name, status = text(slot.get("filename")) or text(slot.get("name")), text(slot.get("status"))
    return Job(
        id=text(slot.get("nzo_id")),
        name=release_of(name),
        mark=mark_in(f"{name} {text(slot.get('nzb_name'))}"),
        detail=text(slot.get("action_line"))[:200] or _DOING.get(status, status.lower()[:100]),
        **more,
    )


def _failure(said: str) -> SourceError:
    fitting = (failure for words, failure in _FAILURES.items() if re.search(words, said, re.IGNORECASE))
    return next(fitting, UNKNOWN).error(said or "no reason given")


def _mebibytes(value: object) -> int:
    return int(min((number(value) or 0.0) * _MIB, 2**62))
