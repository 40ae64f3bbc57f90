"""What a person can set under ``[sources.tidal]``."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen
from attrs.validators import in_, matches_re

from cratedig import Secret, SourceSettings
from cratedig_tidal.tiers import NAMES


def _without_slash(address: str) -> str:
    return address.rstrip("/")


def _address(default: str) -> Any:
    return field(
        default=default, converter=_without_slash, validator=matches_re(r"https?://[^\s/?#]+(/[^\s?#]*)?")
    )


def _upper(name: Any) -> Any:
    return name.strip().upper() if isinstance(name, str) else name


@frozen(kw_only=True)
class TidalSettings(SourceSettings):
    """All of it may be left out: `cratedig login tidal` gets what is needed."""

    quality: str = field(default="HI_RES_LOSSLESS", converter=_upper, validator=in_(NAMES))
    """The best tier to ask for: HI_RES_LOSSLESS, LOSSLESS, HIGH or LOW. Lower ones follow as is welcome."""
    refresh_token: Secret | None = None
    """A login made elsewhere, for machines where nobody can type; it goes before that of `cratedig login`."""
    client_id: str = ""
    """Which program to appear as; tidalapi's own where it is empty."""
    client_secret: Secret | None = None
    """What belongs to ``client_id``."""
    api_base: str = _address("https://api.tidal.com/v1")
    """Where the API is."""
    auth_base: str = _address("https://auth.tidal.com/v1/oauth2")
    """Where logins are made and renewed."""
    openapi_base: str = _address("https://openapi.tidal.com/v2")
    """Where recordings are looked up by ISRC."""
