"""The JSON of api-v2.soundcloud.com and the page that names its client id, as far as yt-dlp reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cratedig_emulators.soundcloud.media import STREAMS
from cratedig_emulators.soundcloud.sounds import PREVIEW, Playlist, Policy, Sound, number, slug

Json = dict[str, Any]
API = "https://api-v2.soundcloud.com"

PAGE = (
    "<!doctype html><html><head><title>SoundCloud</title></head><body>"
    '<script crossorigin src="https://a-v2.sndcdn.com/assets/0-app.js"></script>'
    '<script crossorigin src="https://a-v2.sndcdn.com/assets/1-vendor.js"></script>'
    "</body></html>"
)
"""The id is in the first script; clients look from the last."""

TOO_MANY = {
    "errors": [
        {
            "meta": {
                "rate_limit": {"bucket": "by-client", "max_nr_of_requests": 600, "time_window": "PT10M"},
                "remaining_requests": 0,
            }
        }
    ]
}
"""What comes with 429."""


def script(client_id: str) -> str:
    """Write the script that has the id in it."""
    return f'(window.__app=window.__app||[]).push({{client_id:"{client_id}",env:"production"}});'


def track(sound: Sound, *, preview: bool, subscriber: bool) -> Json:
    """Describe an upload to somebody who may hear it whole, or a ``preview`` of it."""
    length = round(sound.track.seconds * 1000)
    heard = min(length, round(PREVIEW * 1000)) if preview else length
    return {
        **_identity(sound),
        "uri": f"https://api.soundcloud.com/tracks/{sound.id}",
        "permalink": slug(sound.title),
        "permalink_url": sound.permalink,
        "title": sound.title,
        "description": None,
        "duration": heard,
        "full_duration": length,
        "created_at": f"{sound.track.year}-01-02T03:04:05Z",
        "release_date": f"{sound.track.year}-01-02T00:00:00Z" if sound.credited else None,
        "genre": "Ambient",
        "tag_list": '"night bus" tram',
        "license": "all-rights-reserved",
        "sharing": "private" if sound.secret else "public",
        "streamable": True,
        "downloadable": bool(sound.original),
        "has_downloads_left": bool(sound.original),
        "policy": sound.policy if preview or sound.policy is not Policy.SNIP else Policy.ALLOW,
        "monetization_model": "NOT_APPLICABLE",
        "track_authorization": "opaque",
        "artwork_url": f"https://i1.sndcdn.com/artworks-{sound.id}-x-large.jpg",
        "user": _user(sound.uploader),
        "publisher_metadata": _publisher(sound) if sound.credited else None,
        "playback_count": sound.plays,
        "likes_count": sound.plays // 10,
        "media": {"transcodings": _transcodings(sound, preview=preview, subscriber=subscriber)},
    }


def _identity(sound: Sound) -> Json:
    return {"id": sound.id, "kind": "track", "urn": f"soundcloud:tracks:{sound.id}"}


def _user(name: str) -> Json:
    address = f"https://soundcloud.com/{slug(name)}"
    return {
        "id": number(name),
        "username": name,
        "permalink": slug(name),
        "permalink_url": address,
        "avatar_url": None,
    }


def _publisher(sound: Sound) -> Json:
    track = sound.track
    return {"artist": track.artist, "album_title": track.album, "isrc": track.isrc, "id": str(sound.id)}


def _transcodings(sound: Sound, *, preview: bool, subscriber: bool) -> list[Json]:
    if sound.policy is Policy.BLOCK:
        return []
    length = min(PREVIEW, sound.track.seconds) if preview else sound.track.seconds
    return [
        {
            "url": f"{API}/media/soundcloud:tracks:{sound.id}/{key}/"
            f"{'preview' if preview and not sound.unmarked else 'stream'}/{_path(stream.protocol)}",
            "preset": stream.preset,
            "duration": round(length * 1000),
            "snipped": preview and not sound.unmarked,
            "format": {"protocol": stream.protocol, "mime_type": stream.mime},
            "quality": stream.quality,
        }
        for key in sound.streams
        if (stream := STREAMS[key]).quality == "sq" or (subscriber and not preview)
    ]


def _path(protocol: str) -> str:
    return protocol if protocol in ("progressive", "hls") else "hls"


def page_of(found: Sequence[Json], offset: int, limit: int, address: str) -> Json:
    """One page of a search, with the address of the next where there is one."""
    more = offset + limit < len(found)
    return {
        "collection": list(found[offset : offset + limit]),
        "total_results": len(found),
        "next_href": f"{address}&offset={offset + limit}&limit={limit}" if more else None,
        "query_urn": "soundcloud:search:emulated",
    }


def playlist(one: Playlist, members: Sequence[Json]) -> Json:
    """Describe a set; what is told of its later members is their id."""
    return {
        "id": str(number(one.permalink)),
        "kind": "playlist",
        "permalink_url": one.permalink,
        "title": one.title,
        "set_type": "album",
        "duration": sum(member["duration"] for member in members),
        "user": _user(one.uploader),
        "artwork_url": None,
        "tracks": [
            member if position < one.complete else {"id": member["id"], "kind": "track", "policy": "ALLOW"}
            for position, member in enumerate(members)
        ],
    }
