"""HLS streams come in as one file; what only yt-dlp can read, yt-dlp reads, over the lane."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from yt_dlp.aes import aes_cbc_encrypt_bytes

from cratedig._errors import NotEntitled
from cratedig.ytdlp._bytes import Job, brought_in
from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.server import Request, Response, Service, route

KEY, IV = b"k" * 16, b"i" * 16
SIZE = 8_000


@cache
def song() -> bytes:
    return make_audio(next(iter(DEFAULT)), codec="mp3", bitrate=64, tagged=False, seconds=3)


def pieces() -> list[bytes]:
    data = song()
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]


class Streams(Service):
    """One song as HLS: plain, encrypted, protected, and as ranges of one file."""

    @route("/{kind}.m3u8")
    def playlist(self, request: Request) -> Response:
        kind = request.params["kind"]
        key = {
            "aes": f'#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x{IV.hex()}',
            "drm": '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="key"',
        }
        lines = ["#EXTM3U", "#EXT-X-VERSION:4", "#EXT-X-TARGETDURATION:4", key.get(kind, "")]
        for number, piece in enumerate(pieces()):
            lines += ["#EXTINF:2.5,"]
            if kind == "ranges":
                lines += [f"#EXT-X-BYTERANGE:{len(piece)}@{number * SIZE}", "whole.mp3"]
            else:
                lines += [f"{kind}/{number}.mp3"]
        body = "\n".join([*lines, "#EXT-X-ENDLIST", ""])
        return Response(body=body.encode(), content_type="application/vnd.apple.mpegurl")

    @route("/{kind}/{number}.mp3")
    def segment(self, request: Request) -> Response:
        piece = pieces()[int(request.params["number"])]
        if request.params["kind"] == "aes":
            pad = 16 - len(piece) % 16
            sealed = aes_cbc_encrypt_bytes(piece + bytes([pad]) * pad, KEY, IV)  # type: ignore[no-untyped-call]
            return Response(body=sealed, content_type="audio/mpeg")
        return Response(body=piece, content_type="audio/mpeg")

    @route("/key")
    def key(self, _request: Request) -> Response:
        return Response(body=KEY)

    @route("/whole.mp3")
    def whole(self, _request: Request) -> Response:
        return Response(body=song(), content_type="audio/mpeg", ranged=True)


@pytest.fixture
def streams() -> Iterator[Streams]:
    with Streams() as service:
        yield service
        assert service.errors == []


@pytest.mark.parametrize("kind", ["plain", "aes", "ranges"])
def test_a_stream_becomes_the_song(direct: Any, streams: Streams, tmp_path: Path, kind: str) -> None:
    """Segments in order, decrypted where they have a key; each request is counted or the transfer's own."""
    told: list[int] = []

    async def use(ytdlp: Any, _lane: Any) -> Any:
        url = f"{streams.base_url}/{kind}.m3u8"
        return await ytdlp.download(url, tmp_path, lambda done, *_: told.append(done))

    assert bytes(direct(use).path.read_bytes()) == song()
    assert told[-1] == pytest.approx(len(song()), abs=1000)  # yt-dlp counts padding too


def test_a_protected_stream_is_refused(direct: Any, streams: Streams, tmp_path: Path, silent: Any) -> None:
    """Keys that are not plain AES are another's business."""

    async def use(ytdlp: Any, _lane: Any) -> None:
        with pytest.raises(NotEntitled):
            await ytdlp.download(f"{streams.base_url}/drm.m3u8", tmp_path, silent)

    direct(use)


def test_a_stream_that_ends_early_is_refused(tmp_path: Path, streams: Streams, silent: Any) -> None:
    """Its playlist says how long it lasts; no segment of a preview is fetched."""

    class Context:
        http = None

    async def use() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            context: Any = Context()
            context.http = client
            info = {"url": f"{streams.base_url}/plain.m3u8", "protocol": "m3u8_native", "duration": 300}
            job = Job(context=context, info=info, dest_dir=tmp_path, progress=silent, range_size=None)
            await brought_in(job, None)  # type: ignore[arg-type]

    with pytest.raises(NotEntitled, match="preview"):
        asyncio.run(use())
    assert [seen.path for seen in streams.requests] == ["/plain.m3u8"]
