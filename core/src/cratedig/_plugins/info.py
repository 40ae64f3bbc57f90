"""What a source says about itself."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from attrs import field, frozen
from attrs.validators import ge, gt, instance_of, matches_re

from cratedig._model import Kind, checks


@frozen
class Rate:
    """At most ``count`` requests in any window of ``period`` seconds."""

    count: int = field(validator=[instance_of(int), ge(1)])
    period: float = field(default=1.0, validator=gt(0))


@frozen(kw_only=True)
class RateLimits:
    """How hard the engine may press a service. Each can be changed while it is in use.

    ``requests`` bounds searches, downloads and every API request together, failures included; ``None``
    means no bound. ``searches`` bounds searches alone, for services that ban whoever searches too often. The
    two ``concurrent_*`` counts bound what is under way at once.
    """

    requests: Rate | None = None
    searches: Rate | None = None
    concurrent_searches: int = field(default=2, validator=[instance_of(int), ge(1)])
    concurrent_downloads: int = field(default=2, validator=[instance_of(int), ge(1)])


class Transfer(StrEnum):
    """How a source delivers."""

    FILE = "file"
    """``download_raw`` returns the file."""
    EVENTS = "events"
    """``download_raw`` returns :class:`~cratedig.Pending`; ``watch_raw`` tells the rest."""


def _kinds(kinds: Iterable[Kind | str]) -> frozenset[Kind]:
    return frozenset(Kind(kind) for kind in kinds)


@frozen(kw_only=True)
class SourceInfo:
    """A source's identity.

    ``name`` is the canonical name, lower case, the same as its entry point's. ``settings_class`` is an
    attrs class, or ``None`` when there is nothing to set. ``contract_version`` is the version of the hooks
    that it was written for (``cratedig.CONTRACT_VERSION`` at that time, written out). Time-outs are in
    seconds: ``search_timeout`` for one call of ``search_raw``, ``stall_timeout`` for a download that makes
    no progress.
    """

    name: str = field(validator=[instance_of(str), matches_re(r"[a-z][a-z0-9_]{0,63}")])
    display_name: str = field(validator=checks.filled_text)
    contract_version: str = field(validator=matches_re(r"\d+\.\d+"))
    delivers: frozenset[Kind] = field(default=frozenset({Kind.TRACK}), converter=_kinds)
    transfer: Transfer = field(default=Transfer.FILE, converter=Transfer)
    limits: RateLimits = field(factory=RateLimits, validator=instance_of(RateLimits))
    settings_class: type | None = None
    search_timeout: float = field(default=30.0, validator=gt(0))
    stall_timeout: float = field(default=60.0, validator=gt(0))
    homepage: str = field(default="", validator=checks.text)
