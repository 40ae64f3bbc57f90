"""YouTube behind a proxy on 127.0.0.1, for the real yt-dlp."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from attrs import evolve

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.server import (
    Request,
    Response,
    file_response,
    html_response,
    json_response,
    route,
)
from cratedig_emulators.tunnel import ProxiedService
from cratedig_emulators.youtube import answers
from cratedig_emulators.youtube.videos import STREAMS, Playability, Video, media, of_catalogue

_SITE, _MUSIC, _MEDIA = "www.youtube.com", "music.youtube.com", "*.googlevideo.com"
_SONGS = 20


class YouTubeEmulator(ProxiedService):
    """``with YouTubeEmulator() as yt:`` and give ``yt.proxy_url`` as the proxy, without verifying TLS.

    ``playability`` makes the player say the same of every video (bot check, rate limit). Single requests go
    wrong by :meth:`fault`: a 429 at ``/youtubei/v1/player``, a 403, a slow drip, a stall or a cut at
    ``/videoplayback``. ``strays`` lists what was asked for and is not emulated.
    """

    name: ClassVar[str] = "youtube"

    def __init__(self, videos: Iterable[Video] | None = None, *, catalogue: Catalogue = DEFAULT) -> None:
        super().__init__()
        uploads = of_catalogue(catalogue) if videos is None else videos
        self.videos = {video.id: video for video in uploads}
        self.playability: Playability | None = None

    def plant(self, video: Video) -> Video:
        """Upload ``video``, in the place of the one with its id if there is one."""
        self.videos[video.id] = video
        return video

    def change(self, video_id: str, **changes: Any) -> Video:
        """Change something about a video that is there, its ``playability`` say."""
        return self.plant(evolve(self.videos[video_id], **changes))

    @route("/", host=_SITE)
    @route("/", host=_MUSIC)
    def front(self, _request: Request) -> Response:
        """Serve the front page: nothing but the configuration of its scripts, and a cookie."""
        return _visited(html_response(answers.page()))

    @route("/generate_204", host=_SITE)
    def nothing(self, _request: Request) -> Response:
        """Say that the service is there."""
        return Response(status=204)

    @route("/watch", host=_SITE)
    @route("/watch", host=_MUSIC)
    @route("/embed/{id}", host=_SITE)
    def watch(self, request: Request) -> Response:
        """Serve a video's page."""
        video = self.videos.get(request.params.get("id") or request.args.get("v", ""))
        return _visited(html_response(answers.page(video, self.playability)))

    @route("/iframe_api", host=_SITE)
    def player_script(self, _request: Request) -> Response:
        """Name no player script: what it would do needs a JavaScript engine."""
        return Response(body=b"var YT;", content_type="text/javascript")

    @route("/youtubei/v1/search", methods=("POST",), host=_SITE)
    def search(self, request: Request) -> Response:
        """Videos that have every word of the query, but none that has a word with a minus before it."""
        return json_response(answers.search(self._found(request)))

    @route("/youtubei/v1/search", methods=("POST",), host=_MUSIC)
    def search_songs(self, request: Request) -> Response:
        """Find at YouTube Music: label-delivered audio only."""
        return json_response(answers.music_search(v for v in self._found(request) if v.topic))

    @route("/youtubei/v1/player", methods=("POST",), host="*.youtube.com")
    def player(self, request: Request) -> Response:
        """Whether a video plays, and from where."""
        video = self.videos.get(str(_sent(request).get("videoId")))
        return json_response(answers.player(video, self.playability))

    @route("/youtubei/v1/next", methods=("POST",), host="*.youtube.com")
    def next(self, request: Request) -> Response:
        """Tell what surrounds a video, for clients that have not read its page."""
        video = self.videos.get(str(_sent(request).get("videoId")))
        return json_response(answers.watch_data(video) if video else {})

    @route("/videoplayback", host=_MEDIA)
    def media(self, request: Request) -> Response:
        """Serve the bytes of one format; 403 where the signature is not the one that the player gave out."""
        args = request.args
        video, itag = self.videos.get(args.get("id", "")), int(args.get("itag") or 0)
        if video is None or itag not in video.itags or args.get("sig") != answers.SIGNATURE:
            return Response(status=403)
        kind = STREAMS[itag].mime.partition(";")[0]
        return file_response(media(video, itag), kind, etag=False)

    @route("/api/manifest/{rest:path}", host=_MEDIA)
    def manifest(self, _request: Request) -> Response:
        """List a live stream's variants."""
        return Response(body=answers.LIVE_MASTER.encode(), content_type="application/vnd.apple.mpegurl")

    @route("/vi/{video}/{name}", host="i.ytimg.com")
    def thumbnail(self, _request: Request) -> Response:
        """Show a picture of nothing."""
        return Response(body=b"\xff\xd8\xff\xd9", content_type="image/jpeg")

    def _found(self, request: Request) -> list[Video]:
        wanted, unwanted = _words(str(_sent(request).get("query") or ""))
        return [
            video
            for video in self.videos.values()
            if all(word in video.words for word in wanted)
            and not any(word in video.words for word in unwanted)
        ][:_SONGS]


def _sent(request: Request) -> dict[str, Any]:
    value: Any = request.json()
    return value if isinstance(value, dict) else {}


def _words(query: str) -> tuple[list[str], list[str]]:
    words = query.casefold().split()
    unwanted = [word[1:] for word in words if word.startswith("-") and len(word) > 1]
    return [word for word in words if not word.startswith("-")], unwanted


def _visited(answer: Response) -> Response:
    cookie = "VISITOR_INFO1_LIVE=emulated; Domain=.youtube.com; Path=/; Secure; HttpOnly"
    return answer.with_headers(Set_Cookie=cookie)
