"""HLS (RFC 8216): playlists of segments, and playlists of such playlists."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cratedig._errors import UnexpectedResponse
from cratedig.manifests._limits import address_of, addresses_of
from cratedig.manifests._model import Manifest, codec_of
from cratedig.reading import number, whole

# A name begins where none goes on: otherwise a line of nothing but name takes the square of its length.
_ATTRIBUTE = re.compile(r'(?<![A-Z0-9-])([A-Z0-9-]+)=(?:"([^"]*)"|([^",\s]*))')
_VARIANT = "#EXT-X-STREAM-INF:"
_KEYS = ("#EXT-X-KEY:", "#EXT-X-SESSION-KEY:")


def read_hls(content: str, base: str = "") -> Manifest:
    """Read a media playlist found at ``base``.

    :raises UnexpectedResponse: it is none, goes on later (a live one has no end), or cuts its segments out of
        larger files, which nobody could fetch whole.
    """
    lines = _lines(content)
    tags = [line for line in lines if line.startswith("#EXT")]
    if "#EXT-X-ENDLIST" not in tags or any("BYTERANGE" in tag for tag in tags):
        raise UnexpectedResponse("the playlist has no end, or lists pieces of files")
    inits = {found for tag in tags if tag.startswith("#EXT-X-MAP:") and (found := _told(tag).get("URI"))}
    if len(inits) > 1:
        raise UnexpectedResponse("the playlist changes the format midway")
    seconds = sum(number(tag[8:].partition(",")[0]) or 0.0 for tag in tags if tag.startswith("#EXTINF:"))
    return Manifest(
        urls=addresses_of((line for line in lines if not line.startswith("#")), base),
        init=address_of(inits.pop(), base) if inits else "",
        encryption=_encryption(tags),
        duration=seconds or None,
    )


def variant_of(content: str, base: str = "", codec: str = "") -> str:
    """The address of the best variant in a master playlist, one in ``codec`` before any other; else "".

    :raises UnexpectedResponse: there is an address that is none.
    """
    if not content.lstrip("\ufeff \r\n\t").startswith("#EXTM3U"):
        return ""
    lines = _lines(content)
    variants = [
        (_told(line), lines[at + 1]) for at, line in enumerate(lines[:-1]) if line.startswith(_VARIANT)
    ]
    best = max(variants, key=lambda one: _worth(one[0], codec), default=None)
    return address_of(best[1], base) if best else ""


def _worth(told: dict[str, str], codec: str) -> tuple[bool, int]:
    return codec_of(told.get("CODECS")) == codec, whole(told.get("BANDWIDTH")) or 0


def _lines(content: str) -> list[str]:
    lines = [line for line in map(str.strip, content.lstrip("\ufeff").splitlines()) if line]
    if not lines or lines[0] != "#EXTM3U":
        raise UnexpectedResponse("expected a playlist")
    return lines


def _told(tag: str) -> dict[str, str]:
    return {name: quoted or plain for name, quoted, plain in _ATTRIBUTE.findall(tag.partition(":")[2])}


def _encryption(tags: Iterable[str]) -> str:
    """The method of the first key that is one."""
    methods = (_told(tag).get("METHOD") or "unnamed" for tag in tags if tag.startswith(_KEYS))
    return next((method[:40] for method in methods if method != "NONE"), "")
