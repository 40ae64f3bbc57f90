"""The qualities that a service sells under names, and how far down from the best a download may go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from attrs import Factory, field, frozen

from cratedig._errors import QualityUnavailable, SourceError
from cratedig._model import Quality, QualityPreference

if TYPE_CHECKING:
    from cratedig._plugins.context import SourceContext

__all__ = ["Ladder", "Tier", "first_of"]

T = TypeVar("T")


@frozen
class Tier:
    """A quality by the service's name for it.

    Recordings differ within a tier: none is worse than ``least`` or better than ``most``, which is the same
    where nothing else is said.
    """

    name: str
    least: Quality
    most: Quality = field(default=Factory(lambda self: self.least, takes_self=True))

    def welcome(self, preference: QualityPreference | None, offered: Quality | None = None) -> bool:
        """Whether some recording of this tier may be what was asked for.

        Where no lower quality than was ``offered`` is accepted, no lower tier is welcome.
        """
        if preference is None:
            return True
        floors = (preference.floor, None if preference.accept_lower else offered)
        if any(floor is not None and self.most < floor for floor in floors):
            return False
        if preference.ceiling is not None and self.least > preference.ceiling:
            return False
        return not preference.codecs or self.least.codec in preference.codecs


@frozen
class Ladder:
    """A service's tiers, best first."""

    tiers: tuple[Tier, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, best first; what a setting may be."""
        return tuple(tier.name for tier in self.tiers)

    def named(self, name: str) -> Tier | None:
        """The tier of that name; ``None`` for names that nobody knows."""
        return next((tier for tier in self.tiers if tier.name == name), None)

    def at_most(self, tier: Tier, limit: str) -> Tier:
        """The tier itself, or that of the name ``limit`` where it is lower."""
        return self.tiers[max(self.tiers.index(tier), self.names.index(limit))]

    def down(
        self, limit: str, preference: QualityPreference | None = None, offered: Quality | None = None
    ) -> tuple[Tier, ...]:
        """The tiers to ask for, best first: from ``limit`` down to what is still welcome.

        Where nothing lower is accepted and nobody knows what was offered, that is one tier.
        """
        known = self.tiers[self.names.index(limit) :]
        found = tuple(tier for tier in known if tier.welcome(preference, offered))
        alone = preference is not None and not preference.accept_lower and offered is None
        return found[:1] if alone else found


async def first_of(
    context: SourceContext,
    tiers: Iterable[Tier],
    ask: Callable[[Tier], Awaitable[T]],
    refusals: tuple[type[SourceError], ...] = (QualityUnavailable,),
) -> T:
    """What the first of ``tiers`` gives that is not refused; each is asked for once.

    ``refusals`` are the errors after which the next tier is worth a try; any other ends it.

    :raises SourceError: none gives anything; the first one's refusal.
    """
    refused: SourceError | None = None
    for tier in tiers:
        try:
            return await ask(tier)
        except refusals as error:
            context.log.info("not in %s: %s", tier.name, error)
            refused = refused or error
    raise refused or QualityUnavailable(
        "none of the service's qualities is what was asked for",
        hint="set a better quality for this source, or ask for less",
    )
