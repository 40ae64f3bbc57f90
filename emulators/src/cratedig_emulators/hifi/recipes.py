"""How one recording is served: which tiers there are, how they are packed, what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen

HIRES, LOSSLESS, HIGH, LOW = "HI_RES_LOSSLESS", "LOSSLESS", "HIGH", "LOW"
TIERS = (HIRES, LOSSLESS, HIGH, LOW)
"""Best first, in the words of ``/track/``."""

FORMATS: Mapping[str, str] = MappingProxyType(
    {"FLAC_HIRES": HIRES, "FLAC": LOSSLESS, "AACLC": HIGH, "HEAACV1": LOW}
)
"""The words of ``/trackManifests/`` for them."""


class Preview(StrEnum):
    """What is served to an account that may only have a taste of the song."""

    NO = ""
    FLAGGED = "flagged"
    """The manifest says that it is a preview, and it is short."""
    SHORT = "short"
    """Nothing says so, but the manifest's segments add up to half a minute."""
    DISGUISED = "disguised"
    """Manifest and headers claim the whole song; half a minute of audio follows."""


@frozen(kw_only=True)
class Recipe:
    """``tiers`` are there; of one that is not, a lower one is sent when it ``downgrades``, else 401.

    ``encryption`` is the BTS manifest's word, ``hls_key`` puts an encrypted segment into HLS, ``drm`` a
    licence server beside the manifest, and ``data_uri`` the playlist into the answer itself.
    """

    tiers: tuple[str, ...] = TIERS
    downgrades: bool = True
    preview: Preview = Preview.NO
    preview_seconds: float = 30.0
    encryption: str = "NONE"
    hls_key: bool = False
    drm: bool = False
    data_uri: bool = False
    master: bool = True
    missing_segment: bool = False

    def given(self, asked: str) -> str | None:
        """Return the tier that is served where ``asked`` is wanted; ``None`` for a refusal."""
        if asked in self.tiers:
            return asked
        lower = [tier for tier in TIERS[TIERS.index(asked) :] if tier in self.tiers]
        return lower[0] if lower and self.downgrades else None
