"""YouTube's own words for why it does not play something, as yt-dlp passes them on."""

from __future__ import annotations

from cratedig import NotEntitled, NotFound, RateLimited
from cratedig.ytdlp import Saying

HOUR = 3600.0
_LOGIN = "an account may see it: set `cookies_file`"

SAYINGS = (
    Saying(
        r"rate-limited by YouTube|content isn't available, try again later",
        RateLimited,
        "YouTube lifts this within an hour",
        retry_after=HOUR,
    ),
    Saying(
        r"not a bot|captcha",
        RateLimited,
        "wait, ask for less at once, or set `cookies_file`",
        retry_after=HOUR,
    ),
    Saying(r"confirm your age|age.restricted|inappropriate for some users", NotEntitled, _LOGIN),
    Saying(r"members.only|this channel's members|Join this channel", NotEntitled, _LOGIN),
    Saying(r"Private video|video is private", NotEntitled, _LOGIN),
    Saying(r"available in your country|blocked it in your country", NotEntitled),
    Saying(r"Music Premium|requires payment|purchase|rental", NotEntitled, _LOGIN),
    Saying(r"live event will|Premieres in|not currently live|live stream recording is not", NotEntitled),
    Saying(
        r"Video unavailable|has been removed|no longer available|been terminated|does(n't| not) exist"
        r"|isn't available|Incomplete YouTube ID",
        NotFound,
    ),
    Saying(r"Sign in|log ?in", NotEntitled, _LOGIN),
)
"""In this order: some reasons come with "Video unavailable" or "Sign in" before or after them."""
