"""What a transfer is known by, and what has to be remembered of it over restarts."""

from __future__ import annotations

import re

from attrs import asdict, evolve, frozen

from cratedig import SourceContext
from cratedig.reading import flag, mapping, text

_JOB = re.compile(r"(\d{1,18})\.(\d{1,18})\.(\d{1,18})\.([01])\.(.*)", re.DOTALL)
_ARTIST = "artist "


@frozen
class Job:
    """The wait for one album; all of it stands in the transfer's id, which all records that want it share.

    Rows of the history and commands up to ``history`` and ``commands`` are older than the job. ``there`` says
    that the album was complete when it began. ``download_id`` is that of the record that began it.
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
    """What is remembered of an album: the job that is under way, and whether this source has ``added`` it.

    ``adding`` is the id of a record for which that was begun; how it went is not known.
    """

    job: str = ""
    added: bool = False
    adding: str = ""


class Notes:
    """Kept in ``context.state``, by the MusicBrainz ids of albums and artists."""

    def __init__(self, context: SourceContext) -> None:
        self._state = context.state

    def of(self, target: str) -> Note:
        """What is remembered of an album; an empty note where that is nothing."""
        row = mapping(self._state.get(target))
        return Note(job=text(row.get("job")), added=flag(row.get("added")), adding=text(row.get("adding")))

    def keep(self, target: str, note: Note) -> None:
        """Remember it."""
        self._state.set(target, asdict(note))

    def forget(self, target: str) -> None:
        """Remember it no longer."""
        self._state.delete(target)

    def over(self, target: str, job: str) -> None:
        """A job is at its end: when the album is asked for again, that is another one."""
        note = self.of(target)
        if job and note.job == job:
            self.keep(target, evolve(note, job=""))

    def artist_added(self, artist: str) -> bool:
        """Whether this source has added an artist."""
        return flag(self._state.get(f"{_ARTIST}{artist}"))

    def keep_artist(self, artist: str) -> None:
        """Remember that it has."""
        self._state.set(f"{_ARTIST}{artist}", True)

    def forget_artist(self, artist: str) -> None:
        """The artist is not there any more."""
        self._state.delete(f"{_ARTIST}{artist}")
