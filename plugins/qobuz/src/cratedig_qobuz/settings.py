"""What a person can set under ``[sources.qobuz]``."""

from __future__ import annotations

from typing import Any

from attrs import Attribute, field, frozen
from attrs.validators import in_, matches_re

from cratedig import Secret, SourceSettings
from cratedig.fields import address
from cratedig_qobuz.tiers import FORMATS


def _fits_a_header(_instance: object, attribute: Attribute[Any], value: Secret | None) -> None:
    # The value stays out of the message: it is secret.
    if value is not None and not (plain(value).isascii() and plain(value).isprintable()):
        raise ValueError(f"{attribute.name}: expected letters, digits and signs on one line")


@frozen(kw_only=True)
class QobuzSettings(SourceSettings):
    """``app_id`` and ``app_secret`` are needed, and a login: ``user_auth_token``, or e-mail and password."""

    api_base: str = address("https://www.qobuz.com/api.json/0.2")
    """The address of the API, its version included."""
    app_id: str = field(default="", validator=matches_re(r"[0-9]{0,20}"))
    """The number of the application that the login belongs to, in quotes."""
    app_secret: Secret | None = field(default=None, validator=_fits_a_header)
    """That application's secret; requests for files are signed with it."""
    user_auth_token: Secret | None = field(default=None, validator=_fits_a_header)
    """The token of a login that was made with the same ``app_id``."""
    email: str = field(default="", validator=matches_re(r"[^\s\ud800-\udfff]*"))
    """The account, where there is no token."""
    password: Secret | None = None
    """Its password, or the MD5 of it in 32 hexadecimal digits."""
    quality: int = field(default=27, validator=in_(FORMATS))
    """The best format to ask for: 27 (up to 24/192), 7 (up to 24/96), 6 (16/44.1) or 5 (MP3 320)."""

    def missing(self) -> str:
        """What has still to be set; empty when nothing has."""
        needed = {"app_id": self.app_id, "app_secret": plain(self.app_secret)}
        lacking = [name for name, value in needed.items() if not value]
        if not plain(self.user_auth_token) and not (self.email and plain(self.password)):
            lacking.append("user_auth_token (or email and password)")
        return ", ".join(lacking)


def plain(secret: Secret | None) -> str:
    """The secret's text without blanks around it; empty where there is none."""
    return (secret or "").strip()
