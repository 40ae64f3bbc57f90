"""A resolved format's bytes, over the engine's transfer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from attrs import frozen

from cratedig._errors import NotEntitled
from cratedig._model import Quality
from cratedig._plugins import Delivery
from cratedig._transfer.names import safe_name
from cratedig.reading import items, mapping, number, text, texts, whole
from cratedig.ytdlp._titles import credited

if TYPE_CHECKING:
    from cratedig._plugins.context import SourceContext
    from cratedig._plugins.hooks import Progress
    from cratedig.ytdlp._worker import LentYoutubeDL

LONGEST_WAIT = 60.0
"""Seconds; an advertisement that cannot be skipped is shorter."""

_PREVIEW = "the account may lack the full song"

Work = Callable[[Callable[["LentYoutubeDL"], Path]], Awaitable[Path]]


@frozen(kw_only=True)
class Job:
    """One format to bring in."""

    context: SourceContext
    info: Mapping[str, Any]
    dest_dir: Path
    progress: Progress
    range_size: int | None

    @property
    def name(self) -> str:
        """A file name that a second extraction gives again, so that a broken-off transfer goes on."""
        stem = ".".join(part for key in ("id", "format_id") if (part := text(self.info.get(key))))
        return safe_name(stem, text(self.info.get("ext")))

    @property
    def headers(self) -> dict[str, str]:
        """What the service wants to see from the player it has given the address to."""
        headers = {str(name): str(value) for name, value in mapping(self.info.get("http_headers")).items()}
        cookies = self.info.get("cookie_header")
        return {**headers, "Cookie": str(cookies)} if cookies else headers

    @property
    def lent(self) -> dict[str, Any]:
        """What every transfer of the engine wants to know."""
        return {"dest_dir": self.dest_dir, "progress": self.progress, "headers": self.headers}


async def brought_in(job: Job, work: Work) -> Path:
    """Bring the format into ``job.dest_dir``; ``work`` lends a yt-dlp where only that can read it."""
    await _until_open(job)
    url = str(job.info["url"])
    if "m3u8" in text(job.info.get("protocol")):
        return await _hls(job, url, work)
    if fragments := _fragments(job.info):
        return await job.context.fetch_segments(fragments, job.name, **job.lent)
    size = whole(job.info.get("filesize"))
    return await job.context.fetch(url, job.name, size=size, range_size=job.range_size, **job.lent)


async def _until_open(job: Job) -> None:
    """Wait where the service hands a stream out only after the advertisement that it would have shown."""
    wait = (whole(job.info.get("available_at")) or 0) - time.time()
    if wait > 0:
        job.progress(0, None, f"the service opens the stream in {wait:.0f} s")
        await asyncio.sleep(min(wait, LONGEST_WAIT))


def _fragments(info: Mapping[str, Any]) -> list[str]:
    base = text(info.get("fragment_base_url"))
    fragments = [mapping(fragment) for fragment in items(info.get("fragments"))]
    return [
        str(fragment.get("url") or urljoin(base, str(fragment.get("path") or ""))) for fragment in fragments
    ]


async def _hls(job: Job, url: str, work: Work) -> Path:
    from cratedig.manifests import read_hls  # noqa: PLC0415 - it comes with readers of every other kind

    response = await job.context.http.get(url, headers=job.headers)
    response.raise_for_status()
    # Keys and byte ranges: yt-dlp's downloader has both, and its requests come through the lane too.
    if "#EXT-X-BYTERANGE" in response.text:
        return await work(lambda ydl: _by_yt_dlp(ydl, job))
    playlist = read_hls(response.text, str(response.url))
    if playlist.encryption not in ("", "AES-128"):
        raise NotEntitled(f"the stream is protected ({playlist.encryption})")
    if not playlist.covers(number(job.info.get("duration"))):
        raise NotEntitled(f"preview: the stream lasts {playlist.duration:.0f} s", hint=_PREVIEW)
    if playlist.encryption:
        return await work(lambda ydl: _by_yt_dlp(ydl, job))
    return await job.context.fetch_segments(playlist.parts, job.name, **job.lent)


def _by_yt_dlp(ydl: LentYoutubeDL, job: Job) -> Path:
    path = job.dest_dir / job.name
    ydl.transferred({**job.info, "protocol": "m3u8_native"}, path, job.progress)
    return path


def delivery(path: Path, info: Mapping[str, Any]) -> Delivery:
    """Hand over the file with what the service said of it: seconds, quality, whose recording it is."""
    converted = path.suffix.lstrip(".") != text(info.get("ext"))
    return Delivery(
        path=path,
        duration=number(info.get("duration")),
        quality=None if converted else quality(info),
        name=display_name(info),
    )


_ONLY = {"mp3": "mp3", "opus": "opus", "flac": "flac", "wav": "wav", "aif": "aiff", "aiff": "aiff"}


def quality(info: Mapping[str, Any]) -> Quality:
    """Read a format's quality in kbit/s and Hz, the codec without its profile.

    Where no codec is told, a file that can hold only one is known by its extension.
    """
    codec = text(info.get("acodec")).split(".")[0].lower()
    codec = {"mp4a": "aac", "none": ""}.get(codec, codec) or _ONLY.get(text(info.get("ext")).lower(), "")
    rate = number(info.get("abr")) or number(info.get("tbr"))
    return Quality(codec=codec, bitrate=round(rate) if rate else None, sample_rate=whole(info.get("asr")))


def display_name(info: Mapping[str, Any]) -> str:
    """``Artist - Title`` from the label's data where the upload has them, else from its title line."""
    line, track = text(info.get("title")), text(info.get("track"))
    artist, title = credited(line, ", ".join(texts(info.get("artists"))))
    # Some extractors call the whole line the track.
    return " - ".join(part for part in (artist, title if track in ("", line) else track) if part)
