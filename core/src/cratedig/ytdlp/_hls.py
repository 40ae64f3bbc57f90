"""As much of HLS (RFC 8216) as a media playlist of audio has."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from attrs import frozen

from cratedig._errors import UnexpectedResponse


@frozen(kw_only=True)
class Playlist:
    """The addresses of a media playlist in order, an init segment first.

    ``encryption`` is the method of its keys (``AES-128``, ``SAMPLE-AES``), empty when there is none;
    ``whole_files`` is false where segments are byte ranges of a larger file.
    """

    urls: tuple[str, ...]
    encryption: str
    whole_files: bool


def parsed(text: str, base_url: str) -> Playlist:
    """Read a media playlist found at ``base_url``; :class:`~cratedig.UnexpectedResponse` if it is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U":
        raise UnexpectedResponse("expected an HLS playlist")
    found = [url for line in lines if (url := _address(line))]
    if not found or any(line.startswith("#EXT-X-STREAM-INF") for line in lines):
        raise UnexpectedResponse("expected an HLS playlist with segments")
    return Playlist(
        urls=tuple(urljoin(base_url, url) for url in found),
        encryption=_encryption(text),
        whole_files="BYTERANGE" not in text,
    )


def _address(line: str) -> str | None:
    if line.startswith("#EXT-X-MAP:"):
        mapped = re.search(r'URI="([^"]+)"', line)
        return mapped[1] if mapped else None
    return None if line.startswith("#") else line


def _encryption(text: str) -> str:
    methods = re.findall(r"^#EXT-X-(?:SESSION-)?KEY:.*?METHOD=([^,\s]+)", text, re.MULTILINE)
    return next((method for method in methods if method != "NONE"), "")
