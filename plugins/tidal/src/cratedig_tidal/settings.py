"""What a person can set under ``[sources.tidal]``."""

from __future__ import annotations

from attrs import frozen

from cratedig import Secret, SourceSettings
from cratedig.fields import address, choice
from cratedig_tidal.tiers import HI_RES, LADDER


@frozen(kw_only=True)
class TidalSettings(SourceSettings):
    """All of it may be left out: `cratedig login tidal` gets what is needed."""

    quality: str = choice(LADDER.names, HI_RES.name)
    """The best tier to ask for: HI_RES_LOSSLESS, LOSSLESS, HIGH or LOW. Lower ones follow as is welcome."""
    refresh_token: Secret | None = None
    """A login made elsewhere, for machines where nobody can type; it goes before that of `cratedig login`."""
    client_id: str = ""
    """Which program to appear as; tidalapi's own where it is empty."""
    client_secret: Secret | None = None
    """What belongs to ``client_id``."""
    api_base: str = address("https://api.tidal.com/v1")
    """Where the API is."""
    auth_base: str = address("https://auth.tidal.com/v1/oauth2")
    """Where logins are made and renewed."""
    openapi_base: str = address("https://openapi.tidal.com/v2")
    """Where recordings are looked up by ISRC."""
