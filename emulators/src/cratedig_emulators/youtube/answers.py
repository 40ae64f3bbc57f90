"""The JSON and HTML that www.youtube.com and music.youtube.com answer with, as far as yt-dlp reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from cratedig_emulators.youtube.videos import STREAMS, Playability, Video, media

Json = dict[str, Any]
VISITOR = "emulated-visitor"
SIGNATURE = "emulated"
MEDIA_HOST = "rr1---sn-x.googlevideo.com"
MANIFEST_HOST = "manifest.googlevideo.com"

_CLIENT = {
    "hl": "en",
    "gl": "US",
    "clientName": "WEB",
    "clientVersion": "2.20260101.00.00",
    "visitorData": VISITOR,
}
_YTCFG = {
    "INNERTUBE_CONTEXT": {"client": _CLIENT},
    "INNERTUBE_CONTEXT_CLIENT_NAME": 1,
    "INNERTUBE_CLIENT_VERSION": _CLIENT["clientVersion"],
    "VISITOR_DATA": VISITOR,
    "LOGGED_IN": False,
}


def page(video: Video | None = None, playability: Playability | None = None) -> str:
    """Write the front page, or a watch page with its initial data and what its own player would say."""
    data = ""
    if video:
        said = {**player(video, playability), "streamingData": {}}
        data = (
            f"<script>var ytInitialData = {json.dumps(watch_data(video))};</script>"
            f"<script>var ytInitialPlayerResponse = {json.dumps(said)};</script>"
        )
    return (
        "<!doctype html><html><head><title>YouTube</title>"
        f"<script>ytcfg.set({json.dumps(_YTCFG)});</script></head><body>{data}</body></html>"
    )


def watch_data(video: Video) -> Json:
    """Surround a video as its page does."""
    return {
        "contents": {
            "twoColumnWatchNextResults": {
                "results": {
                    "results": {
                        "contents": [
                            {"videoPrimaryInfoRenderer": {"title": _runs(video.title)}},
                            {
                                "videoSecondaryInfoRenderer": {
                                    "owner": {"videoOwnerRenderer": {"title": _runs(video.channel)}}
                                }
                            },
                        ]
                    }
                }
            }
        }
    }


def search(videos: Iterable[Video]) -> Json:
    """One page of results, without a continuation."""
    contents = [{"videoRenderer": _renderer(video)} for video in videos]
    section = {"itemSectionRenderer": {"contents": contents}}
    return {
        "contents": {
            "twoColumnSearchResultsRenderer": {
                "primaryContents": {"sectionListRenderer": {"contents": [section]}}
            }
        }
    }


def music_search(videos: Iterable[Video]) -> Json:
    """Answer as music.youtube.com does: songs with nothing but a title."""
    contents = [{"musicResponsiveListItemRenderer": _song(video)} for video in videos]
    sections = {"sectionListRenderer": {"contents": [{"musicShelfRenderer": {"contents": contents}}]}}
    return {"contents": {"tabbedSearchResultsRenderer": {"tabs": [{"tabRenderer": {"content": sections}}]}}}


def _runs(text: str, **more: Any) -> Json:
    return {"runs": [{"text": text, **more}]}


def _renderer(video: Video) -> Json:
    channel = _runs(
        video.channel,
        navigationEndpoint={
            "browseEndpoint": {"browseId": video.channel_id, "canonicalBaseUrl": f"/@{video.channel_id[-8:]}"}
        },
    )
    return {
        "videoId": video.id,
        "title": _runs(video.title),
        "viewCountText": {"simpleText": f"{video.views:,} views"},
        "ownerText": channel,
        "shortBylineText": channel,
        "thumbnail": {"thumbnails": [_thumbnail(video)]},
        "navigationEndpoint": {"watchEndpoint": {"videoId": video.id}},
        **_length(video),
    }


def _length(video: Video) -> Json:
    if video.playability is Playability.LIVE:
        return {"badges": [_badge("BADGE_STYLE_TYPE_LIVE_NOW", "LIVE")]}
    if video.playability is Playability.UPCOMING:
        return {"upcomingEventData": {"startTime": "4102444800"}}
    seconds = round(video.track.seconds)
    length: Json = {"lengthText": {"simpleText": f"{seconds // 60}:{seconds % 60:02}"}}
    if video.playability is Playability.MEMBERS_ONLY:
        length["badges"] = [_badge("BADGE_STYLE_TYPE_MEMBERS_ONLY", "Members only")]
    return length


def _badge(style: str, label: str) -> Json:
    return {"metadataBadgeRenderer": {"style": style, "label": label}}


def _thumbnail(video: Video) -> Json:
    return {"url": f"https://i.ytimg.com/vi/{video.id}/hqdefault.jpg", "width": 480, "height": 360}


def _song(video: Video) -> Json:
    column = {"musicResponsiveListItemFlexColumnRenderer": {"text": _runs(video.title)}}
    return {"flexColumns": [column], "playlistItemData": {"videoId": video.id}}


def player(video: Video | None, playability: Playability | None = None) -> Json:
    """Answer as the player endpoint; ``playability`` speaks for the whole service, not for one video."""
    if video is None:
        return _unplayable("ERROR", "Video unavailable")
    said = playability or video.playability
    if said in _REFUSALS:
        return {**_REFUSALS[said](), "videoDetails": _details(video)}
    answer: Json = {"playabilityStatus": {"status": "OK"}, "videoDetails": _details(video)}
    if said is Playability.LIVE:
        url = f"https://{MANIFEST_HOST}/api/manifest/hls_variant/id/{video.id}/index.m3u8"
        return {**answer, "streamingData": {"expiresInSeconds": "21540", "hlsManifestUrl": url}}
    formats = [] if said is Playability.NO_FORMATS else [_format(video, itag) for itag in video.itags]
    return {**answer, "streamingData": {"expiresInSeconds": "21540", "adaptiveFormats": formats}}


def _details(video: Video) -> Json:
    return {
        "videoId": video.id,
        "title": video.title,
        "lengthSeconds": "0" if video.live else str(round(video.track.seconds)),
        "channelId": video.channel_id,
        "author": video.channel,
        "shortDescription": _description(video),
        "viewCount": str(video.views),
        "isLiveContent": video.live,
        "isLive": video.playability is Playability.LIVE,
        "isUpcoming": video.playability is Playability.UPCOMING,
        "thumbnail": {"thumbnails": [_thumbnail(video)]},
    }


def _description(video: Video) -> str:
    track = video.track
    if not video.topic:
        return f"{video.title}\n\nSubscribe!"
    return "\n\n".join(
        (
            "Provided to YouTube by Nowhere Records",
            f"{track.title} · {track.artist}",
            track.album,
            f"℗ {track.year} Nowhere Records",
            f"Released on: {track.year}-01-02",
            "Auto-generated by YouTube.",
        )
    )


def _format(video: Video, itag: int) -> Json:
    stream, size = STREAMS[itag], len(media(video, itag))
    return {
        "itag": itag,
        "url": f"https://{MEDIA_HOST}/videoplayback?"
        + urlencode({"expire": "4102444800", "id": video.id, "itag": itag, "clen": size, "sig": SIGNATURE}),
        "mimeType": stream.mime,
        "bitrate": stream.rate * 1050,
        "averageBitrate": stream.rate * 1000,
        "contentLength": str(size),
        "audioQuality": "AUDIO_QUALITY_MEDIUM" if stream.rate > 100 else "AUDIO_QUALITY_LOW",  # noqa: PLR2004
        "approxDurationMs": str(round(video.track.seconds * 1000)),
        "audioSampleRate": str(stream.sample_rate),
        "audioChannels": 2,
    }


def _unplayable(status: str, reason: str, subreason: str = "", **more: Any) -> Json:
    renderer: Json = {"reason": {"simpleText": reason}}
    if subreason:
        renderer["subreason"] = {"simpleText": subreason}
    screen = {"playerErrorMessageRenderer": renderer}
    return {"playabilityStatus": {"status": status, "reason": reason, "errorScreen": screen, **more}}


_REFUSALS: Mapping[Playability, Callable[[], Json]] = {
    Playability.UPCOMING: lambda: _unplayable(
        "LIVE_STREAM_OFFLINE", "This live event will begin in 2 hours."
    ),
    Playability.AGE_GATED: lambda: _unplayable(
        "LOGIN_REQUIRED", "Sign in to confirm your age", "This video may be inappropriate for some users."
    ),
    Playability.MEMBERS_ONLY: lambda: _unplayable(
        "UNPLAYABLE",
        "Join this channel to get access to members-only content like this video, and other exclusive perks.",
    ),
    Playability.PRIVATE: lambda: _unplayable(
        "LOGIN_REQUIRED",
        "Private video",
        "Sign in if you've been granted access to this video",
    ),
    Playability.REMOVED: lambda: _unplayable(
        "ERROR", "Video unavailable", "This video has been removed by the uploader"
    ),
    Playability.COUNTRY: lambda: _unplayable(
        "UNPLAYABLE",
        "Video unavailable",
        "The uploader has not made this video available in your country",
    ),
    Playability.BOT_CHECK: lambda: _unplayable(
        "LOGIN_REQUIRED",
        "Sign in to confirm you\u2019re not a bot",
        "This helps protect our community. Learn more",
    ),
    Playability.RATE_LIMITED: lambda: _unplayable(
        "UNPLAYABLE", "This content isn't available, try again later."
    ),
}

LIVE_MASTER = """#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=290288,CODECS="mp4a.40.5,avc1.42c00b",RESOLUTION=256x144,FRAME-RATE=15
https://manifest.googlevideo.com/api/manifest/hls_playlist/itag/91/index.m3u8
"""
"""What a live stream's variant playlist has; no test plays it."""
