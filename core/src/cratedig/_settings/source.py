"""What can be set for every source, whether its own class says so or not."""

from __future__ import annotations

from typing import Any

from attrs import Attribute, evolve, field, frozen
from attrs.validators import ge, gt, optional

from cratedig._plugins import Rate, RateLimits
from cratedig._redaction.patterns import hide_userinfo

_PROXIES = ("http://", "https://", "socks5://", "socks5h://")


def _is_proxy(_instance: object, attribute: Attribute[Any], value: str | None) -> None:
    # The value stays out of the message: a proxy's address may hold a password.
    if value is not None and not value.lower().startswith(_PROXIES):
        raise ValueError(f"{attribute.name}: expected an address that starts with {', '.join(_PROXIES)}")


@frozen(kw_only=True)
class SourceSettings:
    """The settings that every source has; a source's own class may inherit from it.

    The last six override what the source says in its :class:`~cratedig.RateLimits`. Periods are in seconds.
    """

    enabled: bool = True
    """False leaves the source out of every search and download."""
    proxy: str | None = field(
        default=None, validator=_is_proxy, repr=lambda proxy: repr(proxy and hide_userinfo(proxy))
    )
    """The proxy that all its requests go through, e.g. ``http://user:password@proxy:3128``."""
    verify_tls: bool = True
    """False accepts any certificate; for a lab."""
    requests_per_period: int | None = field(default=None, validator=optional(ge(1)))
    """How many API requests it may make in each period."""
    period: float | None = field(default=None, validator=optional(gt(0)))
    """How long that period is."""
    searches_per_period: int | None = field(default=None, validator=optional(ge(1)))
    """How many searches it may make in each search period."""
    search_period: float | None = field(default=None, validator=optional(gt(0)))
    """How long that period is."""
    concurrent_downloads: int | None = field(default=None, validator=optional(ge(1)))
    """How many downloads may be under way at once."""
    concurrent_searches: int | None = field(default=None, validator=optional(ge(1)))
    """How many searches may be under way at once."""

    def limits(self, own: RateLimits) -> RateLimits:
        """``own``, with what is set here in its place."""
        counts = {
            "concurrent_downloads": self.concurrent_downloads,
            "concurrent_searches": self.concurrent_searches,
        }
        given = {name: count for name, count in counts.items() if count is not None}
        requests = _rate(own.requests, self.requests_per_period, self.period)
        searches = _rate(own.searches, self.searches_per_period, self.search_period)
        return evolve(own, requests=requests, searches=searches, **given)


def _rate(own: Rate | None, count: int | None, period: float | None) -> Rate | None:
    count = count or (own.count if own else None)
    return None if count is None else Rate(count, period or (own.period if own else 1.0))
