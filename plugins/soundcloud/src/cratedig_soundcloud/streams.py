"""Which of a track's streams to take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cratedig import NotEntitled, QualityPreference
from cratedig.reading import text
from cratedig.ytdlp import chosen

_HOST = re.compile(r"https?://[^/?#]*preview", re.IGNORECASE)

Format = Mapping[str, Any]

ORDER = ["quality", "abr", "proto"]
"""How yt-dlp is to order formats: originals, Go+, then bitrate; one file before segments of the same rate.

Its own order would put Opus at 64 kbit/s before MP3 at 128.
"""


def is_preview(one: Format) -> bool:
    """Whether it is the 30 seconds that those without Go+ may hear, by its name or its host."""
    return bool(text(one.get("format_id")).endswith("_preview") or _HOST.match(text(one.get("url"))))


def best(formats: Sequence[Format], wish: QualityPreference | None, *, logged_in: bool) -> Format:
    """Take the last of ``formats`` that is whole and welcome: none of them is encoded again.

    Raises :class:`~cratedig.NotEntitled` where there are previews only, and what :func:`chosen` raises.
    """
    whole = [one for one in formats if not is_preview(one)]
    if not whole:
        raise _preview_only(logged_in=logged_in)
    return chosen(whole, wish)


def refuse_preview(info: Format, *, logged_in: bool) -> None:
    """Raise where a preview was chosen, by the person's own ``options.format`` for instance."""
    if is_preview(info):
        raise _preview_only(logged_in=logged_in)


def _preview_only(*, logged_in: bool) -> NotEntitled:
    hint = "it takes a Go+ subscription" + (
        ", which this account lacks" if logged_in else " and its `oauth_token`"
    )
    return NotEntitled("SoundCloud plays a preview of this track and no more", hint=hint)
