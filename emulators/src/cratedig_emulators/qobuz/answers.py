"""The shapes of Qobuz' answers."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_hex
from typing import Any

from cratedig_emulators.messages import EPOCH, Response, json_response
from cratedig_emulators.qobuz.songs import Song


def error(status: int, message: str, **more: object) -> Response:
    """An error; the number of the request stands behind the message."""
    trace = f"(Root=1-{token_hex(4)}-{token_hex(12)})"
    return json_response({"status": "error", "code": status, "message": f"{message} {trace}", **more}, status)


def account(user_id: int, email: str, *, subscribed: bool, country: str) -> dict[str, Any]:
    """The object ``user``."""
    rights = {
        "lossy_streaming": True,
        "lossless_streaming": True,
        "hires_streaming": True,
        "mobile_streaming": True,
        "offline_streaming": True,
        "included_format_group_ids": [1, 2, 4, 5],
        "label": "Studio",
        "short_label": "Studio",
    }
    return {
        "id": user_id,
        "login": email.partition("@")[0],
        "email": email,
        "display_name": email.partition("@")[0],
        "country_code": country,
        "credential": {"id": 4, "label": "Studio", "parameters": rights if subscribed else None},
        "subscription": {
            "offer": "studio",
            "start_date": "2026-01-01",
            "end_date": "2099-01-01",
            "is_canceled": not subscribed,
        },
    }


def track(song: Song, *, with_album: bool = True) -> dict[str, Any]:
    """One track; inside of an album it lacks the album."""
    about = song.track
    written = str if song.texts else _as_it_is
    answer: dict[str, Any] = {
        "id": written(song.id),
        "title": about.title,
        "version": song.version,
        "isrc": about.isrc,
        "duration": written(round(about.seconds)),
        "track_number": written(about.number),
        "media_number": written(song.disc),
        "performers": f"{about.artist}, MainArtist",
        "hires": song.depth > 16,  # noqa: PLR2004
        "hires_streamable": song.depth > 16,  # noqa: PLR2004
        "downloadable": True,
        "sampleable": True,
        "previewable": True,
        "displayable": True,
        "maximum_bit_depth": song.depth,
        "maximum_sampling_rate": song.rate,
        "maximum_channel_count": 2,
        "parental_warning": False,
        "streamable_at": EPOCH if song.streamable is not False else 4_000_000_000,
        "purchasable_at": EPOCH,
        "copyright": f"{about.year} {about.artist}",
        "audio_info": {"replaygain_track_gain": -8.1, "replaygain_track_peak": 0.95},
    }
    if song.streamable is not None:
        answer["streamable"] = song.streamable
    person = {"id": written(about.number + 4000), "name": song.composer or about.artist}
    answer |= {"composer": person} if song.composer else {"performer": person}
    return answer | ({"album": album([song])} if with_album else {})


def album(songs: list[Song], *, with_tracks: bool = False) -> dict[str, Any]:
    """The album that all of ``songs`` are on."""
    first, about = songs[0], songs[0].track
    answer: dict[str, Any] = {
        "id": first.album_id,
        "qobuz_id": int.from_bytes(first.album_id.encode()[:3]),
        "title": about.album or about.title,
        "version": None,
        "upc": "0600000000000",
        "image": {size: f"https://static.example/{size}.jpg" for size in ("small", "thumbnail", "large")},
        "label": {"name": "Emulated Records"},
        "genre": {"name": "Rock"},
        "tracks_count": len(songs),
        "media_count": max(song.disc for song in songs),
        "duration": round(sum(song.track.seconds for song in songs)),
        "release_date_original": f"{about.year}-02-02",
        "maximum_bit_depth": first.depth,
        "maximum_sampling_rate": first.rate,
        "hires_streamable": first.depth > 16,  # noqa: PLR2004
        "streamable": True,
    }
    if not first.composer:
        answer["artist"] = {"id": about.number + 4000, "name": about.artist}
    if with_tracks:
        answer["tracks"] = page([track(song, with_album=False) for song in songs], 50, 0)
    return answer


def page(items: Iterable[dict[str, Any]], limit: int, offset: int) -> dict[str, Any]:
    """A part of a list, with the number of the whole."""
    everything = list(items)
    return {
        "offset": offset,
        "limit": limit,
        "total": len(everything),
        "items": everything[offset : offset + limit],
    }


def _as_it_is(value: int) -> int:
    return value
