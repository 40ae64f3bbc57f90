"""What a transfer is known by, and what has to be remembered of it over restarts."""

from __future__ import annotations

import re
from typing import Any

from attrs import evolve, frozen

from cratedig import SourceContext
from cratedig.reading import flag, mapping, text

_JOB = re.compile(r"(\d{1,18})\.(\d{1,18})\.(\d{1,18})\.([01])\.(.*)", re.DOTALL)
_ALBUMS, _ARTISTS = "albums", "artists"


@frozen
class Job:
    """One record's wait for one album; all of it stands in the transfer's id.

    Rows of the history and commands up to ``history`` and ``commands`` are older than the job. ``there`` says
    that the album was complete when it began. ``download_id`` is the record's.
    """

    album: int
    history: int
    commands: int
    there: bool
    download_id: str

    @property
    def id(self) -> str:
        """The transfer's id."""
        return f"{self.album}.{self.history}.{self.commands}.{self.there:d}.{self.download_id}"

    @classmethod
    def read(cls, transfer_id: str) -> Job | None:
        """The job of a transfer's id; ``None`` for an id that is none of this source's."""
        found = _JOB.fullmatch(transfer_id)
        if found is None:
            return None
        album, history, commands, there, download_id = found.groups()
        return cls(int(album), int(history), int(commands), there == "1", download_id)


@frozen(kw_only=True)
class Note:
    """What is remembered of an album: the job that is under way, and whether it was ``added`` for it."""

    job: str = ""
    download_id: str = ""
    added: bool = False


class Notes:
    """Kept in ``context.state``."""

    def __init__(self, context: SourceContext) -> None:
        self._state = context.state

    def of(self, target: str) -> Note:
        """What is remembered of an album; an empty note where that is nothing."""
        row = mapping(self._part(_ALBUMS).get(target))
        return Note(
            job=text(row.get("job")),
            download_id=text(row.get("download_id")),
            added=flag(row.get("added")),
        )

    def keep(self, target: str, note: Note) -> None:
        """Remember it."""
        row = {"job": note.job, "download_id": note.download_id, "added": note.added}
        self._change(_ALBUMS, target, row)

    def forget(self, target: str) -> None:
        """Remember it no longer."""
        self._change(_ALBUMS, target, None)

    def over(self, target: str, job: str) -> None:
        """A job is at its end: when the album is asked for again, that is another one."""
        note = self.of(target)
        if job and note.job == job:
            self.keep(target, evolve(note, job=""))

    def artist_added(self, artist: str) -> bool:
        """Whether this source has added an artist."""
        return bool(self._part(_ARTISTS).get(artist))

    def keep_artist(self, artist: str, *, added: bool) -> None:
        """Remember whether it has."""
        self._change(_ARTISTS, artist, added or None)

    def _part(self, name: str) -> dict[str, Any]:
        return dict(mapping(self._state.get(name)))

    def _change(self, name: str, key: str, value: Any) -> None:
        part = self._part(name)
        if value is None:
            part.pop(key, None)
        else:
            part[key] = value
        self._state.set(name, part)
