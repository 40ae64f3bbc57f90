"""BTS (``application/vnd.tidal.bts``): JSON with the address of one file."""

from __future__ import annotations

import json

from cratedig._errors import UnexpectedResponse
from cratedig.manifests._limits import addresses_of
from cratedig.manifests._model import Manifest, codec_of
from cratedig.reading import items, mapping, text


def read_bts(content: str) -> Manifest:
    """Read a BTS manifest.

    :raises UnexpectedResponse: it is none.
    """
    try:
        told = mapping(json.loads(content))
    except (ValueError, RecursionError) as error:  # the latter for lists in lists in lists
        raise UnexpectedResponse("the manifest is no JSON") from error
    protection = text(told.get("encryptionType")).upper()
    if protection in {"", "NONE"}:
        protection = "unnamed" if told.get("keyId") else ""
    return Manifest(
        urls=addresses_of(items(told.get("urls"))),
        codec=codec_of(told.get("codecs")),
        mime_type=text(told.get("mimeType")).lower(),
        encryption=protection[:40],
    )
