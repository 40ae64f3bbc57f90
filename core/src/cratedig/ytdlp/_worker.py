"""yt-dlp itself, on the lane's network."""

# mypy: allow-untyped-calls

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from yt_dlp import YoutubeDL
from yt_dlp.cookies import YoutubeDLCookieJar
from yt_dlp.networking.common import Request, RequestDirector, RequestHandler, Response
from yt_dlp.networking.exceptions import HTTPError, TransportError
from yt_dlp.postprocessor import get_postprocessor
from yt_dlp.postprocessor.ffmpeg import FFmpegPostProcessor, FFmpegPostProcessorError

from cratedig.ytdlp._memory import Memory
from cratedig.ytdlp._sayings import Saying
from cratedig.ytdlp._traffic import Alarm, Call, Traffic
from cratedig.ytdlp._translation import plain

if TYPE_CHECKING:
    from cratedig._plugins.hooks import Progress


class LaneRH(RequestHandler):
    """yt-dlp's requests, handed to the lane: its permits, proxy, TLS, time-outs and cancellation."""

    _SUPPORTED_URL_SCHEMES: Any = ("http", "https")
    # None: nothing is checked. The lane's client has the proxy, and what yt-dlp found is not looked at.
    _SUPPORTED_PROXY_SCHEMES: Any = None
    _SUPPORTED_FEATURES: Any = None

    def __init__(self, *, traffic: Traffic, **lent: Any) -> None:
        super().__init__(**lent)
        self._traffic = traffic

    def _check_extensions(self, extensions: dict[str, Any]) -> None:
        super()._check_extensions(extensions)
        for known in ("cookiejar", "timeout", "legacy_ssl", "keep_header_casing"):
            extensions.pop(known, None)

    def _send(self, request: Request) -> Response:
        call = Call(
            method=request.method,
            url=request.url,
            headers=self._get_headers(request),
            body=_whole(request.data),
            jar=self._get_cookiejar(request),
        )
        try:
            reply = self._traffic.send(call)
        except httpx.HTTPError as error:
            raise TransportError(str(error) or type(error).__name__, cause=error) from error
        response = Response(BytesIO(reply.body), reply.url, {}, reply.status)
        for name, text in reply.headers:
            response.headers.add_header(name, text)
        if reply.status >= 400:  # noqa: PLR2004 - HTTP's line between answers and refusals
            raise HTTPError(response)
        return response


def _whole(data: bytes | Iterable[bytes] | None) -> bytes | None:
    """Join a request's body; yt-dlp allows files and generators too."""
    return data if data is None or isinstance(data, bytes) else b"".join(data)


class LentYoutubeDL(YoutubeDL):
    """A ``YoutubeDL`` on the lane's network that leaves nothing on this machine: no cache, no cookies."""

    def __init__(
        self,
        params: Mapping[str, Any],
        *,
        traffic: Traffic,
        memory: Memory,
        cookies: YoutubeDLCookieJar | None,
    ) -> None:
        self._traffic = traffic
        super().__init__(dict(params), auto_init="no_verbose_header")
        self.cache: Any = memory
        if cookies is not None:
            self.cookiejar = cookies

    def add_info_extractor(self, ie: Any) -> None:
        """Some extractors keep a login on their class, where every later account would inherit it."""
        shared = getattr(ie, "_HEADERS", None)
        if not isinstance(ie, type) and isinstance(shared, dict):
            ie._HEADERS = dict(shared)  # noqa: SLF001 - yt-dlp has no other place for it
        super().add_info_extractor(ie)

    def build_request_director(
        self, handlers: Iterable[type[RequestHandler]], preferences: Any = None
    ) -> RequestDirector:
        """Its own handlers would open connections that nobody counts or can cancel."""
        del handlers
        director: RequestDirector = super().build_request_director(
            [partial(LaneRH, traffic=self._traffic)], preferences
        )
        return director

    def plain_info(self, url: str) -> Any:
        """Extract ``url`` into data without generators and objects, so that it can leave the thread."""
        info = self.extract_info(url, download=False)
        if isinstance(info, dict) and info.get("entries") is not None:
            info["entries"] = list(info["entries"])
        found = self.sanitize_info(info)
        if isinstance(found, dict) and isinstance(found.get("url"), str):
            found["cookie_header"] = self.cookiejar.get_cookie_header(found["url"])
        return found

    def transferred(self, info: dict[str, Any], path: Path, progress: Progress) -> Path:
        """Bring the format in with yt-dlp's own downloader, whose requests take the lane as well."""
        self.add_progress_hook(lambda at: progress(int(at.get("downloaded_bytes") or 0)))
        self.dl(str(path), info)
        return path

    def converted(self, path: Path, info: Mapping[str, Any]) -> Path:
        """Run the postprocessors that the person has asked for over ``path``; return what came out."""
        return Path(self.post_process(str(path), dict(info))["filepath"])

    def require_ffmpeg(self) -> None:
        """Raise before the first byte, and not after the last, when ffmpeg is needed and not there."""
        wanted = [
            get_postprocessor(str(entry.get("key"))) for entry in self.params.get("postprocessors") or ()
        ]
        needed = any(issubclass(kind, FFmpegPostProcessor) for kind in wanted)
        if needed and not FFmpegPostProcessor(self).available:
            raise FFmpegPostProcessorError("ffprobe and ffmpeg not found")


class Notes:
    """yt-dlp's logger: everything to the source's log as detail, and the warnings kept.

    Warnings matter: a 429 on the API shows in no exception. One of ``alarms`` ends the extraction.
    """

    def __init__(self, log: logging.Logger, alarms: Iterable[Saying] = ()) -> None:
        self._log = log
        self._alarms = tuple(alarms)
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        """Progress talk."""
        self._log.debug("%s", message)

    info = debug

    def warning(self, message: str) -> None:
        """Something that yt-dlp got round, or thinks it did."""
        self.warnings.append(message)
        self._log.debug("%s", message)
        for alarm in self._alarms:
            if alarm.fits(message):
                raise Alarm(alarm.raised(plain(message)))

    def error(self, message: str) -> None:
        """Words that an exception will say again."""
        self._log.debug("%s", message)
