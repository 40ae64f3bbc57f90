"""Ways to fail that an indexer or a client has a word, a status or a number for."""

from __future__ import annotations

from attrs import frozen

from cratedig import CorruptDownload, NotEntitled, NotFound, SourceError, Unavailable


@frozen
class Failure:
    """The error that it is, what has happened, and what a person can do about it."""

    kind: type[SourceError]
    what: str
    hint: str = ""

    def error(self, said: str) -> SourceError:
        """The error, with what the other program has said."""
        return self.kind(f"{self.what} ({said[:200]})", hint=self.hint or None)


LOCKED = Failure(NotEntitled, "the release is locked with a password")
INCOMPLETE = Failure(NotFound, "the release is incomplete: too many articles are gone")
DAMAGED = Failure(CorruptDownload, "the release is damaged and cannot be repaired")
FULL = Failure(Unavailable, "there is no room for it", "free some space on the client's disk")
UNKNOWN = Failure(NotFound, "the client could not complete the job")
