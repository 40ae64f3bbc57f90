"""What goes on by itself: commands, the download client, the queue that shows it, imports, the history.

Nothing here has a thread: time passes when somebody looks.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from attrs import define, field

from cratedig_emulators.lidarr.courses import COURSES, Course, End, Step
from cratedig_emulators.lidarr.shelf import Shelf, Shelved

GRABBED, SCANNED, IMPORTED_TRACK, FAILED, INCOMPLETE, IMPORTED, IGNORED = 1, 2, 3, 4, 7, 8, 10
EVENTS = {
    GRABBED: "grabbed",
    SCANNED: "artistFolderImported",
    IMPORTED_TRACK: "trackFileImported",
    FAILED: "downloadFailed",
    INCOMPLETE: "albumImportIncomplete",
    IMPORTED: "downloadImported",
    IGNORED: "downloadIgnored",
}
KEPT = 300.0
"""Seconds for which an ended command is shown."""


@define(eq=False)
class Command:
    """One command; ``since`` is when it came to its present status."""

    id: int
    name: str
    body: Mapping[str, Any]
    since: float
    status: str = "queued"
    result: str = "unknown"
    message: str = ""
    exception: str = ""

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.status in {"queued", "started"}


@define(eq=False)
class Grab:
    """A release that the download client was given."""

    number: int
    download_id: str
    title: str
    shelved: Shelved
    course: Course
    since: float
    size: int
    at: int = 0
    ended: bool = False

    @property
    def step(self) -> Step:
        """Where it stands."""
        return self.course.steps[self.at]


@define(eq=False)
class Work:
    """The other half of a Lidarr. ``hold`` names stages that nothing leaves; "" lets all go on.

    Stages are ``metadata``, ``search`` and the names of a course's steps. ``finds`` says how many reports a
    search for an album downloads, ``courses`` what becomes of them, by the album's title; ``indexers_gone``
    lets searches fail. ``refresh_every`` is the seconds between two looks at the download client.
    """

    shelf: Shelf
    pace: float
    refresh_every: float
    clock: Callable[[], float] = time.monotonic
    hold: str = ""
    indexers_gone: bool = False
    finds: dict[str, int] = field(factory=dict)
    courses: dict[str, str] = field(factory=dict)
    commands: dict[int, Command] = field(factory=dict)
    grabs: list[Grab] = field(factory=list)
    history: list[dict[str, Any]] = field(factory=list)
    shown: list[Grab] = field(factory=list)
    removed: list[tuple[str, dict[str, str]]] = field(factory=list)
    _looked_at: float = 0.0
    _numbers: Iterator[int] = field(factory=lambda: itertools.count(901))

    def advance(self) -> None:
        """Let happen what has happened since the last look."""
        now = self.clock()
        if not self._held("metadata"):
            for shelved in self.shelf.refresh(now):
                self.note(SCANNED, shelved, "", "files on the disk")
        for command in list(self.commands.values()):
            self._run(command, now)
        for grab in list(self.grabs):
            self._go_on(grab, now)
        if now - self._looked_at >= self.refresh_every:
            self.look(now)

    def look(self, now: float) -> None:
        """Look at the download client: only now the queue shows what has become of it."""
        self.shown, self._looked_at = list(self.grabs), now

    def command(self, name: str, body: Mapping[str, Any]) -> Command:
        """Queue a command; the same one that is queued already is that one."""
        for known in self.commands.values():
            if known.active and (known.name, known.body) == (name, body):
                return known
        number = max(self.commands, default=54) + 1
        self.commands[number] = Command(number, name, body, self.clock())
        return self.commands[number]

    def note(self, event: int, shelved: Shelved, download_id: str, title: str, **data: str) -> None:
        """Write a row of the history."""
        number = max((row["id"] for row in self.history), default=0) + 1
        row = {"id": number, "albumId": shelved.id, "artistId": shelved.artist.id, "trackId": 0}
        told = {
            "sourceTitle": title,
            "eventType": EVENTS[event],
            "data": data,
            "date": "2026-08-22T10:00:00Z",
        }
        self.history.append(row | told | ({"downloadId": download_id} if download_id else {}))

    def grab(self, shelved: Shelved, course: str = "") -> Grab:
        """Hand a release to the download client."""
        album = shelved.known.album
        way = COURSES[course or self.courses.get(album.title, "good")]
        made = Grab(
            next(self._numbers),
            f"SABnzbd_nzo_{uuid4().hex[:12]}",
            f"{album.artist}-{album.title}-CD-FLAC-{album.year}-GRP".replace(" ", "."),
            shelved,
            way,
            self.clock(),
            shelved.known.size,
        )
        self.grabs.append(made)
        self.note(GRABBED, shelved, made.download_id, made.title, indexer="Idx", downloadClient="SAB")
        return made

    def remove(self, number: int, options: Mapping[str, str]) -> bool:
        """Take a record out of the queue; with ``removeFromClient`` out of the download client as well."""
        grab = next((one for one in self.shown if one.number == number), None)
        if grab is None:
            return False
        self.removed.append((grab.download_id, dict(options)))
        self.shown.remove(grab)
        if options.get("removeFromClient", "true") == "true" and grab in self.grabs:
            self.grabs.remove(grab)
        if options.get("blocklist") == "true" and options.get("skipRedownload") != "true":
            self.command("AlbumSearch", {"albumIds": [grab.shelved.id]})
        return True

    def restarted(self) -> None:
        """Come up again: the queue is unknown until the next look, and its numbers are others."""
        self.shown, self._looked_at = [], self.clock()
        for grab in self.grabs:
            grab.number = next(self._numbers)
        for command in self.commands.values():
            if command.status == "started":
                command.status = "orphaned"

    def _held(self, stage: str) -> bool:
        return stage in self.hold.split()

    def _run(self, command: Command, now: float) -> None:
        if not command.active:
            if now - command.since > KEPT:
                del self.commands[command.id]
            return
        runs = command.status == "started" and command.name == "AlbumSearch"
        if now - command.since < self.pace or (runs and self._held("search")):
            return
        command.since = now
        if command.status == "queued":
            command.status = "started"
        elif command.name == "AlbumSearch":
            self._searched(command)
        else:
            self._end(command, "Completed")
            self.look(now)

    def _searched(self, command: Command) -> None:
        if self.indexers_gone:
            command.status, command.result = "failed", "unsuccessful"
            command.message, command.exception = "Failed", "System.Exception: the indexers are gone"
            return
        found = 0
        for number in command.body.get("albumIds", ()):
            shelved = self.shelf.albums.get(number)
            # Without tracks the album's duration is 0, and every release is rejected.
            count = self.finds.get(shelved.known.album.title, 1) if shelved and shelved.ready else 0
            for _ in range(count):
                found += 1
                if shelved is not None:
                    self.grab(shelved)
        self._end(command, f"Album search completed. {found} reports downloaded.")

    def _end(self, command: Command, message: str) -> None:
        command.status, command.result, command.message = "completed", "successful", message

    def _go_on(self, grab: Grab, now: float) -> None:
        if grab.ended or now - grab.since < self.pace or self._held(grab.step.name):
            return
        grab.since = now
        if grab.at + 1 < len(grab.course.steps):
            grab.at += 1
            if grab.step.name == "partly":
                self._import(grab)
            return
        self._finish(grab)

    def _finish(self, grab: Grab) -> None:
        grab.ended = True
        end = grab.course.end
        if end in {End.FAILED, End.FAILED_AND_GONE}:
            why = grab.step.messages[0] if grab.step.messages else ""
            self.note(FAILED, grab.shelved, grab.download_id, grab.title, message=why)
        elif end is End.IMPORTED:
            self._import(grab)
        elif end is End.IGNORED:
            self.note(IGNORED, grab.shelved, grab.download_id, grab.title)
        if end in {End.IMPORTED, End.REMOVED, End.FAILED_AND_GONE, End.IGNORED}:
            self.grabs.remove(grab)

    def _import(self, grab: Grab) -> None:
        tracks = grab.shelved.known.album.tracks
        partly = grab.course.end is End.INCOMPLETE
        tracks = tracks[:-1] if partly else tracks
        self.shelf.write(grab.shelved, tracks)
        for track in tracks:
            self.note(IMPORTED_TRACK, grab.shelved, grab.download_id, grab.title, track=track.title)
        self.note(INCOMPLETE if partly else IMPORTED, grab.shelved, grab.download_id, grab.title)
