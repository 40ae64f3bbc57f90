"""Who is logged in, and what the subscription allows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from cratedig import AuthenticationFailed, UnexpectedResponse
from cratedig.reading import flag, number, require_mapping, text, whole
from cratedig_deezer.tiers import Tier

_EARLY = 3600
"""Seconds before its end at which a licence is renewed: a queue of downloads should not run into it."""
_AT_LEAST = 60
"""Seconds for which a login is kept whatever it says of itself: the clocks may differ."""


@frozen(kw_only=True)
class Account:
    """One login. Its tokens belong together and to its cookies, so it is replaced as a whole.

    ``expires_at`` and ``since`` are seconds since the epoch.
    """

    api_token: str = field(repr=False)
    license_token: str = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)
    high: bool
    lossless: bool
    expires_at: float | None
    since: float = field(factory=time.time)

    @property
    def is_fresh(self) -> bool:
        """Whether it can be worked with for a while."""
        return self.expires_at is None or time.time() < max(self.expires_at - _EARLY, self.since + _AT_LEAST)

    def may_have(self, tier: Tier) -> bool:
        """Whether the subscription includes the tier; the lowest is everybody's."""
        return {"FLAC": self.lossless, "MP3_320": self.high}.get(tier.name, True)


def read_account(results: Any, cookies: Mapping[str, str]) -> Account:
    """Read the answer of ``deezer.getUserData``.

    :raises AuthenticationFailed: nobody is logged in, which is how a dead cookie is answered.
    :raises UnexpectedResponse: it is something else.
    """
    data = require_mapping(results, "login")
    user = require_mapping(data.get("USER"), "login's user")
    user_id = whole(user.get("USER_ID"))
    if user_id == 0:
        raise AuthenticationFailed(
            "Deezer does not know the ARL, or no longer",
            hint="log in with a browser, copy the cookie `arl` and set it as arl; if it was a mask like ***, "
            "set the real value",
        )
    options = require_mapping(user.get("OPTIONS"), "login's options")
    account = Account(
        api_token=text(data.get("checkForm")),
        license_token=text(options.get("license_token")),
        cookies=dict(cookies),
        high=flag(options.get("web_hq")) or flag(options.get("mobile_hq")),
        lossless=flag(options.get("web_lossless")) or flag(options.get("mobile_lossless")),
        expires_at=number(options.get("expiration_timestamp")) or None,
    )
    if user_id is None or not (account.api_token and account.license_token):
        raise UnexpectedResponse("the login is answered without a user's number or tokens")
    return account
