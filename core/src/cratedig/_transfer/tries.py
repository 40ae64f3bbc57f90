"""How often a transfer may break before it is given up."""

from __future__ import annotations

import httpx

from cratedig._errors import CorruptDownload, SourceError, Unavailable, UnexpectedResponse
from cratedig._http.errors import translate
from cratedig._transfer.abort import Abort

MAX_FRUITLESS = 4
"""Drops in a row after which not one more byte had come."""

MAX_DROPS = 100
"""Drops in all: a server that sends a few bytes for each connection is not worth more."""

MAX_RESTARTS = 2
"""Times that the content may change under a transfer."""

FIRST_PAUSE = 0.05
"""Seconds before the first new try; doubled with each that brings nothing."""

_LONGEST_PAUSE = 2.0


class ShortBodyError(httpx.RemoteProtocolError):
    """The body came to a proper end before the promised size."""


class Tries:
    """Counts what went wrong; pauses between two tries, a little longer each time."""

    def __init__(self, abort: Abort, stall: float) -> None:
        self._abort = abort
        self._stall = stall
        self._fruitless = 0
        self._drops = 0
        self._furthest = 0
        self._restarts = 0

    def dropped(self, error: httpx.TransportError, length: int) -> None:
        """Note that the connection broke when ``length`` bytes were here, and pause.

        :raises Unavailable: it was one too many, or a silence of the whole stall time-out.
        :raises CorruptDownload: the service insists that the body is shorter than was promised.
        """
        if isinstance(error, httpx.ReadTimeout):
            raise Unavailable(f"no byte for {self._stall:g} s") from error
        self._drops += 1
        self._fruitless = 0 if length > self._furthest else self._fruitless + 1
        self._furthest = max(self._furthest, length)
        # How long to wait for a service that cannot be reached at all is for the engine to say.
        unreachable = self._furthest == 0 and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        if unreachable or self._fruitless > MAX_FRUITLESS or self._drops > MAX_DROPS:
            raise _verdict(error) from error
        self._abort.wait(min(_LONGEST_PAUSE, FIRST_PAUSE * 2.0**self._fruitless))

    def restarted(self) -> None:
        """Note that the transfer begins again from zero.

        :raises UnexpectedResponse: the content keeps changing.
        """
        self._restarts += 1
        if self._restarts > MAX_RESTARTS:
            raise UnexpectedResponse("the file keeps changing at the service while it is fetched")


def _verdict(error: httpx.TransportError) -> SourceError:
    return CorruptDownload(str(error)) if isinstance(error, ShortBodyError) else translate(error)
