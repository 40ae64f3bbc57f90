"""Releases as they are posted: articles in a spool, and the NZB that lists them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from threading import Lock
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from attrs import define, field, frozen

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Album, Catalogue
from cratedig_emulators.messages import EPOCH

ARTICLE = 64 * 1024
"""Bytes of a file in one article."""
LOSSLESS, MP3 = 3040, 3010
_SPACE = "http://www.newzbin.com/DTD/2003/nzb"
_GROUP = "alt.binaries.sounds.planted"


@define
class Spool:
    """Articles by message id. Several indexers and clients may share one."""

    _articles: dict[str, bytes] = field(factory=dict)
    _gone: dict[str, bytes] = field(factory=dict)
    _lock: Lock = field(factory=Lock)

    def put(self, articles: Mapping[str, bytes]) -> None:
        """Keep articles."""
        with self._lock:
            self._articles.update(articles)

    def get(self, message_id: str) -> bytes | None:
        """An article's part of its file; ``None`` when it is gone."""
        with self._lock:
            return self._articles.get(message_id)

    def expire(self, nzb: bytes, *, file: str = "", every: int = 1) -> int:
        """Lose every ``every``-th article of a release, or of one of its files; how many that were."""
        ids = [one for name, found in read_nzb(nzb) if file in ("", name) for one in found][::every]
        with self._lock:
            lost = {one: self._articles.pop(one) for one in ids if one in self._articles}
            self._gone |= lost
            return len(lost)

    def recovered(self, message_id: str) -> bytes:
        """What recovery files make of an article, whether it is there or gone."""
        with self._lock:
            return self._articles.get(message_id) or self._gone.get(message_id, b"")


NEWS = Spool()
"""Where everything is posted that is given no other spool."""


@frozen(kw_only=True)
class Release:
    """A release as an indexer lists it."""

    guid: str
    title: str
    nzb: bytes = field(repr=False)
    size: int
    category: int = LOSSLESS
    grabs: int = 9
    artist: str = ""
    album: str = ""
    year: int | None = None

    @property
    def words(self) -> frozenset[str]:
        """What a search finds it by."""
        return words_of(f"{self.title} {self.artist} {self.album}")


def post(
    title: str, files: Mapping[str, bytes], *, spool: Spool = NEWS, category: int = LOSSLESS, **more: object
) -> Release:
    """Post files under a title; equal posts have equal ids."""
    guid = hashlib.sha1(title.encode(), usedforsecurity=False).hexdigest()
    rows = []
    for number, (name, data) in enumerate(files.items(), 1):
        pieces = [data[at : at + ARTICLE] for at in range(0, len(data), ARTICLE)]
        articles = {f"{guid[:16]}.{number}.{part}@planted": piece for part, piece in enumerate(pieces, 1)}
        spool.put(articles)
        rows.append(_row(number, len(files), name, articles))
    return Release(
        guid=guid,
        title=title,
        nzb=_nzb(title, rows),
        size=sum(map(len, files.values())),
        category=category,
        **more,  # type: ignore[arg-type]
    )


def releases(catalogue: Catalogue, spool: Spool = NEWS) -> Iterator[Release]:
    """The catalogue's albums as FLAC, and the first of them as MP3, too."""
    albums = [album for album in catalogue.albums if album.tracks]
    for album in albums:
        name = f"{_dotted(album.artist)}-{_dotted(album.title)}-WEB-FLAC-{album.year}-PLANTED"
        yield _posted(album, name, "flac", spool, LOSSLESS)
    for album in albums[:1]:
        yield _posted(album, f"{album.artist} - {album.title} ({album.year}) MP3 320", "mp3", spool, MP3)


def album_files(album: Album, codec: str = "flac") -> dict[str, bytes]:
    """An album's files by name."""
    bitrate = 320 if codec == "mp3" else None
    return {
        f"{track.number:02} - {track.title.replace('/', '_')}.{codec}": make_audio(
            track, codec=codec, bitrate=bitrate
        )
        for track in album.tracks
    }


def read_nzb(nzb: bytes) -> list[tuple[str, list[str]]]:
    """Each file's name with the message ids of its articles; empty when it is no NZB."""
    try:
        root = ET.fromstring(nzb)  # noqa: S314 -- tests feed it
    except ET.ParseError:
        return []
    return [(_file_name(file.get("subject", "")), _ids(file)) for file in root.iter(f"{{{_SPACE}}}file")]


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as an indexer takes them."""
    return frozenset(re.findall(r"[^\W_]+", text.casefold()))


def _posted(album: Album, title: str, codec: str, spool: Spool, category: int) -> Release:
    return post(title, album_files(album, codec), spool=spool, category=category)


def _dotted(text: str) -> str:
    return "_".join(text.split())


def _row(number: int, files: int, name: str, articles: Mapping[str, bytes]) -> str:
    subject = f'[{number}/{files}] - "{name}" yEnc (1/{len(articles)})'
    segments = "".join(
        f'<segment bytes="{len(piece)}" number="{part}">{escape(message_id)}</segment>'
        for part, (message_id, piece) in enumerate(articles.items(), 1)
    )
    return (
        f'<file poster="poster@planted" date="{EPOCH}" subject={quoteattr(subject)}>'
        f"<groups><group>{_GROUP}</group></groups><segments>{segments}</segments></file>"
    )


def _nzb(title: str, rows: list[str]) -> bytes:
    head = f'<head><meta type="title">{escape(title)}</meta></head>'
    kind = '<!DOCTYPE nzb PUBLIC "-//newzBin//DTD NZB 1.1//EN" "http://www.newzbin.com/DTD/nzb/nzb-1.1.dtd">'
    body = f'<nzb xmlns="{_SPACE}">{head}{"".join(rows)}</nzb>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{kind}\n{body}'.encode()


def _file_name(subject: str) -> str:
    found = re.search(r'"([^"]+)"', subject)
    return found[1].replace("/", "_") if found else "unnamed"


def _ids(file: ET.Element) -> list[str]:
    segments = sorted(file.iter(f"{{{_SPACE}}}segment"), key=lambda one: int(one.get("number", "0")))
    return [one.text or "" for one in segments]
