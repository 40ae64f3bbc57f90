"""What a person can set under ``[sources.hifi]``."""

from __future__ import annotations

from typing import Any

from attrs import Attribute, field, frozen
from attrs.validators import gt

from cratedig import SourceSettings
from cratedig.failover import server_of
from cratedig.fields import choice
from cratedig_hifi.tiers import HIRES, LADDER


def _are_addresses(_settings: object, _attribute: Attribute[Any], addresses: list[str]) -> None:
    for number, address in enumerate(addresses, 1):
        # The value stays out of the message: it may hold a password.
        if server_of(address) is None:
            raise ValueError(
                f"instances: number {number} is no address; expected one like https://music.example.org or "
                "http://user:password@127.0.0.1:8000, with @ : / in a password written as %40 %3A %2F"
            )


def _shown(addresses: list[str]) -> str:
    servers = map(server_of, addresses)
    return repr([server.base if server else "no address" for server in servers])


@frozen(kw_only=True)
class HifiSettings(SourceSettings):
    """``instances`` are needed; none is shipped."""

    instances: list[str] = field(factory=list, validator=_are_addresses, repr=_shown)
    """Addresses of hifi-api servers, the preferred one first; ``user:password@`` for a proxy before one."""
    quality: str = choice(LADDER.names, HIRES.name)
    """The best tier to ask for: HI_RES_LOSSLESS, LOSSLESS, HIGH or LOW. Lower ones follow as is welcome."""
    instance_timeout: float = field(default=20.0, validator=gt(0))
    """Seconds that an instance gets for an answer before the next one is asked; it asks Tidal itself."""
