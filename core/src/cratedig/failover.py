"""Servers that stand in for each other: the one that worked last is asked first, the others when it fails.

For self-hosted services of which a person names several. Nothing here waits or asks twice: pauses and
retries are the engine's.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable
from copy import copy
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from attrs import define, field, frozen

from cratedig._errors import (
    AuthenticationFailed,
    NotEntitled,
    NotFound,
    QualityUnavailable,
    RateLimited,
    SourceError,
    Unavailable,
)

if TYPE_CHECKING:
    from cratedig._plugins.context import SourceContext

__all__ = ["Server", "Servers", "server_of"]

T = TypeVar("T")

_ORDER = "order"
_HOPE: tuple[type[SourceError], ...] = (
    RateLimited,
    Unavailable,
    AuthenticationFailed,
    NotEntitled,
    QualityUnavailable,
    SourceError,
)
"""Of several failures the first of these is told: where a later try may help, it is made."""


@define(eq=False)
class Server:
    """One server, its credentials apart from its address so that they are never in a URL that somebody sees.

    ``failures`` counts those in a row that say something of it, not of what it was asked.
    """

    base: str
    """Without credentials, without a slash at the end."""
    login: tuple[str, str] | None = field(default=None, repr=False)
    failures: int = 0

    @property
    def label(self) -> str:
        """How people know it: host, port and path."""
        return self.base.partition("://")[2]


def server_of(address: str) -> Server | None:
    """Read an address, ``user:password@`` in it or not; ``None`` when it is none, or has a query."""
    parts = _split(address)
    if parts is None or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        return None
    where = parts.netloc.rpartition("@")[2]
    login = (unquote(parts.username or ""), unquote(parts.password or "")) if "@" in parts.netloc else None
    return Server(f"{parts.scheme}://{where}{parts.path.rstrip('/')}", login)


def _split(address: str) -> SplitResult | None:
    """``None`` where host or port make no sense, or a character that has to be encoded is not."""
    try:
        parts = urlsplit(address.strip())
        sound = bool(parts.hostname) and parts.port != 0 and parts.netloc.count("@") <= 1
    except ValueError:
        return None
    return parts if sound and address.strip().isprintable() and " " not in address.strip() else None


@frozen
class _Refusal:
    server: Server
    error: SourceError
    expected: bool
    """It was down before."""

    def __str__(self) -> str:
        message, label = self.error.message, self.server.label
        return message if label in message else f"{label}: {message}"


class Servers:
    """Made anew when the settings change; the order is kept for the next start, in ``context.state``.

    ``final`` are errors that every other server would answer with as well, besides ``NotFound``.
    """

    def __init__(
        self, addresses: Iterable[str], context: SourceContext, *, final: tuple[type[SourceError], ...] = ()
    ) -> None:
        self._context = context
        self._final: tuple[type[SourceError], ...] = (NotFound, *final)
        self._order = [found for one in addresses if (found := server_of(one))]
        labels = context.state.get(_ORDER)
        if isinstance(labels, list):
            # Only what is in the settings counts; the stored order merely sorts it.
            places = {label: place for place, label in enumerate(map(str, labels))}
            self._order.sort(key=lambda one: places.get(one.label, len(places)))

    def labelled(self, label: str) -> Server | None:
        """Find the server that people know by that label."""
        return next((one for one in self._order if one.label == label), None)

    async def first(self, ask: Callable[[Server], Awaitable[T]], preferred: Server | None = None) -> T:
        """Return what the first server gives that can; each is asked at most once.

        :raises SourceError: none can. Of several reasons it is the most hopeful one, all being in its text.
        """
        refusals: list[_Refusal] = []
        for server in sorted(self._order, key=lambda one: one is not preferred):
            try:
                answer = await ask(server)
            except self._final:
                self._worked(server)
                raise
            except SourceError as error:
                refusals.append(_Refusal(server, error, server.failures > 0))
                self._failed(server, error)
            else:
                self._worked(server)
                return answer
        raise _verdict(refusals)

    def _worked(self, server: Server) -> None:
        server.failures = 0
        labels = [one.label for one in self._order]
        if labels != self._context.state.get(_ORDER):
            self._context.state.set(_ORDER, labels)

    def _failed(self, server: Server, error: SourceError) -> None:
        """Ask it last from now on, unless it merely has the recording in no such quality."""
        self._context.log.info("%s", error)
        if isinstance(error, QualityUnavailable):
            return
        server.failures += not isinstance(error, NotEntitled)
        self._order.remove(server)
        self._order.append(server)


def _despair(error: SourceError) -> tuple[int, float]:
    """How little hope there is of a later try; of pauses the shortest that is known gives the most."""
    kind = [isinstance(error, kind) for kind in _HOPE].index(True)
    pause = error.retry_after if isinstance(error, RateLimited) else None
    return kind, math.inf if pause is None else pause


def _verdict(refusals: list[_Refusal]) -> SourceError:
    if not refusals:
        return Unavailable("there is no server to ask")
    # A server that has been down for a while is no reason to wait when another one has answered.
    told = [one for one in refusals if not one.expected] or refusals
    hopeful = min(told, key=lambda one: _despair(one.error))
    if len(refusals) == 1:
        return hopeful.error
    error = copy(hopeful.error)
    error.message = "; ".join(map(str, refusals))
    return error
