"""What an author states as data: what the target is, and what the source cannot do."""

from __future__ import annotations

from datetime import date

from attrs import field, frozen
from attrs.validators import and_, instance_of, min_len

_FILLED = and_(instance_of(str), min_len(1))


@frozen(kw_only=True)
class Deviation:
    """One check that a source does not pass, and why that is so.

    ``check`` is the check's name as in the report, ``link`` where it is talked about, ``expires`` the day
    on which somebody has to look again. A check that does not exist, one that passes, and a day that is
    past fail: what is declared stays true.
    """

    check: str = field(validator=_FILLED)
    reason: str = field(validator=_FILLED)
    link: str = field(validator=_FILLED)
    expires: date = field(validator=instance_of(date))

    def __str__(self) -> str:
        """Reason, link and day, in one line."""
        return f"{self.reason} ({self.link}; to be looked at again on {self.expires})"


@frozen(kw_only=True)
class Expected:
    """What is known of the recording that the query finds and the target is.

    ``duration`` is in seconds; empty and ``None`` are not looked at. ``codec`` as in
    :class:`cratedig.Quality`.
    """

    title: str = ""
    artist: str = ""
    duration: float | None = None
    codec: str = ""
