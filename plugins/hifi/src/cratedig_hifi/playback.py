"""From a track's number to addresses of audio: tiers, the two routes, and the queue of a busy instance."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from attrs import frozen

from cratedig import (
    NotEntitled,
    NotFound,
    QualityUnavailable,
    SourceContext,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.reading import mapping, text, whole
from cratedig_hifi.addresses import Instance
from cratedig_hifi.answers import Busy, NotReady, RouteMissing, ask
from cratedig_hifi.instances import Instances
from cratedig_hifi.manifests import Manifest, Packed, read_document, read_manifest, read_playback
from cratedig_hifi.tiers import HIRES, Tier

_WHOLE = 0.85
"""The share of a track's length below which what a manifest lists is a preview."""
_TICKETS = "tickets"
_TICKET = re.compile(r"[A-Za-z0-9-]{1,64}")
_TICKET_LIFE = 300.0
_MOST_POLLS = 12
"""How often a busy instance is asked again before the next one is."""
_LARGEST = 4 * 1024 * 1024


@frozen(kw_only=True)
class Wish:
    """What to find: the track's number, and its length in seconds where it is known."""

    target: str
    seconds: float | None


@frozen(kw_only=True)
class Ticket:
    """A place in an instance's queue, kept in ``context.state`` so that no second one is ever taken."""

    instance: str
    route: str
    tier: str
    key: str
    polls: int
    at: float


