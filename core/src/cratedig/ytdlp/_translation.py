"""Why an extraction failed.

yt-dlp raises one class for nearly everything; what happened is in its words, in the cause at the end of
the chain, in warnings, or only in a status that it swallowed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cratedig._errors import (
    AuthenticationFailed,
    NotEntitled,
    NotFound,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig._http.errors import translate
from cratedig._http.retry_after import retry_after
from cratedig.ytdlp._sayings import UPDATE, VAGUE, Saying
from cratedig.ytdlp._traffic import Alarm, Reply, Traffic


def translated(
    error: BaseException, *, traffic: Traffic, warnings: Sequence[str], sayings: Sequence[Saying]
) -> SourceError:
    """Find the error that best says why an extraction failed: by words, statuses, then warnings."""
    if isinstance(error, SourceError):
        return error
    if traffic.failure is not None:
        return traffic.failure
    if isinstance(error, Alarm):
        # The service may have been down, or busy, where yt-dlp believes that it was refused.
        cause = _swallowed(traffic.refusals, error.error.message) or _broken(traffic)
        return _on_time(cause or error.error, traffic.refusals)
    return _on_time(_read(error, traffic, warnings, sayings), traffic.refusals)


def _read(
    error: BaseException, traffic: Traffic, warnings: Sequence[str], sayings: Sequence[Saying]
) -> SourceError:
    text = plain(str(error)) or type(error).__name__
    return (
        _first(sayings, [text])
        or _status(_last_status(error), text)
        or _swallowed(traffic.refusals, text)
        or _broken(traffic)
        or _first(sayings, map(plain, warnings))
        or _denied(traffic.refusals, text)
        or _first(VAGUE, [text])
        or UnexpectedResponse(text, hint=UPDATE)
    )


def _on_time(error: SourceError, refusals: Sequence[Reply]) -> SourceError:
    """Let a Retry-After that was sent replace the pause that a source would guess."""
    asked = _retry_after(refusals)
    if asked is None or not isinstance(error, RateLimited):
        return error
    return RateLimited(error.message, asked, hint=error.hint)


_ADVICE = re.compile(
    r"(?:[.;]|(?<![.;\s]))\s*(?:Use --|please report this issue|Also see|See\s+https?:"
    r"|It is recommended to use `-t|\(caused by)"
)
"""Where yt-dlp turns from what happened to what one could type on its command line."""


def plain(text: str) -> str:
    """Reduce yt-dlp's sentence to what happened: no colours, prefixes, advice or curly apostrophes."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\u2019", "'").strip()
    text = re.sub(r"^(?:ERROR:\s*)?(?:\[[^\]]+\]\s*)?(?:[\w-]{6,}:\s+)?", "", text)
    return _ADVICE.split(text.partition("\n")[0])[0].strip()


def _first(sayings: Iterable[Saying], texts: Iterable[str]) -> SourceError | None:
    known = tuple(sayings)
    found = (saying.raised(text) for text in texts for saying in known if saying.fits(text))
    return next(found, None)


def _last_status(error: BaseException) -> int | None:
    statuses = [getattr(cause, "status", None) for cause in _chain(error)]
    return next((status for status in reversed(statuses) if isinstance(status, int)), None)


def _chain(error: Any) -> Iterator[BaseException]:
    """``error`` and what it says caused it: by attribute, by ``exc_info``, or by ``raise … from``."""
    for _ in range(10):
        if not isinstance(error, BaseException):
            return
        yield error
        info = getattr(error, "exc_info", None) or (None, None)
        error = (
            getattr(error, "cause", None) or (info[1] if info[1] is not error else None) or error.__cause__
        )


_TOO_MANY, _SERVER_ERROR = 429, 500
_MEANINGS: dict[int, type[SourceError]] = {
    401: AuthenticationFailed,
    403: NotEntitled,
    404: NotFound,
    410: NotFound,
    451: NotEntitled,
}
_DENIALS = (401, 403, 451)
"""Statuses that explain a failure even where yt-dlp went on without the answer; a 404 need not."""


def _status(status: int | None, text: str) -> SourceError | None:
    if status is None:
        return None
    if status == _TOO_MANY:
        return RateLimited(text)
    if status >= _SERVER_ERROR:
        return Unavailable(text)
    return _MEANINGS.get(status, UnexpectedResponse)(text)


def _swallowed(refusals: Sequence[Reply], text: str) -> SourceError | None:
    """Read a status that yt-dlp made a warning of; only those that concern every target."""
    statuses = [reply.status for reply in refusals]
    telling = next((status for status in statuses if status == _TOO_MANY), None)
    telling = telling or next((status for status in statuses if status >= _SERVER_ERROR), None)
    return _status(telling, f"{text} (HTTP {telling})")


def _denied(refusals: Sequence[Reply], text: str) -> SourceError | None:
    """Read the latest denial that yt-dlp made a warning of."""
    status = next((reply.status for reply in reversed(refusals) if reply.status in _DENIALS), None)
    return _status(status, f"{text} (HTTP {status})")


def _broken(traffic: Traffic) -> SourceError | None:
    """Blame a connection that failed on the way, where yt-dlp went on without its answer."""
    return translate(traffic.broken) if traffic.broken else None


def _retry_after(refusals: Sequence[Reply]) -> float | None:
    """Seconds that the latest 429 asks us to wait, or ``None`` where it does not say."""
    asked = next((reply for reply in reversed(refusals) if reply.status == _TOO_MANY), None)
    return retry_after(dict(asked.headers), time.time()) if asked else None
