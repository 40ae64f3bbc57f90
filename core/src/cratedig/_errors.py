"""Everything that can go wrong, one tree.

    CratedigError
    ├── SourceError                    one source, one request; each says what the engine does next
    │   ├── NotConfigured              a setting is missing or malformed: the source is skipped
    │   ├── AuthenticationFailed       the login is refused or expired: one reload, then the next source
    │   ├── NotFound                   no such target any more: next alternate
    │   ├── NotEntitled                region, subscription, preview only: next alternate
    │   ├── QualityUnavailable         not in the quality asked for: next tier if allowed
    │   ├── RateLimited                slow down: the lane pauses, then tries again
    │   ├── Unavailable                time-out, 5xx, refused: back off, retry; counts for the breaker
    │   ├── CorruptDownload            verification failed: once more from zero, then next alternate
    │   ├── UnexpectedResponse         the service changed its answer: next alternate
    │   └── SourceBug                  anything else out of a plugin: next source, with its traceback
    ├── SettingsError                  a wrong key or value: file, key and what was expected
    ├── UnknownSource                  no source has that name or alias
    ├── UnknownDownload                no record has that id
    ├── NameTaken                      two sources want one name or alias
    ├── SourceBroken                   a source that was required could not be loaded
    ├── ContractMismatch               a source was written for another version of the contract
    └── JournalError                   the store of records cannot be read or written

The engine reads the three class attributes of a :class:`SourceError`, never its text.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

__all__ = [
    "AuthenticationFailed",
    "ContractMismatch",
    "CorruptDownload",
    "CratedigError",
    "JournalError",
    "NameTaken",
    "NotConfigured",
    "NotEntitled",
    "NotFound",
    "QualityUnavailable",
    "RateLimited",
    "SettingsError",
    "SourceBroken",
    "SourceBug",
    "SourceError",
    "Treatment",
    "Unavailable",
    "UnexpectedResponse",
    "UnknownDownload",
    "UnknownSource",
]


class Treatment(Enum):
    """What the engine does after a :class:`SourceError`."""

    NEXT = "next"
    """Give up on this candidate; try the next alternate or source."""
    RETRY = "retry"
    """The same candidate again, after a pause."""
    RELOAD = "reload"
    """Reload the source's settings once, try again, then go to the next source."""
    RESTART = "restart"
    """The same candidate once more from zero bytes, then the next one."""


class CratedigError(Exception):
    """Anything that cratedig raises on purpose. ``code`` is stable; the text is for people."""

    code: ClassVar[str] = "error"


class SourceError(CratedigError):
    """A source could not do what it was asked.

    ``message`` says what happened, ``hint`` what the person can do. The engine fills in ``source`` and
    ``target`` where the source has left them out.
    """

    code = "source-error"
    treatment: ClassVar[Treatment] = Treatment.NEXT
    counts_for_breaker: ClassVar[bool] = False

    def __init__(
        self, message: str, *, source: str | None = None, target: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.target = target
        self.hint = hint

    def __str__(self) -> str:
        """Source and target first, then what happened, then what to do."""
        where = " ".join(part for part in (self.source, self.target) if part)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text} ({self.hint})" if self.hint else text


class NotConfigured(SourceError):
    """A setting is missing or malformed; the message names it and says how to set it."""

    code = "not-configured"


class AuthenticationFailed(SourceError):
    """The login is refused or has expired."""

    code = "authentication-failed"
    treatment = Treatment.RELOAD


class NotFound(SourceError):
    """The target does not exist, or no longer."""

    code = "not-found"


class NotEntitled(SourceError):
    """The service knows the target but will not hand it to this account: region, subscription, preview."""

    code = "not-entitled"


class QualityUnavailable(SourceError):
    """The target exists, but not in the quality that was asked for."""

    code = "quality-unavailable"


class RateLimited(SourceError):
    """The service asks for fewer requests. ``retry_after`` is seconds from now, if it said so."""

    code = "rate-limited"
    treatment = Treatment.RETRY

    def __init__(
        self,
        message: str = "the service asks for fewer requests",
        retry_after: float | None = None,
        *,
        source: str | None = None,
        target: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, source=source, target=target, hint=hint)
        self.retry_after = retry_after


class Unavailable(SourceError):
    """The service does not answer now: time-out, 5xx, connection refused."""

    code = "unavailable"
    treatment = Treatment.RETRY
    counts_for_breaker = True


class CorruptDownload(SourceError):
    """The file that came is not what was promised."""

    code = "corrupt-download"
    treatment = Treatment.RESTART


class UnexpectedResponse(SourceError):
    """The service answered something that its protocol does not have."""

    code = "unexpected-response"


class SourceBug(SourceError):
    """A plugin raised something that is no :class:`SourceError`; ``__cause__`` has the traceback."""

    code = "source-bug"


class SettingsError(CratedigError):
    """A setting is wrong; the message names file or variable, key and what was expected."""

    code = "settings"


class UnknownSource(CratedigError, LookupError):
    """No source has this name or alias. ``name`` is what was asked for, ``known`` what there is."""

    code = "unknown-source"

    def __init__(self, name: str, known: tuple[str, ...] = ()) -> None:
        self.name = name
        self.known = known
        there_is = ", ".join(known) if known else "none; install one, e.g. pip install cratedig-archive"
        super().__init__(f"no source is called {name!r}; known: {there_is}")


class UnknownDownload(CratedigError, LookupError):
    """No record has this id."""

    code = "unknown-download"

    def __init__(self, download_id: str) -> None:
        self.download_id = download_id
        super().__init__(f"no download has the id {download_id!r}; `cratedig downloads` lists them")


class NameTaken(CratedigError, ValueError):
    """Two sources want the same name or alias."""

    code = "name-taken"


class SourceBroken(CratedigError):
    """A source that the host requires could not be loaded; the message has distribution and reason."""

    code = "source-broken"


class ContractMismatch(CratedigError):
    """A source was written for a version of the contract that this engine does not speak."""

    code = "contract-mismatch"


class JournalError(CratedigError):
    """The store of records cannot be read or written; nothing was replaced."""

    code = "journal"
