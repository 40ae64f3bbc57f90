"""Manifests of streams: what a service hands out in place of a file's address, read into one small shape.

A BTS manifest (JSON, Tidal's), an MPD (DASH, ISO/IEC 23009-1) and an HLS playlist (RFC 8216) all become a
:class:`Manifest`. Whatever stands in them, no reader raises anything but ``UnexpectedResponse``, and none
takes more than its limits: :data:`MAX_CHARACTERS`, :data:`MAX_SEGMENTS`, :data:`MAX_ADDRESS`.
"""

from cratedig.manifests._bringing import fetch_audio, open_manifest
from cratedig.manifests._bts import read_bts
from cratedig.manifests._hls import read_hls, variant_of
from cratedig.manifests._kinds import decoded, read_manifest
from cratedig.manifests._limits import MAX_ADDRESS, MAX_CHARACTERS, MAX_SEGMENTS, address_of
from cratedig.manifests._model import Manifest
from cratedig.manifests._mpd import read_mpd

__all__ = [
    "MAX_ADDRESS",
    "MAX_CHARACTERS",
    "MAX_SEGMENTS",
    "Manifest",
    "address_of",
    "decoded",
    "fetch_audio",
    "open_manifest",
    "read_bts",
    "read_hls",
    "read_manifest",
    "read_mpd",
    "variant_of",
]
