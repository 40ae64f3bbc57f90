"""What a person can set under ``[sources.youtube]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from attrs.validators import ge, le

from cratedig import Secret, SourceSettings


@frozen(kw_only=True)
class YouTubeSettings(SourceSettings):
    """Nothing here is needed; public videos ask for no login."""

    cookies_file: Secret | None = None
    """Path of a Netscape cookie file, for videos that ask for a login. It is read and never written."""
    player_client: list[str] = field(factory=list)
    """Players to pose as, by yt-dlp's names (``["visionos"]``); empty leaves the choice to yt-dlp."""
    options: Mapping[str, Any] = field(factory=dict)
    """Parameters handed to ``yt_dlp.YoutubeDL``, such as ``format`` or ``postprocessors``."""
    search_results: int = field(default=15, validator=[ge(1), le(50)])
    """How many videos to ask for in one search."""
