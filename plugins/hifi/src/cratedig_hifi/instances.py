"""The instances in the order in which they are asked: the one that worked last comes first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from copy import copy
from typing import TypeVar

from attrs import frozen

from cratedig import (
    AuthenticationFailed,
    NotEntitled,
    NotFound,
    QualityUnavailable,
    RateLimited,
    SourceContext,
    SourceError,
    Unavailable,
)
from cratedig_hifi.addresses import Instance, instance_of
from cratedig_hifi.answers import BadRequest, Busy

T = TypeVar("T")

_FINAL = (NotFound, BadRequest, Busy)
"""What every other instance would say as well, or what has to be waited for."""
_HOPE: tuple[type[SourceError], ...] = (
    RateLimited,
    Unavailable,
    AuthenticationFailed,
    NotEntitled,
    QualityUnavailable,
    SourceError,
)
"""Of several failures the first of these is told: where a later try may help, it is made."""
_ORDER = "order"


@frozen
class _Refusal:
    instance: Instance
    error: SourceError
    expected: bool
    """It was down before."""


class Instances:
    """Made anew when the settings change; the order is kept for the next start, in ``context.state``."""

    def __init__(self, addresses: Iterable[str], context: SourceContext) -> None:
        self._context = context
        self._order = [found for one in addresses if (found := instance_of(one))]
        labels = context.state.get(_ORDER)
        if isinstance(labels, list):
            # Only what is in the settings counts; the stored order merely sorts it.
            places = {label: place for place, label in enumerate(map(str, labels))}
            self._order.sort(key=lambda one: places.get(one.label, len(places)))

    def labelled(self, label: str) -> Instance | None:
        """Find the instance that people know by that label."""
        return next((one for one in self._order if one.label == label), None)

    async def first(self, ask: Callable[[Instance], Awaitable[T]], preferred: Instance | None = None) -> T:
        """Return what the first instance gives that can; each is asked at most once.

        :raises SourceError: none can. Of several reasons it is the most hopeful one, all being in its text.
        """
        refusals: list[_Refusal] = []
        for instance in sorted(self._order, key=lambda one: one is not preferred):
            try:
                answer = await ask(instance)
            except _FINAL:
                self._worked(instance)
                raise
            except SourceError as error:
                refusals.append(_Refusal(instance, error, instance.failures > 0))
                self._failed(instance, error)
            else:
                self._worked(instance)
                return answer
        raise _verdict(refusals)

    def demote(self, instance: Instance) -> None:
        """Ask it last from now on."""
        if instance in self._order:
            self._order.remove(instance)
            self._order.append(instance)

    def _worked(self, instance: Instance) -> None:
        instance.failures = 0
        labels = [one.label for one in self._order]
        if labels != self._context.state.get(_ORDER):
            self._context.state.set(_ORDER, labels)

    def _failed(self, instance: Instance, error: SourceError) -> None:
        self._context.log.info("%s", error)
        if isinstance(error, QualityUnavailable):
            return
        instance.failures += not isinstance(error, NotEntitled)
        self.demote(instance)


def _verdict(refusals: list[_Refusal]) -> SourceError:
    # An instance that has been down for a while is no reason to wait when another one has answered.
    told = [one for one in refusals if not one.expected] or refusals
    hopeful = min(told, key=lambda one: [isinstance(one.error, kind) for kind in _HOPE].index(True))
    if len(refusals) == 1:
        return hopeful.error
    error = copy(hopeful.error)
    error.message = "; ".join(map(_told, refusals))
    return error


def _told(refusal: _Refusal) -> str:
    message, label = refusal.error.message, refusal.instance.label
    return message if label in message else f"{label}: {message}"
