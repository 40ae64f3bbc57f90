"""SABnzbd: one address, texts where numbers would be, and a history that says ``Completed`` too early."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from cratedig_emulators.messages import EPOCH
from cratedig_emulators.server import Request, Response, json_response, route
from cratedig_emulators.usenet.clients import (
    CHECKING,
    DOWNLOADING,
    ENDED,
    ENDING,
    MOVING,
    QUEUED,
    REPAIRING,
    UNPACKING,
    DownloadClient,
    Job,
)

_QUEUE = (QUEUED, DOWNLOADING)
_STATUS = {
    CHECKING: "Verifying",
    REPAIRING: "Repairing",
    UNPACKING: "Extracting",
    MOVING: "Moving",
    ENDING: "Completed",
}
_INCOMPLETE = "Aborted, cannot be completed - https://sabnzbd.org/not-complete"
_MIB = 2**20


class SabnzbdEmulator(DownloadClient):
    """SABnzbd with one API key.

    ``gap`` is how many requests a job is in neither list for, on its way from queue to history. A verdict is
    the ``fail_message`` of a failed job; ``ENCRYPTED`` pauses it in the queue under that label instead.
    ``refuses_host`` answers as to a name that is not in its whitelist. ``renames`` is SABnzbd's
    deobfuscation, which gives a release's only file the job's name.
    """

    name = "sabnzbd"

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.api_key = uuid4().hex
        self.version = "4.5.0"
        self.gap = 2
        self.refuses_host = False
        self.renames = True
        self._unseen: dict[str, int] = {}

    def new_id(self, number: int) -> str:
        """As SABnzbd writes them."""
        return f"SABnzbd_nzo_{number:08x}"

    def fails(self, job: Job) -> bool:
        """Where something of it is there, SABnzbd calls it complete."""
        return bool(job.verdict) or (job.lost and not job.repaired)

    def final_name(self, job: Job, name: str) -> str:
        """The job's name, for the only file."""
        alone = len([1 for one, _ in job.files if not one.endswith(".par2")]) == 1
        return f"{job.name}.{name.rpartition('.')[2]}" if alone and self.renames else name

    @route("/api", methods=("GET", "POST"))
    def api(self, request: Request) -> Response:
        """Every function."""
        args, upload = _fields(request)
        if self.refuses_host:
            return _refused(
                "Access denied - Hostname verification failed: https://sabnzbd.org/hostname-check"
            )
        mode = args.get("mode", "")
        if mode == "version":
            return json_response({"version": self.version})
        if args.get("apikey") != self.api_key:
            return _refused("API Key Incorrect" if args.get("apikey") else "API Key Required")
        handler = getattr(self, f"_{mode}", None)
        return _error("not implemented") if handler is None else self._answer(handler, args, upload)

    def _answer(self, handler: Any, args: Mapping[str, str], upload: bytes) -> Response:
        with self._lock:
            answer = handler(args, upload)
        return answer if isinstance(answer, Response) else json_response(answer)

    def _addfile(self, args: Mapping[str, str], upload: bytes) -> Any:
        if not upload:
            return _error("expects one parameter")
        category = args.get("cat", "*")
        known = category if category in self.categories else ""
        name = re.sub(r'[/\\<>?*:|"]', "", args.get("nzbname", "")) or "unnamed"
        job = self.add(name, upload, known)
        if job is None:
            return {"status": False, "nzo_ids": []}
        if job.verdict == "ENCRYPTED":
            job.paused = True
        return {"status": True, "nzo_ids": [job.id]}

    def _queue(self, args: Mapping[str, str], _upload: bytes) -> Any:
        if args.get("name") == "delete":
            chosen = [one for one in args.get("value", "").split(",") if self._is_queued(one)]
            removed = [one for one in chosen if self.remove(one)]
            return {"status": bool(removed), "nzo_ids": removed}
        slots = [self._slot(job) for job in self.jobs.values() if job.stage in _QUEUE]
        return {
            "queue": {
                "version": self.version,
                "status": "Downloading",
                "noofslots": len(slots),
                "kbpersec": "3100.00",
                "paused": False,
                "slots": slots,
            }
        }

    def _is_queued(self, job_id: str) -> bool:
        job = self.jobs.get(job_id)
        return job is not None and job.stage in _QUEUE

    def _slot(self, job: Job) -> dict[str, Any]:
        size, left = job.size / _MIB, (job.size - job.got) / _MIB
        return {
            "nzo_id": job.id,
            "filename": job.name,
            "status": "Paused" if job.paused else "Downloading",
            "percentage": str(round(100 * job.got / max(job.size, 1))),
            "mb": f"{size:.2f}",
            "mbleft": f"{left:.2f}",
            "mbmissing": "0.0",
            "size": f"{size:.0f} MB",
            "timeleft": "0:00:39",
            "cat": job.category or "*",
            "priority": "Normal",
            "labels": ["ENCRYPTED"] if job.verdict == "ENCRYPTED" else [],
        }

    def _history(self, args: Mapping[str, str], _upload: bytes) -> Any:
        if args.get("name") == "delete":
            for one in args.get("value", "").split(","):
                if not self._is_queued(one) and args.get("archive") == "0":
                    self.remove(one)
            return {"status": True}
        ids = [one for one in args.get("nzo_ids", "").split(",") if one]
        limit = int(args.get("limit") or 10)
        slots = [
            self._entry(job)
            for job in self.jobs.values()
            if job.stage not in _QUEUE and (not ids or job.id in ids) and not self._between(job)
        ]
        return {"history": {"noofslots": len(slots), "slots": slots[:limit]}}

    def _between(self, job: Job) -> bool:
        seen = self._unseen[job.id] = self._unseen.get(job.id, 0) + 1
        return seen <= self.gap

    def _entry(self, job: Job) -> dict[str, Any]:
        failed = job.stage == ENDED and self.fails(job)
        ended = job.stage == ENDED and not failed
        status = "Failed" if failed else "Completed" if ended else _STATUS.get(job.stage, "Queued")
        return {
            "nzo_id": job.id,
            "name": job.name,
            "nzb_name": f"{job.name}.nzb",
            "category": job.category or "*",
            "status": status,
            "storage": self._storage(job, failed=failed) if failed or ended else "",
            "path": self.told(self.work_folder(job)),
            "fail_message": (job.verdict or _INCOMPLETE) if failed else "",
            "action_line": f"Moving: {job.name}" if job.stage in (MOVING, ENDING) else "",
            "loaded": job.stage != ENDED,
            "bytes": job.size,
            "downloaded": job.size,
            "completed": EPOCH,
            "stage_log": self._log(job),
            "url": "",
        }

    def _storage(self, job: Job, *, failed: bool) -> str:
        """The folder; the file itself where it is the only one."""
        if failed or job.folder is None:
            return self.told(self.work_folder(job))
        return self.told(job.folder / job.written[0] if len(job.written) == 1 else job.folder)

    def _log(self, job: Job) -> list[dict[str, Any]]:
        log = [{"name": "Download", "actions": ["Downloaded in 2 seconds"]}]
        if job.missing:
            log[0]["actions"] = [f"{job.missing} articles were missing"]
        if job.repaired:
            log = [{"name": "Repair", "actions": ["[planted] Repaired in 1 second"]}]
        return log

    def _cancel_pp(self, _args: Mapping[str, str], _upload: bytes) -> Any:
        return {"status": True}

    def _get_cats(self, _args: Mapping[str, str], _upload: bytes) -> Any:
        return {"categories": ["*", *self.categories]}

    def _fullstatus(self, _args: Mapping[str, str], _upload: bytes) -> Any:
        return {"status": {"version": self.version, "completedir": self.told(self.complete)}}


def _refused(text: str) -> Response:
    return Response(status=403, body=text.encode())


def _error(text: str) -> Response:
    return json_response({"status": False, "error": text})


def _fields(request: Request) -> tuple[dict[str, str], bytes]:
    """The arguments, wherever they stand, and the file."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        body = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        return {**request.args, **body}, b""
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message: Any = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + request.body)
    args, upload = dict(request.args), b""
    for part in message.iter_parts():
        field = part.get_param("name", header="content-disposition")
        if part.get_filename():
            upload = part.get_payload(decode=True)
        else:
            args[str(field)] = part.get_payload(decode=True).decode()
    return args, upload