class Playback:
    """Asks the instances; a busy one is asked again by the engine, which comes back after the pause.

    Nothing here waits: ``Busy`` is a ``RateLimited``, so that the pause is the engine's, can be seen in the
    record, survives a restart and ends with a cancel.
    """

    def __init__(self, context: SourceContext, instances: Instances) -> None:
        self._context = context
        self._instances = instances

    async def find(self, wish: Wish, tiers: Sequence[Tier]) -> tuple[Tier, Manifest]:
        """Return the best of ``tiers`` that there is, and where its audio lies.

        :raises Busy: its turn has not come; call again.
        :raises SourceError: no instance has it.
        """
        ticket = self._ticket(wish.target)
        if ticket is not None:
            names = [tier.word for tier in tiers]
            tiers = tiers[names.index(ticket.tier) if ticket.tier in names else 0 :]
        preferred = self._instances.labelled(ticket.instance) if ticket else None
        failure: SourceError = QualityUnavailable("no quality is left to try")
        for tier in tiers:
            try:
                at = partial(self._at, wish=wish, tier=tier)
                return tier, await self._instances.first(at, preferred)
            except (QualityUnavailable, NotReady) as error:
                self._context.log.info("not in %s: %s", tier.word, error)
                failure = error
        raise failure

    async def give_up(self, target: str) -> bool:
        """Leave the queue that the target waits in; whether it did."""
        ticket = self._ticket(target)
        self._keep(target, None)
        instance = self._instances.labelled(ticket.instance) if ticket else None
        if ticket is None or instance is None:
            return False
        await self._ask(instance, f"/playback/requests/{ticket.key}", method="DELETE")
        return True

    async def _at(self, instance: Instance, wish: Wish, tier: Tier) -> Manifest:
        """Ask one instance for one tier, by the better of the two routes, else by the other."""
        # /track/ leads to a native FLAC file for lossless, which can be resumed; hi-res comes in segments.
        routes = ("/trackManifests/", "/track/") if tier is HIRES else ("/track/", "/trackManifests/")
        try:
            packed = await self._packed(instance, wish.target, tier, routes[0])
        except RouteMissing:
            packed = await self._packed(instance, wish.target, tier, routes[1])
        manifest = await self._opened(packed, tier)
        if wish.seconds and manifest.seconds and manifest.seconds < _WHOLE * wish.seconds:
            raise NotEntitled(f"preview: the manifest lists {manifest.seconds:.0f} s of {wish.seconds:.0f} s")
        return manifest

    async def _packed(self, instance: Instance, target: str, tier: Tier, route: str) -> Packed:
        ticket = self._ticket(target)
        mine = ticket and (ticket.instance, ticket.tier) == (instance.label, tier.word)
        if ticket is not None and mine:
            route = ticket.route
            path, params = f"/playback/requests/{ticket.key}", None
        else:
            ticket, path, params = None, route, _params(route, target, tier)
        try:
            answer = await self._ask(instance, path, params)
        except Busy as busy:
            await self._wait(instance, target, tier, route, busy, ticket)
            raise
        except NotFound:
            self._keep(target, None)
            if ticket is None:
                raise
            # The place in the queue has expired; the track itself may be there all the same.
            return await self._packed(instance, target, tier, route)
        except SourceError:
            self._keep(target, None)
            raise
        self._keep(target, None)
        return read_playback(answer, tier) if route == "/track/" else read_document(answer, tier)

    async def _wait(
        self, instance: Instance, target: str, tier: Tier, route: str, busy: Busy, ticket: Ticket | None
    ) -> None:
        """Keep the place in the queue.

        :raises Unavailable: it has been kept for long enough, or there is none.
        """
        polls = ticket.polls + 1 if ticket else 0
        key = ticket.key if ticket else busy.ticket
        if not _TICKET.fullmatch(key):
            raise UnexpectedResponse(f"{instance.label} lets the request wait under no number")
        if polls >= _MOST_POLLS:
            await self.give_up(target)
            raise Unavailable(f"{busy.message}, for too long")
        self._keep(
            target,
            Ticket(
                instance=instance.label, route=route, tier=tier.word, key=key, polls=polls, at=time.time()
            ),
        )

    async def _opened(self, packed: Packed, tier: Tier) -> Manifest:
        """Read the manifest, fetching it, and the playlist that it may lead to, where it is an address."""
        content, base = packed.content, packed.url
        for _ in range(3):
            if not content:
                content = await self._fetched(base)
            found = read_manifest(content, tier, base)
            if isinstance(found, Manifest):
                return Manifest(
                    urls=found.urls,
                    seconds=found.seconds,
                    bit_depth=packed.bit_depth,
                    sample_rate=packed.sample_rate,
                )
            content, base = "", found
        raise UnexpectedResponse("the playlist leads to playlists only")

    async def _fetched(self, url: str) -> str:
        answer = await self._context.http.get(url)
        if not answer.is_success:
            raise self._context.meaning(answer)
        if len(answer.content) > _LARGEST or not answer.text.strip():
            raise UnexpectedResponse("the manifest is empty or far too long")
        return answer.text

    async def _ask(
        self, instance: Instance, path: str, params: dict[str, Any] | None = None, *, method: str = "GET"
    ) -> Any:
        timeout = self._context.settings.instance_timeout
        return await ask(self._context, instance, path, params, timeout=timeout, method=method)

    def _ticket(self, target: str) -> Ticket | None:
        found = mapping(mapping(self._context.state.get(_TICKETS)).get(target))
        key, at = text(found.get("key")), found.get("at")
        if not _TICKET.fullmatch(key) or not isinstance(at, float) or time.time() - at > _TICKET_LIFE:
            return None
        names = ("instance", "route", "tier")
        polls = whole(found.get("polls")) or 0
        return Ticket(key=key, at=at, polls=polls, **{name: text(found.get(name)) for name in names})

    def _keep(self, target: str, ticket: Ticket | None) -> None:
        """Write the ticket down, or cross it out; old ones go, too."""
        kept = mapping(self._context.state.get(_TICKETS))
        tickets = {name: kept[name] for name in kept if name != target and self._ticket(name)}
        if ticket is not None:
            fields = ("instance", "route", "tier", "key", "polls", "at")
            tickets[target] = {field: getattr(ticket, field) for field in fields}
        if tickets != kept:
            self._context.state.set(_TICKETS, tickets)


def _params(route: str, target: str, tier: Tier) -> dict[str, Any]:
    if route == "/track/":
        return {"id": int(target), "quality": tier.word}
    # Without explicit formats Dolby Atmos wins where there is any.
    return {
        "id": target,
        "formats": tier.format,
        "manifestType": "HLS",
        "adaptive": "true",
        "uriScheme": "HTTPS",
        "usage": "PLAYBACK",
    }
