"""SoundCloud's own reasons, as yt-dlp passes them on."""

from __future__ import annotations

from cratedig import AuthenticationFailed, NotFound, RateLimited
from cratedig.ytdlp import Saying

WINDOW = 600.0
"""Seconds; SoundCloud counts about 600 requests in that time."""

_LOGIN = "log in at soundcloud.com with a browser and copy the cookie `oauth_token` again"

SAYINGS = (
    # yt-dlp would go on as a guest, and bring previews in place of what the account may have.
    Saying(r"authorization token is invalid", AuthenticationFailed, _LOGIN, at_once=True),
    Saying(r"HTTP Error 401", AuthenticationFailed, _LOGIN),
    Saying(r"HTTP Error 429", RateLimited, "SoundCloud lifts this within ten minutes", retry_after=WINDOW),
    Saying(
        r"JSON metadata: HTTP Error 404",
        NotFound,
        "it was removed or is private; a private track needs the whole address that was shared",
    ),
)
