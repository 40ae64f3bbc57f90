"""The program that the gallery's delegating sources hand their work to."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Request, Response, Service, json_response, route
from cratedig_emulators.switches import Switches

ALBUM = "a1"
STEPS = 3
"""Rounds of questions in which a job is done: it works while somebody looks, and so at any speed."""


class Daemon(Service):
    """``PUT`` and ``DELETE /jobs/<id>``, ``/jobs`` for all of them; what is done lies in :attr:`folder`."""

    tracks: dict[str, Track]

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0
        self.held = self.damaged = False
        self._jobs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._own = TemporaryDirectory()
        self.folder = Path(self._own.name)

    def stop(self) -> None:
        """Leave no file behind."""
        super().stop()
        self._own.cleanup()

    @route("/jobs/{id}", methods=("PUT",))
    def begin(self, request: Request) -> Response:
        """Take a job."""
        with self._lock:
            self.begun += 1
            self._jobs[request.params["id"]] = {"target": request.args["target"], "steps": 0}
        return json_response({"id": request.params["id"]})

    @route("/jobs/{id}", methods=("DELETE",))
    def forget(self, request: Request) -> Response:
        """End a job, if there is one, and forget it."""
        with self._lock:
            known = self._jobs.pop(request.params["id"], None)
        return json_response({}, 200 if known else 404)

    @route("/jobs")
    def jobs(self, _request: Request) -> Response:
        """All jobs, each a step further on."""
        with self._lock:
            return json_response({"items": [self._stepped(key, job) for key, job in self._jobs.items()]})

    @route("/jobs/{id}")
    def job(self, request: Request) -> Response:
        """One of them; it does not get on by that."""
        with self._lock:
            job = self._jobs.get(request.params["id"])
            return json_response({"items": [self._told(request.params["id"], job)] if job else []})

    def _stepped(self, key: str, job: dict[str, Any]) -> dict[str, Any]:
        if job["steps"] < STEPS - 1 or not self.held:
            job["steps"] += 1
        if job["steps"] == STEPS:
            job["path"] = str(self._brought(key, job["target"]))
        return self._told(key, job)

    def _told(self, key: str, job: dict[str, Any]) -> dict[str, Any]:
        done = min(job["steps"], STEPS)
        return {"id": key, **job, "done": 1000 * done, "size": 1000 * STEPS}

    def _brought(self, key: str, target: str) -> Path:
        """What was asked for: a file, or the folder of the whole album."""
        place = self.folder / key
        place.mkdir(exist_ok=True)
        wanted = list(self.tracks) if target == ALBUM else [target]
        for name in wanted:
            sound = make_audio(self.tracks[name])
            (place / f"{name}.flac").write_bytes(sound[: len(sound) // 2] if self.damaged else sound)
        return place if target == ALBUM else place / f"{target}.flac"


class DaemonSwitches(Switches):
    """Misfortunes of the service, and jobs that do not get on or bring half a file."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__(daemon, api=["/search", "/albums", "/tracks/*", "/jobs*"], files=["/files/*"])
        self._daemon = daemon

    def clear(self) -> None:
        super().clear()
        self._daemon.held = self._daemon.damaged = False

    def truncate(self) -> None:
        super().truncate()
        self._daemon.damaged = True

    def stall(self) -> None:
        super().stall()
        self._daemon.held = True

    def slow(self) -> None:
        super().slow()
        self._daemon.held = True


class DaemonProgram:
    """What the kit may count."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self.away, self.back = daemon.kill, daemon.start

    def jobs(self) -> int:
        return self._daemon.begun

    def requests(self) -> int:
        return len(self._daemon.requests)
