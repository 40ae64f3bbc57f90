"""The catalogue in Tidal's JSON, which an instance passes on."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from cratedig_emulators.catalogue import Album, Catalogue, Track
from cratedig_emulators.hifi.recipes import HIGH, HIRES, LOSSLESS, Recipe

_FIRST = 55_667_700
_PER_ALBUM = 100


@frozen(kw_only=True)
class Song:
    """A recording with its number, the same at every instance, and the album's."""

    id: int
    album_id: int
    track: Track

    def json(self, recipe: Recipe, *, mixed: bool = False) -> dict[str, Any]:
        """Return the track; ``mixed`` writes numbers as text, as some forks do."""
        track = self.track
        tags = ["LOSSLESS"] * (LOSSLESS in recipe.tiers) + ["HIRES_LOSSLESS"] * (HIRES in recipe.tiers)
        artist = {"id": self.album_id + 1, "name": track.artist, "type": "MAIN"}
        title, _, version = track.title.removesuffix(")").partition(" (")
        plain: Any = str if mixed else int
        return {
            "id": plain(self.id),
            "title": title,
            "version": version or None,
            "duration": plain(track.seconds),
            "trackNumber": plain(track.number),
            "volumeNumber": 1,
            "isrc": track.isrc or None,
            "explicit": False,
            "allowStreaming": True,
            "streamReady": True,
            "popularity": 40 - track.number,
            "audioQuality": LOSSLESS if LOSSLESS in recipe.tiers else HIGH,
            "audioModes": ["STEREO"],
            "mediaMetadata": {"tags": tags},
            "replayGain": -9.0,
            "peak": 0.95,
            "url": f"http://www.tidal.com/track/{self.id}",
            "artist": artist,
            "artists": [artist],
            "album": {
                "id": plain(self.album_id),
                "title": track.album or track.title,
                "cover": None,
                "releaseDate": f"{track.year}-02-02",
            },
        }


def songs(catalogue: Catalogue) -> dict[int, Song]:
    """Number every track of the catalogue."""
    return {
        song.id: song
        for number, album in enumerate(catalogue.albums)
        for place, track in enumerate(album.tracks, 1)
        for song in [
            Song(id=_FIRST + number * _PER_ALBUM + place, album_id=_FIRST + number * _PER_ALBUM, track=track)
        ]
    }


def album_json(album_id: int, album: Album) -> dict[str, Any]:
    """Return an album without its tracks."""
    artist = {"id": album_id + 1, "name": album.artist, "type": "MAIN"}
    return {
        "id": album_id,
        "title": album.title,
        "numberOfTracks": len(album.tracks),
        "numberOfVolumes": 1,
        "releaseDate": f"{album.year}-02-02",
        "duration": int(sum(track.seconds for track in album.tracks)),
        "artist": artist,
        "artists": [artist],
    }
