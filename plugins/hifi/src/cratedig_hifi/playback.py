"""From a track's number to addresses of audio: tiers, the two routes, and the queue of a busy instance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from attrs import asdict, evolve, fields_dict, frozen

from cratedig import (
    NotEntitled,
    NotFound,
    Quality,
    QualityUnavailable,
    SourceContext,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.failover import Server, Servers
from cratedig.manifests import Manifest, open_manifest
from cratedig.reading import mapping
from cratedig.tiers import Tier, first_of
from cratedig_hifi.answers import Busy, NotReady, RouteMissing, ask
from cratedig_hifi.offers import ENCRYPTED, Offer, read_document, read_playback
from cratedig_hifi.tiers import FORMATS, HIRES

_TRACK, _DOCUMENT = "/track/", "/trackManifests/"
_TICKET = re.compile(r"[A-Za-z0-9-]{1,64}")
_MOST_POLLS = 12
"""How often a busy instance is asked again before the next one is."""


@frozen(kw_only=True)
class Stream:
    """Where the audio lies, and what it is in the service's words."""

    tier: Tier
    manifest: Manifest
    quality: Quality


@frozen(kw_only=True)
class Ticket:
    """A place in an instance's queue, kept in ``context.state`` so that no second one is ever taken."""

    instance: str
    tier: str
    route: str
    key: str
    polls: int = 0


class Playback:
    """Asks the instances; a busy one is asked again by the engine, which comes back after the pause.

    Nothing here waits: ``Busy`` is a ``RateLimited``, so that the pause is the engine's, can be seen in the
    record, survives a restart and ends with a cancel.
    """

    def __init__(self, context: SourceContext, instances: Servers) -> None:
        self._context = context
        self._instances = instances

    async def find(self, target: str, seconds: float | None, tiers: Sequence[Tier]) -> Stream:
        """Return the best of ``tiers`` that there is of the track; ``seconds`` tell a preview from it.

        :raises Busy: its turn has not come; call again.
        :raises SourceError: no instance has it.
        """
        ticket = self._ticket(target)
        names = [tier.name for tier in tiers]
        first = names.index(ticket.tier) if ticket and ticket.tier in names else 0
        preferred = self._instances.labelled(ticket.instance) if ticket else None

        async def in_tier(tier: Tier) -> Stream:
            return await self._instances.first(lambda one: self._at(one, target, seconds, tier), preferred)

        return await first_of(self._context, tiers[first:], in_tier, (QualityUnavailable, NotReady))

    async def give_up(self, target: str) -> bool:
        """Leave the queue that the target waits in; whether it did."""
        ticket = self._ticket(target)
        self._forget(target)
        instance = self._instances.labelled(ticket.instance) if ticket else None
        if ticket is None or instance is None:
            return False
        await ask(self._context, instance, f"/playback/requests/{ticket.key}", method="DELETE")
        return True

    async def _at(self, instance: Server, target: str, seconds: float | None, tier: Tier) -> Stream:
        """Ask one instance for one tier, by the better of the two routes, else by the other."""
        # /track/ leads to a native FLAC file for lossless, which can be resumed; hi-res comes in segments.
        routes = (_DOCUMENT, _TRACK) if tier is HIRES else (_TRACK, _DOCUMENT)
        try:
            offer = await self._offer(instance, target, tier, routes[0])
        except RouteMissing:
            offer = await self._offer(instance, target, tier, routes[1])
        codec = tier.least.codec
        manifest = await open_manifest(self._context, offer.address, codec)
        if manifest.encryption:
            raise QualityUnavailable(ENCRYPTED)
        if manifest.codec not in {"", codec}:
            raise QualityUnavailable(f"{tier.name} was asked for and {manifest.codec} was sent")
        if not manifest.covers(seconds):
            raise NotEntitled(f"preview: the manifest lists {manifest.duration:.0f} s of {seconds:.0f} s")
        return Stream(tier=tier, manifest=evolve(manifest, codec=codec), quality=_quality(tier, offer))

    async def _offer(self, instance: Server, target: str, tier: Tier, route: str) -> Offer:
        kept = self._ticket(target)
        mine = kept if kept and (kept.instance, kept.tier) == (instance.label, tier.name) else None
        if mine:
            route, path, params = mine.route, f"/playback/requests/{mine.key}", None
        else:
            path, params = route, _params(route, target, tier)
        try:
            answer = await ask(self._context, instance, path, params)
        except Busy as busy:
            new = Ticket(instance=instance.label, tier=tier.name, route=route, key=busy.ticket)
            await self._wait(target, busy, mine or new)
            raise
        except SourceError as error:
            self._forget(target)
            if mine and isinstance(error, NotFound):
                # The place in the queue has expired; the track itself may be there all the same.
                return await self._offer(instance, target, tier, route)
            raise
        self._forget(target)
        return read_playback(answer, tier) if route == _TRACK else read_document(answer, tier)

    async def _wait(self, target: str, busy: Busy, ticket: Ticket) -> None:
        """Keep the place in the queue.

        :raises Unavailable: it has been kept for long enough, or there is none.
        """
        if not _TICKET.fullmatch(ticket.key):
            raise UnexpectedResponse(f"{ticket.instance} lets the request wait under no number")
        if ticket.polls >= _MOST_POLLS:
            await self.give_up(target)
            raise Unavailable(f"{busy.message}, for too long")
        self._context.state.set(_place(target), asdict(evolve(ticket, polls=ticket.polls + 1)))

    def _ticket(self, target: str) -> Ticket | None:
        kept = mapping(self._context.state.get(_place(target)))
        return Ticket(**kept) if kept.keys() == fields_dict(Ticket).keys() else None

    def _forget(self, target: str) -> None:
        if self._ticket(target):
            self._context.state.delete(_place(target))


def _place(target: str) -> str:
    return f"ticket {target}"


def _quality(tier: Tier, offer: Offer) -> Quality:
    if tier.least.codec != "flac":
        return tier.least
    depth, rate = offer.bit_depth or tier.least.bit_depth, offer.sample_rate or tier.least.sample_rate
    return evolve(tier.least, bit_depth=depth, sample_rate=rate)


def _params(route: str, target: str, tier: Tier) -> dict[str, Any]:
    if route == _TRACK:
        return {"id": int(target), "quality": tier.name}
    # Without explicit formats Dolby Atmos wins where there is any.
    how = {"manifestType": "HLS", "adaptive": "true", "uriScheme": "HTTPS", "usage": "PLAYBACK"}
    return {"id": target, "formats": FORMATS[tier.name], **how}
