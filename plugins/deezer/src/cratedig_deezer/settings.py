"""What a person can set under ``[sources.deezer]``."""

from __future__ import annotations

import re
from typing import Any

from attrs import Attribute, field, frozen
from attrs.validators import in_, matches_re

from cratedig import Secret, SourceSettings
from cratedig_deezer.tiers import NAMES

_ADDRESS = matches_re(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]*")
_SECRET_LENGTH = 16


def _without_slash(address: str) -> str:
    return address.rstrip("/")


def _upper(name: str) -> str:
    return name.upper()


def plain(secret: Secret | None) -> str:
    """Return what is behind a secret setting, without the white space that copying brings along."""
    return str(secret or "").strip()


def _is_cookie(_instance: object, attribute: Attribute[Any], value: Secret | None) -> None:
    if not _COOKIE.fullmatch(plain(value)):
        raise ValueError(f"{attribute.name}: expected the value of the cookie alone, without name or quotes")


def _is_stripe_secret(_instance: object, attribute: Attribute[Any], value: Secret | None) -> None:
    text = plain(value)
    if text and not (text.isascii() and len(text) == _SECRET_LENGTH):
        raise ValueError(f"{attribute.name}: expected {_SECRET_LENGTH} ASCII characters, got {len(text)}")


@frozen(kw_only=True)
class DeezerSettings(SourceSettings):
    """``arl`` and ``stripe_secret`` are needed; nothing of the kind is shipped."""

    arl: Secret | None = field(default=None, validator=_is_cookie)
    """The value of the cookie ``arl`` that Deezer's site sets when you log in with a browser."""
    stripe_secret: Secret | None = field(default=None, validator=_is_stripe_secret)
    """The 16 characters that, with a track's number, make the key its stream is encrypted with."""
    quality: str = field(default=NAMES[0], converter=_upper, validator=in_(NAMES))
    """The best to ask for: FLAC, MP3_320 or MP3_128. The account decides what it may have of it."""
    gw_base: str = field(default="https://www.deezer.com", converter=_without_slash, validator=_ADDRESS)
    """Where one logs in and tracks are looked up; the only address that is sent the cookie."""
    api_base: str = field(default="https://api.deezer.com", converter=_without_slash, validator=_ADDRESS)
    """The public catalogue, which is searched."""
    media_base: str = field(default="https://media.deezer.com", converter=_without_slash, validator=_ADDRESS)
    """Where a track's token is exchanged for the address of its bytes."""

    def missing(self) -> str:
        """Return the names of the settings that are needed and not there."""
        needed = {"arl": self.arl, "stripe_secret": self.stripe_secret}
        return ", ".join(name for name, value in needed.items() if not plain(value))
