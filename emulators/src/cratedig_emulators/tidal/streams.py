"""What a track plays in each tier, and the manifests that say where the bytes are."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

from attrs import field, frozen

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_emulators.segments import Segmented, segmented
from cratedig_emulators.tidal.refusals import Refusal

TIERS = ("LOW", "HIGH", "LOSSLESS", "HI_RES_LOSSLESS")
"""From worse to better."""
BTS = "application/vnd.tidal.bts"
DASH = "application/dash+xml"
EMU = "application/vnd.tidal.emu"

_CODECS: Mapping[str, str] = MappingProxyType(
    {"LOW": "mp4a.40.5", "HIGH": "mp4a.40.2", "LOSSLESS": "flac", "HI_RES_LOSSLESS": "flac"}
)
_HI_RES_RATE = 96_000


@frozen(kw_only=True)
class Script:
    """How one track behaves.

    ``best`` is the best tier that exists; who asks for more gets that one with status 200. ``refusals`` are
    by tier, "" for all. ``mimes`` says what kind of manifest a tier has. ``encrypted`` are the tiers under
    protection. ``seconds`` is what is played in place of the whole song. ``timeline`` is how a DASH
    manifest counts: ``runs``, ``single`` (every segment by itself) or ``several`` (one run in two pieces).
    ``catalogue`` are changes to the track's entry, ``answer`` to the playback's.
    """

    best: str = "LOSSLESS"
    presentation: str = "FULL"
    refusals: Mapping[str, Refusal] = field(factory=dict)
    mimes: Mapping[str, str] = field(factory=lambda: {"HI_RES_LOSSLESS": DASH})
    encrypted: frozenset[str] = field(default=frozenset(), converter=frozenset)
    seconds: float | None = None
    timeline: str = "runs"
    start_number: int = 1
    declaration: str = "<?xml version='1.0' encoding='UTF-8'?>"
    manifest: str | None = None
    catalogue: Mapping[str, Any] = field(factory=dict)
    answer: Mapping[str, Any] = field(factory=dict)

    def tier_for(self, asked: str) -> str:
        """Return the tier that is played when ``asked`` is asked for."""
        return min(asked, self.best, key=TIERS.index)

    def refusal(self, tier: str) -> Refusal | None:
        """Return why this tier is not played, if it is not."""
        return self.refusals.get(tier) or self.refusals.get("")

    def mime(self, tier: str) -> str:
        """Return the kind of manifest."""
        return self.mimes.get(tier, BTS)


def file_of(track: Track, tier: str, script: Script) -> bytes:
    """Return the whole file of a tier, as a single one."""
    seconds = script.seconds
    if tier == "HI_RES_LOSSLESS":
        return make_audio(track, bit_depth=24, sample_rate=_HI_RES_RATE, seconds=seconds, tagged=False)
    if tier == "LOSSLESS":
        return make_audio(track, seconds=seconds, tagged=False)
    bitrate = 320 if tier == "HIGH" else 96
    return make_audio(track, codec="aac", bitrate=bitrate, seconds=seconds, tagged=False)


def segments_of(track: Track, tier: str, script: Script) -> Segmented:
    """Return the segments of a tier."""
    return segmented(file_of(track, tier, script))


def details(tier: str) -> dict[str, int]:
    """Return depth and rate, which are told for lossless tiers only."""
    if tier == "HI_RES_LOSSLESS":
        return {"bitDepth": 24, "sampleRate": _HI_RES_RATE}
    return {"bitDepth": 16, "sampleRate": 44100} if tier == "LOSSLESS" else {}


def extension(tier: str) -> str:
    """Return how a tier's single file ends."""
    return "flac" if _CODECS[tier] == "flac" else "mp4"


def bts(tier: str, script: Script, url: str) -> str:
    """Return a manifest of one file."""
    protected = tier in script.encrypted
    manifest = {
        "mimeType": "audio/flac" if _CODECS[tier] == "flac" else "audio/mp4",
        "codecs": _CODECS[tier],
        "encryptionType": "OLD_AES" if protected else "NONE",
        "urls": [url],
    }
    return _encoded(json.dumps({**manifest, "keyId": "a2V5"} if protected else manifest))


def dash(tier: str, script: Script, audio: Segmented, init: str, media: str) -> str:
    """Return a manifest of segments, on one line as the service writes it."""
    seconds = sum(audio.durations) / audio.timescale
    protection = "<ContentProtection schemeIdUri='urn:mpeg:dash:mp4protection:2011'/>"
    return _encoded(
        f'{script.declaration}<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
        'profiles="urn:mpeg:dash:profile:isoff-main:2011" type="static" minBufferTime="PT3.993S" '
        f'mediaPresentationDuration="PT{int(seconds // 60)}M{seconds % 60:.3f}S"><Period id="0">'
        '<AdaptationSet id="0" contentType="audio" mimeType="audio/mp4" segmentAlignment="true">'
        f"{protection if tier in script.encrypted else ''}"
        f'<Representation id="0" codecs="{_CODECS[tier]}" bandwidth="1500000" '
        f'audioSamplingRate="{audio.timescale}"><SegmentTemplate timescale="{audio.timescale}" '
        f'initialization="{escape(init)}" media="{escape(media)}" startNumber="{script.start_number}">'
        f"<SegmentTimeline>{_timeline(script.timeline, audio.durations)}</SegmentTimeline></SegmentTemplate>"
        "<Label>FLAC_HIRES</Label></Representation></AdaptationSet></Period></MPD>"
    )


def _timeline(shape: str, durations: Sequence[int]) -> str:
    if shape == "single":
        return "".join(f'<S d="{ticks}"/>' for ticks in durations)
    runs = [(ticks, len(list(same))) for ticks, same in groupby(durations)]
    if shape == "several":
        ticks, count = runs[0]
        runs = [(ticks, count // 2), (ticks, count - count // 2), *runs[1:]]
    return "".join(
        f'<S d="{ticks}"' + (f' r="{count - 1}"' if count > 1 else "") + "/>" for ticks, count in runs
    )


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
