"""What a person can set under ``[sources.deezer]``."""

from __future__ import annotations

import re

from attrs import frozen

from cratedig import Secret, SourceSettings
from cratedig.fields import address, choice
from cratedig_deezer.tiers import NAMES

COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]*")
"""What may stand in a cookie without quotes."""
_SECRET_LENGTH = 16


def plain(secret: Secret | None) -> str:
    """Return what is behind a secret setting, without the white space that copying brings along."""
    return str(secret or "").strip()


@frozen(kw_only=True)
class DeezerSettings(SourceSettings):
    """``arl`` and ``stripe_secret`` are needed; nothing of the kind is shipped."""

    arl: Secret | None = None
    """The value of the cookie ``arl`` that Deezer's site sets when you log in with a browser."""
    stripe_secret: Secret | None = None
    """The 16 characters that, with a track's number, make the key its stream is encrypted with."""
    quality: str = choice(NAMES, NAMES[0])
    """The best to ask for: FLAC, MP3_320 or MP3_128. The account decides what it may have of it."""
    gw_base: str = address("https://www.deezer.com")
    """Where one logs in and tracks are looked up; the only address that is sent the cookie."""
    api_base: str = address("https://api.deezer.com")
    """The public catalogue, which is searched."""
    media_base: str = address("https://media.deezer.com")
    """Where a track's token is exchanged for the address of its bytes."""

    def problem(self) -> str:
        """Return what is missing or malformed, by name and without its value; "" when all is well.

        A validator could not say it: the values are secret, so that the engine keeps quiet about them.
        """
        needed = {"arl": plain(self.arl), "stripe_secret": plain(self.stripe_secret)}
        missing = [name for name, value in needed.items() if not value]
        if missing:
            return f"missing: {', '.join(missing)}"
        if not COOKIE.fullmatch(needed["arl"]):
            return "arl: expected the value of the cookie alone, without its name, quotes or blanks"
        length = len(needed["stripe_secret"])
        if length != _SECRET_LENGTH or not needed["stripe_secret"].isascii():
            return f"stripe_secret: expected {_SECRET_LENGTH} ASCII characters, got {length}"
        return ""
