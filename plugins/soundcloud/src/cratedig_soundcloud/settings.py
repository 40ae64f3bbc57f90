"""What a person can set under ``[sources.soundcloud]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from attrs.validators import ge, le

from cratedig import Secret, SourceSettings

_TOKEN = re.compile(r"[!-~]+")


@frozen(kw_only=True)
class SoundCloudSettings(SourceSettings):
    """Nothing here is needed; public tracks ask for no login."""

    oauth_token: Secret | None = None
    """The value of the cookie ``oauth_token`` that SoundCloud's site sets when you log in with a browser."""
    options: Mapping[str, Any] = field(factory=dict)
    """Parameters handed to ``yt_dlp.YoutubeDL``, such as ``format`` or ``extractor_args``."""
    search_results: int = field(default=15, validator=[ge(1), le(50)])
    """How many tracks to ask for in one search, and to look up of a set."""

    @property
    def token(self) -> Secret | None:
        """The token without what copying brings along; ``None`` for a guest."""
        given = re.sub(r"^OAuth\s+", "", str(self.oauth_token or "").strip(), flags=re.IGNORECASE)
        return Secret(given) if given else None

    def problem(self) -> str:
        """Return what is malformed, by name and without its value; "" when all is well."""
        if self.token and not _TOKEN.fullmatch(str(self.token)):
            return "oauth_token: expected the value of the cookie alone, without its name or blanks"
        return ""
