"""Ways to fail that another program has a word or a number for."""

from __future__ import annotations

from attrs import frozen

from cratedig import SourceError


@frozen
class Failure:
    """The error that it is, what has happened, and what a person can do about it."""

    kind: type[SourceError]
    what: str
    hint: str = ""

    def error(self, said: str) -> SourceError:
        """The error, with what the other program has said."""
        return self.kind(f"{self.what} ({said[:200]})", hint=self.hint or None)
