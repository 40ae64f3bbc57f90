"""What the emulated YouTube has: uploads of the catalogue's recordings, and some that look like them."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Any

import av
from attrs import Factory, evolve, field, frozen

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Catalogue, Track


class Playability(StrEnum):
    """What the player endpoint says of a video."""

    OK = "ok"
    LIVE = "live"
    UPCOMING = "upcoming"
    AGE_GATED = "age-gated"
    MEMBERS_ONLY = "members-only"
    PRIVATE = "private"
    REMOVED = "removed"
    COUNTRY = "country"
    BOT_CHECK = "bot-check"
    RATE_LIMITED = "rate-limited"
    NO_FORMATS = "no-formats"


@frozen(kw_only=True)
class Video:
    """One upload. ``topic`` is label-delivered audio on an "Artist - Topic" channel.

    ``served_seconds`` is how long the media really plays where that differs from what is said.
    """

    track: Track
    title: str
    channel: str
    topic: bool = False
    views: int = 1000
    playability: Playability = Playability.OK
    served_seconds: float | None = None
    itags: tuple[int, ...] = (140, 251)
    id: str = field(
        default=Factory(lambda video: digest(f"{video.channel}\0{video.title}", 11), takes_self=True)
    )

    @property
    def channel_id(self) -> str:
        """``UC`` and 22 more characters."""
        return "UC" + digest(self.channel, 22)

    @property
    def live(self) -> bool:
        """Whether it has no length, because it is going on or has not begun."""
        return self.playability in (Playability.LIVE, Playability.UPCOMING)

    @property
    def words(self) -> str:
        """What a search looks through."""
        return f"{self.title} {self.channel} {self.track.artist} {self.track.title}".casefold()


def digest(text: str, length: int) -> str:
    """Make a stable id in YouTube's alphabet."""
    raw = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(raw).decode()[:length]


def topic(track: Track, **changes: Any) -> Video:
    """Make the label's own upload of ``track``: bare title, "Artist - Topic" channel."""
    video = Video(track=track, title=track.title, channel=f"{track.artist} - Topic", topic=True, views=90_000)
    return evolve(video, **changes)


def upload(track: Track, note: str = "Official Audio", channel: str = "", **changes: Any) -> Video:
    """Make somebody's upload of ``track``, titled "Artist - Title (note)"."""
    title = f"{track.artist} - {track.title}" + (f" ({note})" if note else "")
    return evolve(Video(track=track, title=title, channel=channel or f"{track.artist} Official"), **changes)


def of_catalogue(catalogue: Catalogue) -> Iterator[Video]:
    """Upload every track on its topic channel, and around each album's first what a search turns up."""
    for album in catalogue.albums:
        for track in album.tracks:
            yield topic(track)
        yield from _around(album.tracks[0]) if album.tracks else ()


def _around(track: Track) -> Iterable[Video]:
    yield upload(track, views=250_000)
    live = evolve(track, seconds=track.seconds + 31)
    yield upload(live, "Live at the Depot", views=8_000)
    yield upload(evolve(track, artist="The Cover Cats"), f"{track.artist} cover", "The Cover Cats", views=700)
    yield upload(track, "24/7 radio", "Endless Radio", playability=Playability.LIVE, views=55)
    yield upload(track, "Premiere", playability=Playability.UPCOMING, views=5)


@frozen(kw_only=True)
class Stream:
    """One of YouTube's formats: its itag and what the player endpoint says of it. Rates in kbit/s and Hz."""

    itag: int
    mime: str
    codec: str
    rate: int
    sample_rate: int


STREAMS = {
    139: Stream(itag=139, mime='audio/mp4; codecs="mp4a.40.5"', codec="aac", rate=48, sample_rate=22050),
    140: Stream(itag=140, mime='audio/mp4; codecs="mp4a.40.2"', codec="aac", rate=128, sample_rate=44100),
    249: Stream(itag=249, mime='audio/webm; codecs="opus"', codec="opus-webm", rate=50, sample_rate=48000),
    251: Stream(itag=251, mime='audio/webm; codecs="opus"', codec="opus-webm", rate=133, sample_rate=48000),
}


@lru_cache(maxsize=64)
def media(video: Video, itag: int) -> bytes:
    """Make the bytes behind one format: WebM with Opus, or AAC in fragmented MP4, as the service has them."""
    stream = STREAMS[itag]
    made = make_audio(
        video.track,
        codec=stream.codec,
        seconds=video.served_seconds,
        sample_rate=stream.sample_rate,
        bitrate=stream.rate,
        tagged=False,
    )
    return _fragmented(made) if stream.codec == "aac" else made


_FRAGMENTS = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "brand": "dash",
    "frag_duration": "5000000",
    "fflags": "+bitexact",
}


def _fragmented(m4a: bytes) -> bytes:
    target = io.BytesIO()
    with (
        av.open(io.BytesIO(m4a), "r") as source,
        av.open(target, "w", format="mp4", options=_FRAGMENTS) as container,
    ):
        origin = source.streams.audio[0]
        stream = container.add_stream_from_template(origin)
        for packet in source.demux(origin):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
    return target.getvalue()
