"""Items and their files, written down the way the Internet Archive does: every field is a string."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_emulators.messages import EPOCH

NOT_IN_SEARCH = frozenset({"venue", "coverage", "notes"})
"""Metadata that the search index leaves out."""

_ENCODING: Mapping[str, Mapping[str, Any]] = {
    "Flac": {"codec": "flac"},
    "24bit Flac": {"codec": "flac", "bit_depth": 24},
    "VBR MP3": {"codec": "mp3", "bitrate": 192},
    "320Kbps MP3": {"codec": "mp3", "bitrate": 320},
    "64Kbps MP3": {"codec": "mp3", "bitrate": 64},
    "Ogg Vorbis": {"codec": "vorbis"},
    "Apple Lossless Audio": {"codec": "alac"},
    "WAVE": {"codec": "wav"},
}


@frozen(kw_only=True)
class ItemFile:
    """One file of an item. ``data`` makes its bytes; ``fields`` are the rest of its row."""

    name: str
    format: str
    data: Callable[[], bytes]
    content_type: str = "application/octet-stream"
    source: str = "original"
    fields: Mapping[str, str] = field(factory=dict)
    private: bool = False
    measured: bool = True
    """Whether the row has size and sums; ``*_files.xml``, which holds them itself, has none."""

    def row(self) -> dict[str, str]:
        """Return the file as the metadata lists it."""
        row = {"name": self.name, "source": self.source, "format": self.format, **self.fields}
        if self.private:
            row["private"] = "true"
        return {**row, **_measures(self.data())} if self.measured else row


@frozen(kw_only=True)
class Item:
    """One item. A ``dark`` one has been removed; ``answer`` takes the place of its whole metadata."""

    identifier: str
    metadata: Mapping[str, Any]
    files: tuple[ItemFile, ...] = ()
    downloads: int = 100
    dark: bool = False
    answer: Any = None

    def file(self, name: str) -> ItemFile | None:
        """Return the file of that name."""
        return next((one for one in self.files if one.name == name), None)

    def document(self) -> dict[str, Any]:
        """Return the item as the search index knows it."""
        known = {name: value for name, value in self.metadata.items() if name not in NOT_IN_SEARCH}
        formats = list(dict.fromkeys(one.format for one in self.files))
        return {"identifier": self.identifier, **known, "format": formats, "downloads": self.downloads}

    def whole(self, node: str) -> Any:
        """Return what ``/metadata/{identifier}`` answers."""
        if self.answer is not None:
            return self.answer
        if self.dark:
            return {"created": EPOCH, "is_dark": True, "metadata": {"identifier": self.identifier}}
        rows = [one.row() for one in self.files]
        return {
            "created": EPOCH,
            "d1": node,
            "d2": node,
            "dir": f"/12/items/{self.identifier}",
            "server": node,
            "workable_servers": [node],
            "uniq": 123456789,
            "item_size": sum(int(row.get("size", 0)) for row in rows),
            "item_last_updated": EPOCH,
            "files_count": len(rows),
            "files": rows,
            "metadata": {"identifier": self.identifier, **self.metadata},
        }


def audio_file(
    name: str, recording: Track, kind: str = "Flac", *, original: str = "", **fields: str
) -> ItemFile:
    """Make ``recording`` a file of the Archive's format ``kind``; a derivative when ``original`` is named."""
    encoding = _ENCODING[kind]
    length = f"{recording.seconds:.2f}" if not original else _minutes(recording.seconds)
    known = {"title": recording.title, "track": f"{recording.number:02}", "length": length, **fields}
    if original:
        known |= {"original": original, "bitrate": str(encoding.get("bitrate", 0))}
    else:
        known = {"creator": recording.artist, "album": recording.album} | known
    return ItemFile(
        name=name,
        format=kind,
        data=lambda: make_audio(recording, **encoding),
        content_type="audio/flac" if encoding["codec"] == "flac" else "audio/mpeg",
        source="derivative" if original else "original",
        fields={key: value for key, value in known.items() if value},
    )


def plain_file(name: str, kind: str, data: bytes, **fields: str) -> ItemFile:
    """Anything that is not audio."""
    return ItemFile(name=name, format=kind, data=lambda: data, fields=fields)


def listing(identifier: str) -> ItemFile:
    """Return the row that every item has: a list of its files, without a size."""
    row = plain_file(f"{identifier}_files.xml", "Metadata", b"<files></files>", summation="md5")
    return evolve(row, measured=False)


def _measures(data: bytes) -> dict[str, str]:
    return {
        "size": str(len(data)),
        "mtime": str(EPOCH),
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "crc32": f"{zlib.crc32(data):08x}",
        "sha1": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
    }


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
