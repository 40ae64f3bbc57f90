"""NZBGet: JSON-RPC with positional parameters, Basic login, errors with status 200, sizes in two halves."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from uuid import uuid4

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

_STATUS = {
    QUEUED: "QUEUED",
    DOWNLOADING: "DOWNLOADING",
    CHECKING: "VERIFYING_SOURCES",
    REPAIRING: "REPAIRING",
    UNPACKING: "UNPACKING",
    MOVING: "MOVING",
    ENDING: "PP_FINISHED",
}
_WITH_FILES = ("SUCCESS/", "WARNING/")


class NzbgetEmulator(DownloadClient):
    """NZBGet with one login.

    A verdict is the history's ``Status``. ``keeps_history`` is its option KeepHistory. What somebody deletes
    by hand there is done with :meth:`delete_by_hand`.
    """

    name = "nzbget"

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.username, self.password = f"planted-{uuid4().hex[:6]}", uuid4().hex
        self.version = "21.0"
        self.keeps_history = True

    def fails(self, job: Job) -> bool:
        """Whatever is no success and no warning."""
        return not self.status_of(job).startswith(_WITH_FILES)

    def status_of(self, job: Job) -> str:
        """The history's word for how it ends."""
        if job.verdict:
            return job.verdict
        if job.repaired:
            return "SUCCESS/PAR"
        return "FAILURE/HEALTH" if job.missing else "SUCCESS/HEALTH"

    def delete_by_hand(self, job_id: str) -> None:
        """Let somebody delete a job: it is in the history then."""
        with self._lock:
            job = self.jobs[job_id]
            self.remove(job_id)
            job.stage, job.verdict = ENDED, "DELETED/MANUAL"
            self.jobs[job_id] = job

    def work_folder(self, job: Job) -> Any:
        """The name with the number."""
        return self.incomplete / f"{job.name}.#{job.id}"

    @route("/jsonrpc", methods=("POST",))
    def jsonrpc(self, request: Request) -> Response:
        """Every method."""
        wanted = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return Response(status=401).with_headers(WWW_Authenticate='Basic realm="NZBGet"')
        call = request.json()
        if not isinstance(call, dict):
            return _error(0, 4, "Invalid request")
        handler = getattr(self, f"_{call.get('method')}", None)
        if handler is None:
            return _error(call.get("id"), 1, "Invalid procedure")
        try:
            with self._lock:
                result = handler(*(call.get("params") or []))
        except (TypeError, ValueError) as error:
            return _error(call.get("id"), 2, f"Invalid parameter ({error})")
        return json_response({"version": "1.1", "id": call.get("id"), "result": result})

    def _version(self) -> str:
        return self.version

    def _append(self, name: str, content: str, category: str, *rest: Any) -> int:
        key, mode = str(rest[3]), str(rest[5])
        try:
            nzb = base64.b64decode(content, validate=True)
        except binascii.Error:
            return 0
        plain = re.sub(r'[/\\:*?"<>|]', "_", name.removesuffix(".nzb"))
        twice = any(plain == job.name for job in self.jobs.values()) and mode != "FORCE"
        job = self.add(plain, nzb, category, key) or self._unreadable(plain, key)
        if twice:
            job.stage, job.verdict = ENDED, "DELETED/COPY"
        return int(job.id)

    def _unreadable(self, name: str, key: str) -> Job:
        """What is no NZB gets a number like any other, and then fails."""
        self._ids += 1
        job = Job(id=str(self._ids), name=name, category="", files=[], size=0, key=key)
        job.stage, job.verdict = ENDED, "FAILURE/SCAN"
        self.jobs[job.id] = job
        return job

    def _listgroups(self, _lines: int = 0) -> list[dict[str, Any]]:
        return [self._group(job) for job in self.alive()]

    def _history(self, _hidden: bool = False) -> list[dict[str, Any]]:
        ended = [job for job in self.jobs.values() if job.stage in (ENDING, ENDED)]
        return [self._item(job) for job in ended] if self.keeps_history else []

    def _editqueue(self, command: str, _param: str, ids: list[int]) -> bool:
        mine = [job for one in ids if (job := self.jobs.get(str(one)))]
        waiting = command in ("GroupDelete", "GroupFinalDelete")
        chosen = [job for job in mine if (job.stage != ENDED) == waiting]
        for job in chosen:
            self.remove(job.id)
        return bool(chosen)

    def _config(self) -> list[dict[str, str]]:
        options = {
            "MainDir": self.there,
            "DestDir": self.told(self.complete),
            "InterDir": self.told(self.incomplete),
            "KeepHistory": "7" if self.keeps_history else "0",
            **{f"Category{n}.Name": name for n, name in enumerate(self.categories, 1)},
        }
        return [{"Name": name, "Value": value} for name, value in options.items()]

    def _group(self, job: Job) -> dict[str, Any]:
        left = job.size - job.got
        return {
            **self._common(job),
            "Status": "PAUSED" if job.paused else _STATUS[job.stage],
            "RemainingSizeLo": left & 0xFFFFFFFF,
            "RemainingSizeHi": left >> 32,
            "RemainingSizeMB": left >> 20,
            "TotalArticles": job.articles,
            "Health": 1000,
            "CriticalHealth": 850,
        }

    def _item(self, job: Job) -> dict[str, Any]:
        status = self.status_of(job)
        return {
            **self._common(job),
            "ID": int(job.id),
            "Name": job.name,
            "Status": status,
            "ParStatus": "SUCCESS" if job.repaired else "NONE",
            "UnpackStatus": "PASSWORD" if status.endswith("PASSWORD") else "NONE",
            "DeleteStatus": "NONE",
        }

    def _common(self, job: Job) -> dict[str, Any]:
        where = job.folder if job.folder is not None else self.work_folder(job)
        return {
            "NZBID": int(job.id),
            "NZBName": job.name,
            "Kind": "NZB",
            "Category": job.category,
            "DestDir": self.told(where),
            "FinalDir": "",
            "FileSizeLo": job.size & 0xFFFFFFFF,
            "FileSizeHi": job.size >> 32,
            "FileSizeMB": job.size >> 20,
            "DupeKey": job.key,
            "DupeMode": "FORCE",
            "Parameters": [{"Name": "*Unpack:", "Value": "yes"}],
        }


def _error(call_id: object, code: int, message: str) -> Response:
    problem = {"name": "JSONRPCError", "code": code, "message": message}
    return json_response({"version": "1.1", "id": call_id, "error": problem})
