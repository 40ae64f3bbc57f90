"""What the emulated Deezer knows: its subscriber, who is logged in, its songs."""

from __future__ import annotations

from typing import Any

from cratedig_emulators.catalogue import Catalogue, Track
from cratedig_emulators.deezer.account import Account, Sessions, secret
from cratedig_emulators.deezer.catalogue import words_of
from cratedig_emulators.deezer.songs import Song


class DeezerState:
    """``account`` says who has subscribed to what, ``stripe_secret`` is made up at the start."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.account = Account()
        self.sessions = Sessions()
        self.stripe_secret = secret()[:16]
        self.songs = {song.number: song for song in map(Song.of, catalogue)}

    def plant(self, track: Track, **odd: Any) -> Song:
        """Add a track, or replace its namesake; ``odd`` are fields of :class:`Song`."""
        song = Song.of(track, **odd)
        self.songs[song.number] = song
        return song

    def song(self, title: str) -> Song:
        """Return the track of that title."""
        return next(song for song in self.songs.values() if song.track.title == title)

    def album(self, number: int | None) -> list[Song]:
        """Return the songs of an album in their order."""
        found = [song for song in self.songs.values() if song.album_number == number]
        return sorted(found, key=lambda song: song.track.number)

    def find(self, query: str) -> list[Song]:
        """Return the songs that have every word of a query."""
        words = words_of(query).casefold().split()
        return [
            song for song in self.songs.values() if words and not song.removed and _has(song.track, words)
        ]


def _has(track: Track, words: list[str]) -> bool:
    return all(word in f"{track.artist} {track.title} {track.album}".casefold() for word in words)
