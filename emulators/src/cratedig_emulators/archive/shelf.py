"""The items that the emulated Archive holds: the catalogue in every shape that real uploads have."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from cratedig_emulators.archive.items import Item, ItemFile, audio_file, listing, plain_file
from cratedig_emulators.catalogue import Album, Catalogue, Track

_LICENSE = "http://creativecommons.org/licenses/by-nc/4.0/"
_FILLERS = 130


def shelf(catalogue: Catalogue) -> Iterator[Item]:
    """Everything, the catalogue's albums first."""
    albums = [album for album in catalogue.albums if album.tracks]
    kinds = (_release, _concert, _nested)
    for number, album in enumerate(albums):
        yield (kinds[number] if number < len(kinds) else _release)(album)
    if albums:
        yield from _oddities(albums[0])
    yield from map(_filler, range(_FILLERS))


def slug(text: str) -> str:
    """Make an identifier made of ``text``."""
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in text).lower().split())


def _metadata(album: Album, **more: object) -> dict[str, object]:
    names = "<br />".join(f"{track.number}. {track.title}" for track in album.tracks)
    return {
        "title": album.title,
        "creator": album.artist,
        "mediatype": "audio",
        "collection": ["netlabels", "audio"],
        "date": f"{album.year}-02-02",
        "year": str(album.year),
        "licenseurl": _LICENSE,
        "description": f"<p>{names}</p>",
        **more,
    }


def _release(album: Album) -> Item:
    """Make a netlabel's release: FLAC originals, MP3 derivatives, awkward file names."""
    identifier = slug(f"{album.artist} {album.title}")
    files: list[ItemFile] = []
    for track in album.tracks:
        name = f"{track.number:02} - {track.title.replace('/', '_')}"
        files.append(audio_file(f"{name}.flac", track))
        files.append(audio_file(f"{name}.mp3", track, "VBR MP3", original=f"{name}.flac"))
    files.append(plain_file("cover #1 100%.jpg", "JPEG", b"\xff\xd8\xff\xe0"))
    files.append(plain_file(f"{identifier}_vbr.m3u", "VBR M3U", b"#EXTM3U"))
    return Item(
        identifier=identifier,
        metadata=_metadata(album),
        files=(*files, listing(identifier)),
        downloads=900,
    )


def _concert(album: Album) -> Item:
    """Make a taper's concert: live music is ``etree``; four formats of each track, some without a title."""
    identifier = f"{slug(album.artist)}{album.year}-02-02.flac16"
    files: list[ItemFile] = []
    for track in album.tracks[:2]:
        live = evolve(track, album="", title=f"{track.title} (Live)")
        base = f"{identifier}d1t{track.number:02}"
        untitled = {"title": ""} if track.number == 2 else {}  # noqa: PLR2004 -- any one will do
        files.append(audio_file(f"{base}.flac", live, **untitled))
        files += (
            audio_file(f"{base}{suffix}", live, kind, original=f"{base}.flac", **untitled)
            for kind, suffix in (("VBR MP3", ".mp3"), ("64Kbps MP3", "_64kb.mp3"), ("Ogg Vorbis", ".ogg"))
        )
    return Item(
        identifier=identifier,
        metadata=_metadata(
            album,
            title=f"{album.artist} Live at The Old Pumping Station on {album.year}-02-02",
            mediatype="etree",
            collection=[slug(album.artist), "etree"],
            date=f"{album.year}-02-02T00:00:00Z",
            venue="The Old Pumping Station",
            coverage="Harwick",
        ),
        files=(*files, plain_file(f"{identifier}.ffp", "Flac FingerPrint", b"abc"), listing(identifier)),
        downloads=1234,
    )


def _nested(album: Album) -> Item:
    """Make an EP in 24 bits by several artists, its files in a folder."""
    identifier = f"nl-{slug(album.title)}"
    files = [
        audio_file(f"CD 1/{track.number:02} {track.title}.flac", track, "24bit Flac")
        for track in album.tracks
    ]
    return Item(
        identifier=identifier,
        metadata=_metadata(album, creator=[album.artist, "Nowhere Ensemble"], collection="netlabels"),
        files=(*files, listing(identifier)),
        downloads=300,
    )


def _oddities(album: Album) -> Iterator[Item]:
    """Make what clients stumble over; all of it by the first album's artist."""
    first, last = album.tracks[0], album.tracks[-1]
    by = album.artist
    yield Item(
        identifier="lanterns-mp3-rip",
        metadata=_metadata(album, title=f"{album.title} (MP3 rip)", collection="opensource_audio"),
        files=(
            audio_file("a.mp3", first, "320Kbps MP3", track="1/2", title=f"01. {first.title}"),
            audio_file("b.mp3", last, "320Kbps MP3", track="2/2", title=last.title.replace("'", "&#39;")),
            audio_file("history/files/a.mp3.~1~", first, "320Kbps MP3"),
        ),
    )
    yield _single_file_album(album)
    yield Item(
        identifier="lanterns-lending",
        metadata=_metadata(
            album, title=f"{by} lending", collection="stream_only", **{"access-restricted-item": "true"}
        ),
        files=(
            evolve(audio_file("locked.flac", first), private=True),
            audio_file("locked_sample.mp3", evolve(first, seconds=5.0), "64Kbps MP3", original="locked.flac"),
        ),
    )
    yield Item(
        identifier="lanterns-part-private",
        metadata=_metadata(album, title=f"{by} sessions"),
        files=(evolve(audio_file("locked.flac", first), private=True), audio_file("open.flac", last)),
    )
    yield Item(identifier="lanterns-removed", metadata=_metadata(album, title=f"{by} removed"), dark=True)
    yield Item(
        identifier="lanterns-climbing",
        metadata=_metadata(album, title=f"{by} climbing out"),
        files=(audio_file("../../climbed.flac", last), audio_file("/etc/climbed.flac", last)),
    )


def _single_file_album(album: Album) -> Item:
    """One hour-long file named like the album; its bytes are short, nobody should want them."""
    whole = Track(artist=album.artist, title=album.title, album=album.title, seconds=10)
    return Item(
        identifier="lanterns-whole-album",
        metadata=_metadata(album, title=album.title, collection="opensource_audio"),
        files=(audio_file("whole album.mp3", whole, "64Kbps MP3", length="1:02:13", track=""),),
        downloads=5000,
    )


def _filler(number: int) -> Item:
    """Noise: a radio programme whose host likes trams."""
    return Item(
        identifier=f"night-tram-radio-{number:03}",
        metadata={
            "title": f"Night Tram Radio, hour {number}",
            "creator": "Night Tram Radio",
            "mediatype": "audio",
            "collection": "podcasts",
            "year": 2000 + number % 20,
        },
        downloads=number,
    )
