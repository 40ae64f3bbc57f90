"""Which kind a manifest is of."""

from __future__ import annotations

import base64
from typing import Any

from cratedig._errors import UnexpectedResponse
from cratedig.manifests._bts import read_bts
from cratedig.manifests._hls import read_hls
from cratedig.manifests._limits import MAX_CHARACTERS
from cratedig.manifests._model import Manifest
from cratedig.manifests._mpd import read_mpd


def decoded(value: Any) -> str:
    """A manifest's text out of base64, as services put it into their answers.

    :raises UnexpectedResponse: there is none, or too much of it.
    """
    try:
        small = isinstance(value, str) and len(value) <= 2 * MAX_CHARACTERS
        content = base64.b64decode(value if small else b"").decode()
    except ValueError:
        content = ""
    if not content:
        raise UnexpectedResponse("the answer holds no manifest that can be read")
    return content


def read_manifest(content: str, base: str = "", codec: str = "") -> Manifest:
    """Read a manifest of any kind found at ``base``; where there is a choice, sound in ``codec`` comes first.

    :raises UnexpectedResponse: it is of no kind that is known here, or makes no sense.
    """
    if len(content) > MAX_CHARACTERS:
        raise UnexpectedResponse("the manifest is far too long")
    head = content.lstrip("\ufeff \r\n\t")
    if head.startswith("#EXTM3U"):
        return read_hls(head, base)
    return read_mpd(head, base, codec) if head.startswith("<") else read_bts(head)
