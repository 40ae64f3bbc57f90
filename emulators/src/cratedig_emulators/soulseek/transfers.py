"""slskd's downloads: queues, bytes, retries of its own, files that land a moment after they are complete."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from uuid import uuid4

from attrs import define, field, frozen

from cratedig_emulators.soulseek.peers import Peer, SharedFile

LOCALLY, REMOTELY = "Queued, Locally", "Queued, Remotely"
REQUESTED, INITIALIZING, IN_PROGRESS = "Requested", "Initializing", "InProgress"
SUCCEEDED, CANCELLED = "Completed, Succeeded", "Completed, Cancelled"
OWN_RETRIES = 2
RETRIED = {"Errored", "TimedOut"}
_TICKS = 638_900_000_000_000_000


@frozen(kw_only=True)
class Script:
    """What happens to a download.

    ``end`` is its last word (``Succeeded``, ``Rejected``, ``Aborted``, ``Errored``, ``TimedOut``,
    ``Cancelled``) with ``exception`` as slskd's sentence. In the state ``hang`` it stays until the script is
    another; in ``InProgress`` that is half-way. The first ``flashes`` attempts fail and are tried again by
    slskd itself. ``share`` of the bytes comes with each tick, ``place`` is how far down the queue it starts.
    ``move_delay`` seconds lie between the last byte and the file being in its place, ``None``: it never is.
    ``kept`` is the share of the bytes that the file has in the end.
    """

    end: str = "Succeeded"
    exception: str = ""
    hang: str = ""
    flashes: int = 0
    share: float = 0.5
    place: int | None = None
    move_delay: float | None = 0.05
    kept: float = 1.0


@define(eq=False, kw_only=True)
class Transfer:
    """One record. Times are those of :func:`time.time`."""

    username: str
    filename: str
    size: int
    batch_id: str | None = None
    destination: str = ""
    id: str = field(factory=lambda: str(uuid4()))
    state: str = LOCALLY
    requested_at: float = field(factory=time.time)
    got: int = 0
    place: int | None = None
    exception: str = ""
    attempts: int = 1
    next_attempt_at: float | None = None
    flash_until: float | None = None
    move_at: float | None = None
    removed: bool = False

    @property
    def alive(self) -> bool:
        """Whether it is not at its end, or will begin again by itself."""
        return not self.state.startswith("Completed") or self.flash_until is not None

    def shown(self) -> dict[str, Any]:
        """The record as JSON; what there is none of is left out."""
        whole = {
            "id": self.id,
            "batchId": self.batch_id,
            "username": self.username,
            "direction": "Download",
            "filename": self.filename,
            "size": self.size,
            "state": self.state,
            "requestedAt": _date(self.requested_at),
            "bytesTransferred": self.got,
            "bytesRemaining": self.size - self.got,
            "percentComplete": round(100 * self.got / self.size, 2) if self.size else 0.0,
            "averageSpeed": 524288.0,
            "placeInQueue": self.place,
            "exception": self.exception or None,
            "nextAttemptAt": _date(self.next_attempt_at) if self.next_attempt_at else None,
            "attempts": self.attempts,
            "removed": self.removed,
        }
        return {key: value for key, value in whole.items() if value is not None}


class Downloads:
    """All transfers. The caller holds the emulator's lock.

    ``enqueued`` and ``served`` count how often a file (user name, path) was accepted and wholly received.
    ``announce`` is told of each file in its place. ``collide`` says what becomes of a name that is taken:
    ``ticks`` or ``overwrite``.
    """

    def __init__(
        self, folder: Path, people: dict[str, Peer], announce: Callable[[Transfer, Path], None]
    ) -> None:
        self.downloads = folder / "downloads"
        self.incomplete = folder / "incomplete"
        for one in (self.downloads, self.incomplete):
            one.mkdir(parents=True, exist_ok=True)
        self.all: list[Transfer] = []
        self.enqueued: Counter[tuple[str, str]] = Counter()
        self.served: Counter[tuple[str, str]] = Counter()
        self.collide = "ticks"
        self.retry_delay = 0.2
        self._people = people
        self._announce = announce
        self._scripts: list[tuple[str, str, Script]] = []
        self._stamp = _TICKS

    def script(self, script: Script, *, user: str = "*", path: str = "*") -> None:
        """Let ``script`` hold for the files that both patterns take; the latest one that fits wins."""
        self._scripts.append((user, path, script))

    def unscript(self) -> None:
        """Let everything succeed."""
        self._scripts.clear()

    def script_of(self, transfer: Transfer) -> Script:
        """What happens to that one."""
        fitting = [
            script
            for user, path, script in self._scripts
            if fnmatchcase(transfer.username, user) and fnmatchcase(transfer.filename, path)
        ]
        return fitting[-1] if fitting else Script()

    def enqueue(
        self, username: str, files: list[tuple[str, int]], batch_id: str | None = None, destination: str = ""
    ) -> tuple[list[Transfer], list[dict[str, str]]]:
        """Take files on; what was accepted, and what was not with the reason."""
        accepted: list[Transfer] = []
        failures: list[dict[str, str]] = []
        for filename, size in files:
            if any(one.alive for one in self._of(username, filename)):
                failures.append({"filename": filename, "message": "Skipped: Already in progress"})
                continue
            for one in self._of(username, filename):
                one.removed = True
            made = Transfer(
                username=username,
                filename=filename,
                size=size,
                batch_id=batch_id,
                destination=destination,
            )
            self.all.append(made)
            self.enqueued[username, filename] += 1
            accepted.append(made)
        return accepted, failures

    def listed(self, username: str | None = None, *, removed: bool = False) -> list[Transfer]:
        """The records, of one user or of all."""
        return [
            one
            for one in self.all
            if (username is None or one.username == username) and (removed or not one.removed)
        ]

    def cancel(self, transfer_id: str, *, remove: bool) -> None:
        """End it; a record that had ended before is removed where that is asked for."""
        for one in self.all:
            if one.id == transfer_id:
                if one.alive:
                    one.state, one.flash_until, one.next_attempt_at = CANCELLED, None, None
                    one.exception = "Operation cancelled"
                elif remove:
                    one.removed = True

    def interrupt(self, *, forget: bool) -> None:
        """Come up again after a crash: what was under way is marked as failed, or everything is gone."""
        if forget:
            self.all.clear()
        for one in self.all:
            if one.alive:
                one.state, one.flash_until, one.next_attempt_at = "Completed, Errored", None, None
                one.exception = "Application shut down"

    def step(self) -> None:
        """Go on with everything by one tick."""
        now = time.time()
        for one in self.all:
            if one.alive:
                self._advance(one, self.script_of(one), now)
            elif one.move_at is not None and now >= one.move_at:
                self._move(one)

    def _of(self, username: str, filename: str) -> list[Transfer]:
        return [one for one in self.listed(username) if one.filename == filename]

    def _advance(self, one: Transfer, script: Script, now: float) -> None:
        if one.flash_until is not None:
            self._again(one, now)
        elif one.state == script.hang and (one.state != IN_PROGRESS or one.got >= one.size / 2):
            one.place = script.place if one.state == REMOTELY else None
        elif one.state == LOCALLY:
            if one.next_attempt_at is None or now >= one.next_attempt_at:
                one.state, one.next_attempt_at = REQUESTED, None
        elif one.state == REQUESTED:
            self._ask(one, script, now)
        elif one.state == REMOTELY:
            one.place = (one.place or 0) - 1
            if one.place < 0:
                one.place, one.state = None, INITIALIZING
        elif one.state == INITIALIZING:
            one.state = IN_PROGRESS
        else:
            self._receive(one, script, now)

    def _ask(self, one: Transfer, script: Script, now: float) -> None:
        peer = self._people.get(one.username)
        if peer is None or not peer.online:
            self._fail(one, "Errored", f"User {one.username} appears to be offline", now)
        elif script.end == "Rejected":
            self._fail(one, "Rejected", script.exception or "Transfer rejected: Banned", now)
        elif script.end == "Cancelled":
            limit = "Download failed to enqueue remotely after hard time limit of 180 secs"
            self._fail(one, "Cancelled", script.exception or limit, now)
        elif peer.find(one.filename) is None:
            self._fail(one, "Rejected", "Transfer rejected: File not shared.", now)
        else:
            one.state = REMOTELY
            one.place = peer.queue_length if script.place is None else script.place

    def _receive(self, one: Transfer, script: Script, now: float) -> None:
        file = self._file(one)
        if script.end == "Aborted" or (file and len(file.data()) != one.size):
            size = len(file.data()) if file else 0
            told = f"Transfer aborted: the remote size of {size} does not match expected size {one.size}"
            self._fail(one, "Aborted", script.exception or told, now)
            return
        one.got = min(one.size, one.got + max(1, int(one.size * script.share)))
        self._write(one, file)
        if one.got >= one.size / 2 and one.attempts <= script.flashes:
            self._fail(one, "Errored", "Transfer failed: the connection was reset", now)
        elif one.got >= one.size / 2 and script.end in RETRIED:
            told = "Download reported as failed by remote client"
            self._fail(one, script.end, script.exception or told, now)
        elif one.got >= one.size:
            one.state = SUCCEEDED
            self.served[one.username, one.filename] += 1
            one.move_at = None if script.move_delay is None else now + script.move_delay

    def _file(self, one: Transfer) -> SharedFile | None:
        peer = self._people.get(one.username)
        return peer.find(one.filename) if peer else None

    def _fail(self, one: Transfer, word: str, told: str, now: float) -> None:
        one.state, one.exception, one.place = f"Completed, {word}", told, None
        if word in RETRIED and one.attempts <= OWN_RETRIES:
            one.flash_until = now + 0.1

    def _again(self, one: Transfer, now: float) -> None:
        """Stay ``Completed, Errored`` for a moment, then wait for the next attempt."""
        if one.flash_until is not None and now >= one.flash_until:
            one.flash_until, one.state = None, LOCALLY
            one.attempts += 1
            one.next_attempt_at = now + self.retry_delay

    def _write(self, one: Transfer, file: SharedFile | None) -> None:
        path = self.partial(one)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = file.data() if file else b""
        path.write_bytes(data[: int(one.got * self.script_of(one).kept)])

    def partial(self, one: Transfer) -> Path:
        """Where its bytes are until it is complete."""
        _, *folders, name = one.filename.split("\\")
        return self.incomplete.joinpath(_safe(one.username), *map(_safe, folders), _safe(name))

    def _move(self, one: Transfer) -> None:
        one.move_at = None
        *folders, name = map(_safe, one.filename.split("\\"))
        folder = self.downloads / (one.destination or (folders[-1] if folders else ""))
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / name
        if target.exists() and self.collide == "ticks":
            self._stamp += 1
            target = target.with_name(f"{target.stem}_{self._stamp}{target.suffix}")
        shutil.move(self.partial(one), target)
        self._announce(one, target)


def _safe(name: str) -> str:
    return "".join("_" if char in '/\\:*?"<>|' or ord(char) < 32 else char for char in name)  # noqa: PLR2004


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
