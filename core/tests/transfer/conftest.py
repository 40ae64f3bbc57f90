"""Real audio, made when it is needed, and a server that behaves as badly as real ones."""

from __future__ import annotations

import asyncio
import gzip
import math
import re
import socket
import threading
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from fractions import Fraction
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import av
import httpx
import pytest
from attrs import define, field
from av.audio.frame import AudioFrame
from core.tests.fakes import blocking_until

from cratedig._http.clients import make_sync_client
from cratedig._http.options import HttpOptions
from cratedig._transfer import tries
from cratedig._transfer.fetch import fetch
from cratedig._transfer.request import FetchRequest

MakeAudio = Callable[..., bytes]

_CODECS = {
    "flac": ("flac", "flac", "s16"),
    "mp3": ("mp3", "libmp3lame", "s16p"),
    "mp4": ("mp4", "aac", "fltp"),
    "alac": ("mp4", "alac", "s16p"),
    "vorbis": ("ogg", "vorbis", "fltp"),
    "oggflac": ("ogg", "flac", "s16"),
    "opus": ("opus", "libopus", "flt"),
    "webm": ("webm", "libopus", "flt"),
    "wav": ("wav", "pcm_s16le", "s16"),
    "aiff": ("aiff", "pcm_s16be", "s16"),
    "adts": ("adts", "aac", "fltp"),
    "wv": ("wv", "wavpack", "s16p"),
}
"""Muxer, encoder and sample format of what can be asked for."""


@lru_cache(maxsize=64)
def _encode(kind: str, seconds: float, rate: int, options: tuple[tuple[str, str], ...]) -> bytes:
    container, codec, sample_format = _CODECS[kind]
    layout = "stereo" if codec == "vorbis" else "mono"
    target = BytesIO()
    with av.open(target, "w", format=container, options=dict(options)) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        stream.codec_context.options = {"strict": "experimental"}
        resampler = av.AudioResampler(format=sample_format, layout=layout, rate=rate)
        for frame in _tone(seconds, rate):
            for converted in resampler.resample(frame):
                output.mux(stream.encode(converted))
        for converted in resampler.resample(None):
            output.mux(stream.encode(converted))
        output.mux(stream.encode(None))
    return target.getvalue()


