"""The bytes behind SoundCloud's presets, whole and in the segments of HLS."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from cratedig_emulators.audio import make_audio
from cratedig_emulators.segments import segmented
from cratedig_emulators.soundcloud.sounds import PREVIEW, Sound

SEGMENT = 2.0
"""Seconds in a segment of MP3 or Opus; AAC has one second."""


@frozen(kw_only=True)
class Stream:
    """One transcoding: what the API says of it, and the codec of :func:`make_audio`. ``rate`` in kbit/s."""

    preset: str
    protocol: str
    mime: str
    codec: str
    rate: int
    quality: str = "sq"

    @property
    def extension(self) -> str:
        """The ending of its files."""
        return {"aac": "m4a"}.get(self.codec, self.codec)


_AAC = 'audio/mp4; codecs="mp4a.40.2"'
_MP3 = "audio/mpeg"


def _stream(preset: str, protocol: str, mime: str, codec: str, rate: int, quality: str = "sq") -> Stream:
    return Stream(preset=preset, protocol=protocol, mime=mime, codec=codec, rate=rate, quality=quality)


STREAMS = {
    "aac_256k": _stream("aac_256k", "hls", _AAC, "aac", 256, "hq"),
    "aac_160k": _stream("aac_160k", "hls", _AAC, "aac", 160),
    "aac_96k": _stream("aac_96k", "hls", _AAC, "aac", 96),
    "mp3_hls": _stream("mp3_0_1", "hls", _MP3, "mp3", 128),
    "mp3": _stream("mp3_0_1", "progressive", _MP3, "mp3", 128),
    "opus": _stream("opus_0_0", "hls", 'audio/ogg; codecs="opus"', "opus", 64),
    "ctr": _stream("aac_160k", "ctr-encrypted-hls", _AAC, "aac", 160),
    "cbc": _stream("aac_160k", "cbc-encrypted-hls", _AAC, "aac", 160),
    "abr": _stream("abr_sq", "hls", _AAC, "aac", 160),
}
"""By a name of this emulator's: some presets come over two protocols."""


@lru_cache(maxsize=128)
def media(sound: Sound, key: str, *, preview: bool = False) -> bytes:
    """Make the file of one transcoding as a progressive download has it."""
    stream, seconds = STREAMS[key], _seconds(sound, preview=preview)
    return make_audio(sound.track, codec=stream.codec, seconds=seconds, bitrate=stream.rate, tagged=False)


def _seconds(sound: Sound, *, preview: bool) -> float:
    """How long it really plays."""
    whole = sound.served_seconds or sound.track.seconds
    return min(PREVIEW, whole) if preview else whole


@lru_cache(maxsize=128)
def segments(sound: Sound, key: str, *, preview: bool = False) -> tuple[bytes, ...]:
    """Cut it into what HLS serves; an AAC stream's first is its init segment."""
    data = media(sound, key, preview=preview)
    if STREAMS[key].codec == "aac":
        cut = segmented(data)
        return (cut.init, *cut.parts)
    count = max(1, round(sound.track.seconds / SEGMENT))
    size = -(-len(data) // count)
    return tuple(data[at : at + size] for at in range(0, len(data), size))


def streamed(sound: Sound, key: str, *, preview: bool = False) -> bytes:
    """Join the segments: the file that a client should end with."""
    return b"".join(segments(sound, key, preview=preview))


def original(sound: Sound) -> bytes:
    """Make the file that was uploaded."""
    return make_audio(sound.track, codec=sound.original, seconds=sound.served_seconds)


def playlist(sound: Sound, key: str, base: str, query: str, *, preview: bool = False) -> str:
    """Write the media playlist whose segments lie under ``base``."""
    stream = STREAMS[key]
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-TARGETDURATION:3"]
    parts = list(enumerate(segments(sound, key, preview=preview)))
    seconds = _seconds(sound, preview=preview) / max(1, len(parts) - (stream.codec == "aac"))
    if stream.codec == "aac":
        lines.append(f'#EXT-X-MAP:URI="{base}/init.mp4?{query}"')
        parts = parts[1:]
    for position, _ in parts:
        ending = "m4s" if stream.codec == "aac" else stream.extension
        lines += [f"#EXTINF:{seconds:.3f},", f"{base}/{position}.{ending}?{query}"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])
