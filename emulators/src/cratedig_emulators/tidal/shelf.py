"""The catalogue as Tidal tells it: numbers for ids, mostly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cratedig_emulators.catalogue import Album, Catalogue, Track

_FIRST_ALBUM = 3_100_000
_FIRST_TRACK = 41_000_000
_ARTIST = 7_000


class Shelf:
    """Numbers everything in the order of the catalogue.

    The second album is told with strings in place of numbers, as old entries of the real catalogue are.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.albums: dict[str, Album] = {
            str(_FIRST_ALBUM + at): album for at, album in enumerate(catalogue.albums)
        }
        self.tracks: dict[str, Track] = {}
        self._album_of: dict[str, str] = {}
        for album_id, album in self.albums.items():
            for track in album.tracks:
                track_id = str(_FIRST_TRACK + len(self.tracks))
                self.tracks[track_id] = track
                self._album_of[track_id] = album_id

    def id_of(self, title: str) -> str:
        """Return the id of the track of that title."""
        return next(track_id for track_id, track in self.tracks.items() if track.title == title)

    def search(self, text: str) -> list[str]:
        """Return the ids of the tracks that have all the words."""
        found = self.catalogue.search(text)
        return [track_id for track_id, track in self.tracks.items() if track in found]

    def by_isrc(self, isrc: str) -> list[str]:
        """Return the ids of the recordings with that code."""
        return [track_id for track_id, track in self.tracks.items() if track.isrc == isrc]

    def track(self, track_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Return a track with every field that clients rely on."""
        track, album_id = self.tracks[track_id], self._album_of[track_id]
        title, _, version = track.title.partition(" (")
        told = {
            "id": int(track_id),
            "title": title,
            "version": version.removesuffix(")") or None,
            "duration": int(track.seconds),
            "explicit": False,
            "allowStreaming": True,
            "streamReady": True,
            "stemReady": False,
            "djReady": True,
            "adSupportedStreamReady": True,
            "payToStream": False,
            "premiumStreamingOnly": False,
            "streamStartDate": f"{track.year}-03-01T00:00:00.000+0000",
            "trackNumber": track.number,
            "volumeNumber": 1,
            "popularity": 40 + track.number,
            "isrc": track.isrc or None,
            "copyright": f"(P) {track.year} {track.artist}",
            "bpm": None,
            "url": f"http://www.tidal.com/track/{track_id}",
            "audioQuality": "LOSSLESS",
            "audioModes": ["STEREO"],
            "mediaMetadata": {"tags": ["LOSSLESS"]},
            "replayGain": -9.1,
            "peak": 0.98,
            "artist": self._artist(track.artist),
            "artists": [self._artist(track.artist)],
            "album": self._album_stub(album_id),
            **changes,
        }
        return _as_texts(told) if album_id == str(_FIRST_ALBUM + 1) else told

    def album(self, album_id: str) -> dict[str, Any]:
        """Return an album with every field that clients rely on."""
        album = self.albums[album_id]
        return {
            **self._album_stub(album_id),
            "artist": self._artist(album.artist),
            "artists": [self._artist(album.artist)],
            "duration": int(sum(track.seconds for track in album.tracks)),
            "numberOfTracks": len(album.tracks),
            "numberOfVolumes": 1,
            "numberOfVideos": 0,
            "releaseDate": f"{album.year}-03-01",
            "upc": f"0{album_id}0001",
            "audioQuality": "LOSSLESS",
            "allowStreaming": True,
            "streamReady": True,
            "explicit": False,
            "popularity": 50,
        }

    def tracks_of(self, album_id: str) -> list[str]:
        """Return the ids of an album's tracks."""
        return [track_id for track_id, own in self._album_of.items() if own == album_id]

    def _album_stub(self, album_id: str) -> dict[str, Any]:
        album = self.albums[album_id]
        return {
            "id": int(album_id),
            "title": album.title,
            "cover": "0dfd3368-3aa1-49a3-935f-10ffb39803c0",
            "vibrantColor": None,
            "videoCover": None,
            "releaseDate": f"{album.year}-03-01",
        }

    def _artist(self, name: str) -> dict[str, Any]:
        names = [album.artist for album in self.catalogue.albums]
        return {"id": _ARTIST + names.index(name), "name": name, "type": "MAIN", "picture": None}


def _as_texts(track: dict[str, Any]) -> dict[str, Any]:
    numbers = ("id", "duration", "trackNumber", "popularity")
    return {name: str(value) if name in numbers else value for name, value in track.items()}
