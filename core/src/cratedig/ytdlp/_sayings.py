"""yt-dlp's texts, and the errors they stand for."""

from __future__ import annotations

import re

from attrs import field, frozen

from cratedig._errors import (
    NotConfigured,
    NotEntitled,
    NotFound,
    QualityUnavailable,
    RateLimited,
    SourceError,
    UnexpectedResponse,
)

UPDATE = "a newer yt-dlp may know better: pip install -U yt-dlp"


@frozen
class Saying:
    """``pattern`` (a regular expression, any case, straight apostrophes) means ``error``, with this ``hint``.

    ``retry_after`` is seconds, for :class:`~cratedig.RateLimited` alone. ``at_once`` ends the extraction
    where yt-dlp makes a mere warning of it and goes on.
    """

    pattern: str
    error: type[SourceError]
    hint: str | None = None
    retry_after: float | None = field(default=None, kw_only=True)
    at_once: bool = field(default=False, kw_only=True)

    def fits(self, text: str) -> bool:
        """Whether ``text`` says this."""
        return re.search(self.pattern, text, re.IGNORECASE) is not None

    def raised(self, text: str) -> SourceError:
        """Make the error, with yt-dlp's words as its message."""
        if issubclass(self.error, RateLimited):
            return RateLimited(text, self.retry_after, hint=self.hint)
        return self.error(text, hint=self.hint)


COMMON = (
    Saying(
        r"ffprobe and ffmpeg not found|ffmpeg not found|ffprobe not found",
        NotConfigured,
        "the postprocessors in `options` need ffmpeg: install it, set options.ffmpeg_location, or drop them",
    ),
    Saying(
        r"failed to load cookies|cookies database|unsupported browser",
        NotConfigured,
        "see options.cookiesfrombrowser",
    ),
    Saying(r"geo.?restrict|available (from|in) your (location|country|region)", NotEntitled),
    Saying(r"DRM protect", NotEntitled),
    Saying(r"Requested format is not available", QualityUnavailable, "see options.format"),
    Saying(r"No suitable (InfoE|e)xtractor|Unsupported URL", NotFound),
)
"""Good for every service; a source puts its own before them."""

VAGUE = (
    Saying(r"No video formats found", QualityUnavailable, UPDATE),
    Saying(r"Unable to extract|An extractor error has occurred", UnexpectedResponse, UPDATE),
)
"""What yt-dlp says when it has no better reason, so any other evidence goes before it."""
