"""The answer of ``track/getFileUrl``: an address, a sample's address, or a refusal."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import parse_qs

from attrs import frozen

from cratedig import NotEntitled, Quality, UnexpectedResponse
from cratedig.reading import flag, items, mapping, require_mapping, text, whole
from cratedig_qobuz.refusals import about_the_format, says_sample, why_refused
from cratedig_qobuz.tiers import FORMATS
from cratedig_qobuz.tracks import bits, hertz, seconds

_ADDRESS = re.compile(r"https?://[!-~]{1,8000}")
_CODECS = {"audio/flac": "flac", "audio/x-flac": "flac", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
_MP3 = 5
_SLACK = 5.0
"""Seconds that a file may be shorter than its track without being a sample."""


@frozen(kw_only=True)
class File:
    """A whole recording: its address, which is valid until ``expires_at``, and what it is."""

    url: str
    format_id: int
    quality: Quality
    duration: float | None

    @property
    def name(self) -> str:
        """The name to receive it under, another one for each format."""
        return f"{self.format_id}.{self.quality.codec}"

    @property
    def expired(self) -> bool:
        """Whether the address was good until a moment that has passed."""
        until = whole(_query(self.url).get("etsp"))
        return until is not None and time.time() >= until


def read_file(answer: Any, duration: float | None) -> File | None:
    """Read the file; ``None`` when it is refused in this format only.

    A sample has the format, the rate and the depth of the whole, so everything else is looked at:
    ``duration`` is the track's, in seconds.

    :raises SourceError: it is refused in every format, or a sample is offered in its place.
    :raises UnexpectedResponse: the answer is something else.
    """
    told = require_mapping(answer, "file address")
    codes = tuple(text(mapping(one).get("code")) for one in items(told.get("restrictions")))
    url = told.get("url")
    if _is_sample(told, url, codes, duration):
        raise why_refused(codes) or NotEntitled(
            "Qobuz offers a sample of 30 seconds in place of the track",
            hint="the account's subscription or its region does not include the whole",
        )
    if not url:
        _check_other_formats(codes)
        return None
    if not (isinstance(url, str) and _ADDRESS.fullmatch(url)):
        raise UnexpectedResponse("file address: what Qobuz hands out is no address")
    format_id = whole(told.get("format_id")) or 0
    quality = _quality(told, format_id)
    return File(url=url, format_id=format_id, quality=quality, duration=seconds(told.get("duration")))


def _is_sample(told: Any, url: object, codes: tuple[str, ...], duration: float | None) -> bool:
    if flag(told.get("sample")) or says_sample(codes):
        return True
    if isinstance(url, str) and "range" in _query(url):
        return True
    told_length = seconds(told.get("duration"))
    return bool(told_length and duration and told_length < duration - max(_SLACK, duration / 10))


def _check_other_formats(codes: tuple[str, ...]) -> None:
    """Return where another format may help.

    :raises SourceError: none does.
    """
    if (refusal := why_refused(codes)) is not None:
        raise refusal
    if not about_the_format(codes):
        raise UnexpectedResponse("file address: there is none, and no reason for it")


def _quality(told: Any, format_id: int) -> Quality:
    """Read what comes, never what was asked for: Qobuz answers with a lower format without a word."""
    kind = text(told.get("mime_type")).partition(";")[0].strip().lower()
    codec = _CODECS.get(kind, "") if kind else ("mp3" if format_id == _MP3 else "flac")
    if not codec or format_id not in FORMATS:
        raise UnexpectedResponse(f"file address: unknown format {format_id} of kind {kind[:60]!r}")
    rate, depth = hertz(told.get("sampling_rate")), bits(told.get("bit_depth"))
    if codec == "mp3":
        return Quality(codec="mp3", lossless=False, bitrate=320, sample_rate=rate)
    return Quality(codec="flac", lossless=True, sample_rate=rate, bit_depth=depth)


def _query(url: str) -> dict[str, list[str]]:
    return parse_qs(url.partition("?")[2])
