"""Segments in order, in one file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import httpx
import pytest

from cratedig._errors import NotFound, Unavailable, UnexpectedResponse
from cratedig._transfer.fetch import fetch_segments
from cratedig._transfer.request import SegmentsRequest

SEGMENTS = [os.urandom(20_000 + n) for n in range(6)]
WHOLE = b"".join(SEGMENTS)


@pytest.fixture
def run(
    server: Any, staging: Path, pool: Executor, clients: Callable[[], httpx.Client]
) -> Callable[..., Path]:
    """Serve the segments and return what fetches them."""
    for number, segment in enumerate(SEGMENTS):
        server.put(f"/{number}.ts", segment)

    def start(signature: str = "", progress: Callable[..., None] = lambda *_: None) -> Path:
        urls = tuple(server.url(f"/{n}.ts{signature}") for n in range(len(SEGMENTS)))
        wish = SegmentsRequest(urls=urls, path=staging / "song.m4a", headers={"X-Mine": "1"})
        return asyncio.run(
            fetch_segments(wish, clients=clients, pool=pool, progress=progress, stall_timeout=60)
        )

    return start


def test_appends_in_order(server: Any, run: Callable[..., Path]) -> None:
    """The file is the segments one after the other, fetched once each with the caller's headers."""
    path = run()
    assert path.read_bytes() == WHOLE
    assert list(path.parent.iterdir()) == [path]
    assert [headers["x-mine"] for _, headers in server.requests] == ["1"] * len(SEGMENTS)


def test_a_broken_segment_is_fetched_again(server: Any, run: Callable[..., Path]) -> None:
    """A drop costs the segment that it hit and no other."""
    server.files["/3.ts"].drops = [10_000, 0]
    assert run().read_bytes() == WHOLE
    asked = [path for path, _ in server.requests]
    assert asked == ["/0.ts", "/1.ts", "/2.ts", "/3.ts", "/3.ts", "/3.ts", "/4.ts", "/5.ts"]


def test_a_broken_segment_leaves_no_rest(server: Any, run: Callable[..., Path]) -> None:
    """A last segment that is shorter at the second try has nothing of the first behind it."""
    server.files["/5.ts"].drops = [10_000]
    server.files["/5.ts"].changes = [(b"short", '"v2"')]
    assert run().read_bytes() == b"".join(SEGMENTS[:5]) + b"short"


def test_goes_on_at_a_segment_boundary(server: Any, run: Callable[..., Path]) -> None:
    """A later run, with new signatures, begins with the first segment that is not whole."""
    server.files["/4.ts"].drops = [5_000] * 20
    with pytest.raises(Unavailable):
        run("?signature=1")
    server.files["/4.ts"].drops.clear()
    server.requests.clear()
    assert run("?signature=2").read_bytes() == WHOLE
    assert [path for path, _ in server.requests] == ["/4.ts?signature=2", "/5.ts?signature=2"]


def test_progress_estimates_the_total(run: Callable[..., Path]) -> None:
    """Progress runs over all segments; the estimate ends at the truth."""
    seen: list[tuple[int, int]] = []
    run(progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(WHOLE), len(WHOLE))
    assert all(abs(total - len(WHOLE)) < len(WHOLE) / 4 for done, total in seen if done >= len(SEGMENTS[0]))


def test_a_missing_segment_is_an_error(server: Any, run: Callable[..., Path], staging: Path) -> None:
    """A hole is never papered over."""
    del server.files["/2.ts"]
    with pytest.raises(NotFound):
        run()
    assert not (staging / "song.m4a").exists()


def test_a_page_in_place_of_a_segment(server: Any, run: Callable[..., Path]) -> None:
    """An error page is not appended."""
    server.files["/2.ts"].content_type = "text/html"
    with pytest.raises(UnexpectedResponse):
        run()
