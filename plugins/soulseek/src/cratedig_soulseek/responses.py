"""Search responses of peers, as results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from cratedig import Availability, Kind, Quality, RawSearchResult, Wanted
from cratedig.reading import flag, items, mapping, number, require_items, whole
from cratedig_soulseek import names
from cratedig_soulseek.targets import Target, exact, split

MOST = 1000
"""Results of one search that are handed on; those of the readiest peers."""

_CODECS = {
    "flac": "flac",
    "mp3": "mp3",
    "m4a": "aac",
    "aac": "aac",
    "ogg": "vorbis",
    "oga": "vorbis",
    "opus": "opus",
    "wav": "wav",
    "aif": "aiff",
    "aiff": "aiff",
    "ape": "ape",
    "wv": "wavpack",
}
_MOST_LOSSY = 600


@frozen(kw_only=True)
class Offer:
    """A peer's file."""

    user: str
    path: str
    size: int
    codec: str
    about: Mapping[str, Any]
    availability: Availability

    @property
    def readiness(self) -> tuple[bool, int, int]:
        """A key under which who can start at once comes first."""
        ready = self.availability
        return not ready.free_slots, ready.queue_length or 0, -(ready.speed or 0)


def read_offers(answer: Any) -> list[Offer]:
    """Read the audio files that may be had, the readiest peers' first.

    :raises UnexpectedResponse: the answer is no list.
    """
    offers = [offer for response in require_items(answer, "responses") for offer in _of_peer(response)]
    return sorted(offers, key=lambda offer: offer.readiness)


def as_tracks(offers: list[Offer], wanted: Wanted) -> list[RawSearchResult]:
    """Make each file a result."""
    return [_track(offer, wanted) for offer in offers[:MOST]]


def as_albums(offers: list[Offer], wanted: Wanted) -> list[RawSearchResult]:
    """Make each folder a result; the folders of several discs are one."""
    albums: dict[tuple[str, str], list[Offer]] = {}
    for offer in offers:
        folder = split(offer.path)[0]
        if "/" not in folder:  # a target separates its folders by it
            home = split(folder)[0] if names.disc(folder) else folder
            albums.setdefault((offer.user, home), []).append(offer)
    return [_album(found, wanted) for found in list(albums.values())[:MOST]]


def codec_of(path: str) -> str:
    """Return the codec that a file's extension stands for, "" for what is no audio."""
    return _CODECS.get(path.rpartition(".")[2].lower(), "")


def _of_peer(response: Any) -> Iterator[Offer]:
    about = mapping(response)
    user = exact(about.get("username"))
    availability = Availability(
        free_slots=1 if flag(about.get("hasFreeUploadSlot")) else 0,
        queue_length=whole(about.get("queueLength")) or 0,
        speed=whole(about.get("uploadSpeed")),
    )
    for row in items(about.get("files")) if user.strip() else ():
        file = mapping(row)
        path, size = exact(file.get("filename")), whole(file.get("size"))
        codec = codec_of(path)
        if path and size and codec and not flag(file.get("isLocked")):
            yield Offer(user=user, path=path, size=size, codec=codec, about=file, availability=availability)


def _track(offer: Offer, wanted: Wanted) -> RawSearchResult:
    said = names.of_file(offer.path, wanted)
    return RawSearchResult(
        target_id=Target(user=offer.user, path=offer.path, size=offer.size).text,
        title=said.title,
        artist=said.artist,
        album=said.album,
        track_number=said.number,
        year=said.year,
        duration=number(offer.about.get("length")) or None,
        quality=_quality(offer),
        size=offer.size,
        availability=offer.availability,
        extra={"peer": offer.user, "path": offer.path},
    )


def _album(found: list[Offer], wanted: Wanted) -> RawSearchResult:
    first = found[0]
    folders = tuple(sorted({split(offer.path)[0] for offer in found}))
    said = names.of_folder(folders[0], wanted)
    lengths = [number(offer.about.get("length")) for offer in found]
    return RawSearchResult(
        kind=Kind.ALBUM,
        target_id=Target(user=first.user, folders=folders).text,
        title=said.title,
        artist=said.artist,
        album=said.title,
        year=said.year,
        track_count=len(found),
        duration=sum(filter(None, lengths)) if all(lengths) else None,
        quality=min((_quality(offer) for offer in found), key=lambda quality: quality.rank),
        size=sum(offer.size for offer in found),
        availability=first.availability,
        extra={"peer": first.user, "path": folders[0]},
    )


def _quality(offer: Offer) -> Quality:
    about, codec = offer.about, offer.codec
    rate, depth, bitrate = (whole(about.get(key)) or None for key in ("sampleRate", "bitDepth", "bitRate"))
    if offer.path.lower().endswith(".m4a") and (depth or (bitrate or 0) > _MOST_LOSSY):
        codec = "alac"
    told = Quality(codec=codec, sample_rate=rate, bit_depth=depth)
    return told if told.is_lossless else evolve(told, bitrate=bitrate or _estimated(offer))


def _estimated(offer: Offer) -> int | None:
    """Peers often tell no bitrate; what a second takes is near to it."""
    seconds = number(offer.about.get("length"))
    kbits = round(offer.size * 8 / seconds / 1000) if seconds else 0
    return kbits if 0 < kbits <= _MOST_LOSSY else None
