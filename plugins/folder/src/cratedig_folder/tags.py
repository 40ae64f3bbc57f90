"""What a music file says about itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import frozen

from cratedig import Quality
from cratedig.reading import number, text, whole, year

_FIELDS = ("title", "artist", "album", "track", "date", "isrc")
_ID3 = ("TIT2", "TPE1", "TALB", "TRCK", "TDRC", "TSRC")
_MP4 = ("\xa9nam", "\xa9ART", "\xa9alb", "trkn", "\xa9day", "----:com.apple.iTunes:ISRC")
_APE = ("Title", "Artist", "Album", "Track", "Year", "ISRC")
_VORBIS = ("title", "artist", "album", "tracknumber", "date", "isrc")
_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType({"ID3": _ID3, "MP4Tags": _MP4, "APEv2": _APE})

_CODECS: Mapping[str, str] = MappingProxyType(
    {
        "FLAC": "flac",
        "OggFLAC": "flac",
        "MP3": "mp3",
        "OggVorbis": "vorbis",
        "OggOpus": "opus",
        "WAVE": "wav",
        "AIFF": "aiff",
        "MonkeysAudio": "ape",
        "WavPack": "wavpack",
    }
)


@frozen(kw_only=True)
class Tags:
    """Title, artist and so on as the file or its name has them; ``duration`` in seconds."""

    title: str
    artist: str = ""
    album: str = ""
    track: int | None = None
    year: int | None = None
    isrc: str | None = None
    duration: float | None = None
    quality: Quality | None = None


def read_tags(path: Path) -> Tags:
    """Read a file's tags; what they lack is guessed from the names of file and folder.

    :raises OSError: the file cannot be read.
    """
    import mutagen  # noqa: PLC0415 -- 20 ms that only a search has to spend

    with path.open("rb") as stream:
        try:
            file: Any = mutagen.File(stream)
        except Exception:  # noqa: BLE001 -- whatever a broken file makes a parser raise
            file = None
    if file is None:
        return _guessed(path)
    said = _said(file.tags)
    guess = _guessed(path)
    return Tags(
        title=said.get("title") or guess.title,
        artist=said.get("artist") or (guess.artist if "title" not in said else ""),
        album=said.get("album", ""),
        track=whole(said.get("track", "").partition("/")[0]),
        year=year(said.get("date")),
        isrc=said.get("isrc", "").replace("-", "").upper() or None,
        duration=number(getattr(file.info, "length", None)) or None,
        quality=_quality(type(file).__name__, file.info),
    )


def _said(tags: Any) -> dict[str, str]:
    """Return the tags under our names, whatever the container calls them."""
    if tags is None:
        return {}
    kinds = [kind.__name__ for kind in type(tags).__mro__]
    names = next((_NAMES[kind] for kind in kinds if kind in _NAMES), _VORBIS)
    found = {name: _plain(tags.get(key)) for name, key in zip(_FIELDS, names, strict=True)}
    return {name: value for name, value in found.items() if value}


def _plain(value: Any) -> str:
    """Return the first value as text: of a list, an ID3 frame, a pair of numbers or bytes."""
    first = next(iter(_several(getattr(value, "text", value))), None)
    if isinstance(first, tuple):
        first = first[0] if first else None
    if isinstance(first, bytes):
        first = first.decode("utf-8", "replace")
    return text(first if isinstance(first, str | int) else "" if first is None else str(first))


def _several(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else (value,)


def _guessed(path: Path) -> Tags:
    """``Artist - Title`` out of the name, without the number in front; the folder is the album."""
    parts = [part.strip() for part in text(_printable(path.stem)).split(" - ")]
    named = [part for part in parts if part and not part.isdecimal()] or parts
    artist, title = (named[0], " - ".join(named[1:])) if len(named) > 1 else ("", named[0])
    return Tags(title=title or "untitled", artist=artist, album=text(_printable(path.parent.name)))


def _printable(name: str) -> str:
    """Replace the bytes of a name that are no text."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _quality(kind: str, info: Any) -> Quality | None:
    codec = _CODECS.get(kind) or _mp4_codec(getattr(info, "codec", ""))
    rate = whole(getattr(info, "bitrate", None))
    if not codec:
        return None
    return Quality(
        codec=codec,
        bitrate=rate // 1000 if rate else None,
        sample_rate=whole(getattr(info, "sample_rate", None)) or None,
        bit_depth=_depth(codec, info),
    )


def _depth(codec: str, info: Any) -> int | None:
    """Only lossless files have one, though MP4 states it for AAC too."""
    return whole(getattr(info, "bits_per_sample", None)) or None if codec not in {"aac", "mp3"} else None


def _mp4_codec(name: Any) -> str:
    return "aac" if str(name).startswith("mp4a") else str(name).lower()
