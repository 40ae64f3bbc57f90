"""The private gateway's methods: one address, status 200 whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cratedig_emulators.deezer.songs import Song

if TYPE_CHECKING:
    from cratedig_emulators.deezer.state import DeezerState

Arguments = Mapping[str, Any]
Answer = dict[str, Any]


def envelope(results: Any = None, error: Any = None, payload: Any = None) -> Answer:
    """Wrap it as every answer is wrapped; an error is an object, no error an empty list."""
    return {"error": error or [], "results": {} if results is None else results, "payload": payload}


def login(deezer: DeezerState, *, known: bool, license_token: str, token: str, sid: str) -> Answer:
    """``deezer.getUserData``: nobody is user 0, and that is no error."""
    account = deezer.account
    formats = account.formats() if known else frozenset()
    high, lossless = "MP3_320" in formats, "FLAC" in formats
    user = {
        "USER_ID": account.user_id if known else 0,
        "BLOG_NAME": account.name if known else "",
        "USER_PICTURE": "",
        "OPTIONS": {
            "license_token": license_token,
            "expiration_timestamp": deezer.sessions.expires_at(),
            "license_country": account.country,
            "web_streaming": known,
            "web_hq": high,
            "web_lossless": lossless,
            "mobile_hq": high,
            "mobile_lossless": lossless,
            "web_sound_quality": {"low": True, "standard": True, "high": high, "lossless": lossless},
            "mobile_sound_quality": {"high": high, "lossless": lossless},
        },
        "SETTING": {"global": {"language": "en"}},
        "MULTI_ACCOUNT": {"ENABLED": account.family, "IS_SUB_ACCOUNT": False},
    }
    return envelope(
        {
            "USER": user,
            "SESSION_ID": sid,
            "checkForm": token,
            "COUNTRY": account.country,
            "OFFER_ID": 99 if known else 0,
        }
    )


def song_data(deezer: DeezerState, arguments: Arguments) -> Answer:
    """``song.getData``; both spellings of the argument are known."""
    song = _song(deezer, arguments.get("SNG_ID", arguments.get("sng_id")))
    if song is None or song.removed:
        payload = {"FALLBACK": {"SNG_ID": str(song.moved_to)}} if song and song.moved_to else None
        return envelope(error={"DATA_ERROR": "song::getData"}, payload=payload)
    return envelope(_with_fallback(deezer, song))


def song_list(deezer: DeezerState, arguments: Arguments) -> Answer:
    """``song.getListData``."""
    songs = [_song(deezer, number) for number in arguments.get("SNG_IDS") or ()]
    rows = [_with_fallback(deezer, song) for song in songs if song and not song.removed]
    return envelope({"data": rows, "count": len(rows), "total": len(rows)})


def page_track(deezer: DeezerState, arguments: Arguments) -> Answer:
    """``deezer.pageTrack``."""
    data = song_data(deezer, arguments)
    return data if data["error"] else envelope({"DATA": data["results"]})


def album_data(deezer: DeezerState, arguments: Arguments) -> Answer:
    """``album.getData``."""
    songs = deezer.album(_whole(arguments.get("ALB_ID")))
    if not songs:
        return envelope(error={"DATA_ERROR": "album::getData"})
    first = songs[0]
    return envelope(
        {
            "ALB_ID": str(first.album_number),
            "ALB_TITLE": first.track.album,
            "ART_ID": str(first.artist_number),
            "ART_NAME": first.track.artist,
            "NUMBER_TRACK": str(len(songs)),
            "__TYPE__": "album",
        }
    )


def album_songs(deezer: DeezerState, arguments: Arguments) -> Answer:
    """``song.getListByAlbum``."""
    rows = [_with_fallback(deezer, song) for song in deezer.album(_whole(arguments.get("ALB_ID")))]
    return envelope({"data": rows, "count": len(rows), "total": len(rows)})


def search(deezer: DeezerState, arguments: Arguments) -> Answer:
    """``search.music``."""
    start, count = _whole(arguments.get("start")) or 0, _whole(arguments.get("nb")) or 40
    found = deezer.find(str(arguments.get("query", "")))
    rows = [_with_fallback(deezer, song) for song in found[start : start + count]]
    return envelope({"data": rows, "count": len(rows), "total": len(found)})


def children(_deezer: DeezerState, _arguments: Arguments) -> Answer:
    """``deezer.getChildAccounts``: a family without children."""
    return envelope([])


METHODS: Mapping[str, Callable[[DeezerState, Arguments], Answer]] = {
    "song.getData": song_data,
    "song.getListData": song_list,
    "song.getListByAlbum": album_songs,
    "album.getData": album_data,
    "deezer.pageTrack": page_track,
    "search.music": search,
    "deezer.getChildAccounts": children,
}


def _song(deezer: DeezerState, number: Any) -> Song | None:
    return deezer.songs.get(_whole(number) or 0)


def _with_fallback(deezer: DeezerState, song: Song) -> dict[str, Any]:
    row = _fields(deezer, song)
    other = deezer.songs.get(song.fallback or 0)
    if other is not None:
        row["FALLBACK"] = {"SNG_ID": str(other.number)} if song.brief_fallback else _fields(deezer, other)
    return row


def _fields(deezer: DeezerState, song: Song) -> dict[str, Any]:
    return song.as_gateway(deezer.sessions.token_for(song.number), deezer.sessions.expires_at())


def _whole(value: Any) -> int | None:
    return int(value) if str(value).lstrip("-").isdecimal() else None
