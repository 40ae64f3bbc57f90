"""A track as the gateway knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from cratedig.reading import flag, mapping, number, require_mapping, text, whole
from cratedig_deezer.tiers import TIERS, Tier

NUMBER = re.compile(r"[1-9][0-9]{0,17}")
"""A track's number. Uploads of people have negative ones, which are nobody else's."""


@frozen(kw_only=True)
class Song:
    """One track. ``sizes`` has bytes by format, where the answer has any; ``duration`` is in seconds.

    ``fallback`` is Deezer's own substitute for it, another number of the same recording.
    """

    number: str
    title: str
    artist: str
    duration: float | None
    sizes: Mapping[str, int]
    streamable: bool
    token: str = field(repr=False)
    fallback: Song | None = None

    @property
    def name(self) -> str:
        """Artist and title, to name a file by."""
        return " - ".join(part for part in (self.artist, self.title) if part)

    def has(self, tier: Tier) -> bool:
        """Whether there is a file of that tier; where nothing is said, there may be."""
        return self.sizes.get(tier.name) != 0


def read_song(value: Any, *, substitute: bool = False) -> Song | None:
    """Read the results of ``song.getData``; ``None`` when they are no track.

    :raises UnexpectedResponse: they are not even an object.
    """
    data = require_mapping(value, "track")
    identity = text(data.get("SNG_ID"))
    if not NUMBER.fullmatch(identity):
        return None
    told = {tier.name: whole(data.get(f"FILESIZE_{tier.name}")) for tier in TIERS}
    fallback = mapping(data.get("FALLBACK"))
    return Song(
        number=identity,
        title=" ".join(filter(None, (text(data.get("SNG_TITLE")), text(data.get("VERSION"))))),
        artist=text(data.get("ART_NAME")),
        duration=number(data.get("DURATION")) or None,
        sizes={name: size for name, size in told.items() if size is not None},
        streamable=_is_streamable(mapping(data.get("RIGHTS"))),
        token=text(data.get("TRACK_TOKEN")),
        fallback=read_song(fallback, substitute=True) if fallback and not substitute else None,
    )


def _is_streamable(rights: Mapping[str, Any]) -> bool:
    told = [rights[key] for key in ("STREAM_SUB_AVAILABLE", "STREAM_ADS_AVAILABLE") if key in rights]
    return any(map(flag, told)) or not told