def _tone(seconds: float, rate: int) -> Iterator[AudioFrame]:
    total, done = int(seconds * rate), 0
    while done < total:
        count = min(1152, total - done)
        # A rising tone with some grit: silence would compress to nothing and hide what is cut off.
        values = array("h", (_sample(done + i, rate) for i in range(count)))
        frame = AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(values.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = rate, done, Fraction(1, rate)
        done += count
        yield frame


def _sample(index: int, rate: int) -> int:
    time = index / rate
    return int(9000 * math.sin(6.283 * (220 + 3 * time) * time)) + (index * 7919 % 601)


@pytest.fixture(scope="session")
def make_audio() -> MakeAudio:
    """Encode a tone: ``make_audio("flac", 3.0, rate=8000)`` returns the file's bytes."""

    def make(container: str, seconds: float = 2.0, *, rate: int = 16000, **options: str) -> bytes:
        if container in {"opus", "webm"}:
            rate = 48000
        return _encode(container, seconds, rate, tuple(sorted(options.items())))

    return make


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    """Make a folder that stands for a download's private one."""
    folder = tmp_path / ".cratedig-test"
    folder.mkdir()
    return folder


@pytest.fixture
def pool() -> Iterator[Executor]:
    """Lend threads for transfers; leaving it proves that none is stuck."""
    with ThreadPoolExecutor(max_workers=4) as executor:
        yield executor


@define
class Served:
    """What the server has under one path, and the ways in which it misbehaves."""

    body: bytes
    etag: str = '"v1"'
    last_modified: str = ""
    content_type: str = "audio/flac"
    ranges: bool = True
    length: bool = True
    """Whether it tells Content-Length; if not, the body is chunked."""
    close_delimited: bool = False
    gzip: bool = False
    drops: list[int] = field(factory=list)
    """After how many bytes of the body each of the next responses breaks off."""
    stall_at: int | None = None
    stall_head: bool = False
    answers: list[tuple[int, dict[str, str]]] = field(factory=list)
    """Status and headers of the next responses, before it behaves."""
    changes: list[tuple[bytes, str]] = field(factory=list)
    """Body and ETag that take over after each response."""


class BadServer(ThreadingHTTPServer):
    """An HTTP server on 127.0.0.1 that does as it is told, well or badly."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, Served] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.body_bytes = 0
        self.release = threading.Event()

    def put(self, path: str, body: bytes, **ways: object) -> Served:
        """Serve ``body`` at ``path``."""
        self.files[path] = Served(body, **ways)  # type: ignore[arg-type]
        return self.files[path]

    def url(self, path: str) -> str:
        """Return the address of ``path``."""
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, *_: object) -> None:
        """Keep quiet when a client goes away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BadServer

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        served = self.server.files.get(path)
        if served is None:
            self._bare(404, {})
        elif served.answers:
            self._bare(*served.answers.pop(0))
        else:
            self._serve(served)

    def _bare(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _serve(self, served: Served) -> None:
        if served.stall_head:
            self.server.release.wait()
            self.close_connection = True
            return
        body, start, end = served.body, 0, len(served.body)
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")) if served.ranges else None
        condition = self.headers.get("If-Range")
        if span and condition in {None, served.etag, served.last_modified}:
            start = int(span[1])
            end = min(end, int(span[2]) + 1) if span[2] else end
            if start >= len(body):
                self._bare(416, {"Content-Range": f"bytes */{len(body)}"})
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(body)}")
        else:
            self.send_response(200)
        self._send(served, body[start:end])

    def _send(self, served: Served, body: bytes) -> None:
        if served.gzip:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        for name, value in (("ETag", served.etag), ("Last-Modified", served.last_modified)):
            if value:
                self.send_header(name, value)
        self.send_header("Content-Type", served.content_type)
        chunked = not served.length and not served.close_delimited
        if served.length:
            self.send_header("Content-Length", str(len(body)))
        elif chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        drop = served.drops.pop(0) if served.drops else None
        if served.changes:
            served.body, served.etag = served.changes.pop(0)
        self._body(served, body, drop, chunked=chunked)

    def _body(self, served: Served, body: bytes, drop: int | None, *, chunked: bool) -> None:
        stop = len(body) if drop is None else min(drop, len(body))
        if served.stall_at is not None:
            stop = min(stop, served.stall_at)
        for at in range(0, stop, 65536):
            piece = body[at : min(at + 65536, stop)]
            self.server.body_bytes += len(piece)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if served.stall_at is not None:
            self.server.release.wait()
        if drop is not None or served.stall_at is not None or served.close_delimited:
            self.close_connection = True
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        elif chunked:
            self.wfile.write(b"0\r\n\r\n")


@pytest.fixture
def server() -> Iterator[BadServer]:
    """Run a server that misbehaves on request."""
    bad = BadServer()
    thread = threading.Thread(target=bad.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield bad
    bad.release.set()
    bad.shutdown()
    thread.join()
    bad.server_close()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resume at once; how long to pause is no part of what is tested."""
    monkeypatch.setattr(tries, "FIRST_PAUSE", 0.002)


@pytest.fixture
def clients() -> Callable[[], httpx.Client]:
    """Make clients that take no proxy from the environment."""
    options = HttpOptions(trust_env=False, connect_timeout=60.0)
    return lambda: make_sync_client(options)


@pytest.fixture
def get(staging: Path, pool: Executor, clients: Callable[[], httpx.Client]) -> Callable[..., Path]:
    """Fetch to the end: ``get(url, name, **request)``."""

    def run(url: str, name: str = "song.flac", **request: object) -> Path:
        stall = float(str(request.pop("stall_timeout", 60.0)))
        progress = request.pop("progress", lambda *_: None)
        wish = FetchRequest(url=url, path=staging / name, **request)  # type: ignore[arg-type]
        return asyncio.run(
            fetch(wish, clients=clients, pool=pool, progress=progress, stall_timeout=stall)  # type: ignore[arg-type]
        )

    return run


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for something to become true."""
    return blocking_until
