"""The people of the emulated network, and what they share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import define, field, frozen

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Album, Catalogue, Track

LOSSLESS = "flac"


@frozen(kw_only=True)
class SharedFile:
    """One file. ``path`` is the peer's, with backslashes; ``told`` is what he says of it besides its size."""

    path: str
    track: Track
    codec: str = LOSSLESS
    bitrate: int | None = None
    told: dict[str, Any] = field(factory=dict)
    locked: bool = False

    @property
    def folder(self) -> str:
        """The path without its last part."""
        return self.path.rpartition("\\")[0]

    @property
    def name(self) -> str:
        """The last part."""
        return self.path.rpartition("\\")[2]

    def data(self) -> bytes:
        """The audio."""
        return make_audio(self.track, codec=self.codec, bitrate=self.bitrate)

    def shown(self) -> dict[str, Any]:
        """How it stands in a search's response; peers leave the extension out as a rule."""
        size = len(self.data())
        return {
            "filename": self.path,
            "size": size,
            "code": 1,
            "extension": "",
            "isLocked": self.locked,
            **self.told,
        }


@define(kw_only=True)
class Peer:
    """Somebody. ``speed`` is in bytes/s; what is changed here holds for what is asked from then on."""

    username: str
    files: list[SharedFile] = field(factory=list)
    free_slot: bool = True
    speed: int = 1_250_000
    queue_length: int = 0
    online: bool = True

    def find(self, path: str) -> SharedFile | None:
        """His file of that name."""
        return next((file for file in self.files if file.path == path), None)

    def matching(self, text: str) -> list[SharedFile]:
        """What a search for ``text`` finds: every word in the path, none that has a minus before it."""
        words = [word for word in text.casefold().split() if len(word) > 1]
        wanted = [word for word in words if not word.startswith("-")]
        unwanted = [word[1:] for word in words if word.startswith("-")]
        return [file for file in self.files if wanted and _fits(file.path.casefold(), wanted, unwanted)]

    def response(self, text: str) -> dict[str, Any] | None:
        """His answer to a search, if he has one."""
        found = self.matching(text) if self.online else []
        free = [file.shown() for file in found if not file.locked]
        locked = [file.shown() for file in found if file.locked]
        if not found:
            return None
        return {
            "username": self.username,
            "token": 1234,
            "hasFreeUploadSlot": self.free_slot,
            "uploadSpeed": self.speed,
            "queueLength": self.queue_length,
            "fileCount": len(free),
            "lockedFileCount": len(locked),
            "files": free,
            "lockedFiles": locked,
        }


def shared(path: str, track: Track, **more: Any) -> SharedFile:
    """Share ``track`` as ``path``; its length and what its codec has are told."""
    codec, bitrate = more.get("codec", LOSSLESS), more.get("bitrate")
    told: dict[str, Any] = {"length": round(track.seconds)}
    if codec == LOSSLESS:
        told |= {"bitDepth": 16, "sampleRate": 44100}
    elif bitrate:
        told |= {"bitRate": bitrate, "isVariableBitRate": False}
    return SharedFile(path=path, track=track, **{"told": told, **more})


def people(catalogue: Catalogue) -> list[Peer]:
    """Four of them: everything in FLAC, some MP3s far down a queue, copies, and an album of two discs."""
    albums = [album for album in catalogue.albums if album.tracks]
    everything = Peer(username="peer one", files=[file for album in albums for file in _tidy(album)])
    if not albums:
        return [everything]
    first, last = albums[0], albums[-1]
    loud = Peer(
        username="Пётр/№2 #loud",
        files=[*_scene(first)],
        free_slot=False,
        speed=90_000,
        queue_length=12,
    )
    # The very same path as at peer one: two files of one name at two peers.
    copy = Peer(username="copycat", files=list(_tidy(first))[:2], speed=400_000, queue_length=1)
    discs = Peer(username="two_discs", files=list(_discs(last)), speed=200_000)
    return [everything, loud, copy, discs]


def _tidy(album: Album) -> Iterator[SharedFile]:
    for track in album.tracks:
        folder = f"@@abcde\\Music\\{_plain(album.artist)}\\{_plain(album.title)} ({album.year})"
        yield shared(f"{folder}\\{track.number:02} - {_plain(track.title)}.flac", track)


def _scene(album: Album) -> Iterator[SharedFile]:
    """Three MP3s of which one tells nothing of itself, and a FLAC that is for his friends."""
    folder = f"music\\{_plain(album.artist)} - {album.year} - {_plain(album.title)} [320]"
    for track in album.tracks[:3]:
        told: dict[str, Any] = {"told": {}} if track.number == 3 else {}  # noqa: PLR2004 - any one will do
        name = f"{track.number:02}. {_plain(track.artist)} - {_plain(track.title)}.mp3"
        yield shared(f"{folder}\\{name}", track, codec="mp3", bitrate=320, **told)
    track = album.tracks[0]
    yield shared(f"{folder}\\friends\\{_plain(track.title)}.flac", track, locked=True)


def _discs(album: Album) -> Iterator[SharedFile]:
    for track in album.tracks:
        disc, number = (1, track.number) if track.number < 3 else (2, track.number - 2)  # noqa: PLR2004
        folder = f"@@q\\Lossless\\{album.artist} - {album.title} ({album.year}) [FLAC]\\CD{disc}"
        yield shared(f"{folder}\\{number:02} {_plain(track.title)}.flac", track)


def _plain(name: str) -> str:
    return "".join("_" if char in '\\/:*?"<>|' else char for char in name)


def _fits(path: str, wanted: list[str], unwanted: list[str]) -> bool:
    return all(word in path for word in wanted) and not any(word in path for word in unwanted)
