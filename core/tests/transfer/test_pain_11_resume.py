"""Pain 11: a download that broke goes on from the bytes that are there."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratedig._errors import Unavailable, UnexpectedResponse
from cratedig._transfer.fetch import fetch
from cratedig._transfer.part import OVERLAP
from cratedig._transfer.request import Bytes, FetchRequest

Get = Callable[..., Path]
BODY = os.urandom(200_000)
SMALL = os.urandom(60_000)
DATE = "Sat, 21 Nov 2026 03:00:00 GMT"


class Stripes:
    """A cipher in miniature: of every three blocks of 16 bytes the first is inverted."""

    boundary = 48

    def __init__(self) -> None:
        self._held = b""

    def start(self, offset: int) -> None:
        """Begin afresh."""
        assert offset % self.boundary == 0
        self._held = b""

    def feed(self, data: Bytes) -> bytes:
        """Hand out whole stripes."""
        whole = self._held + bytes(data)
        cut = len(whole) - len(whole) % self.boundary
        self._held = whole[cut:]
        return invert(whole[:cut])

    def finish(self) -> bytes:
        """Hand out the rest."""
        return invert(self._held)


def invert(data: bytes) -> bytes:
    """Invert every third block of 16 bytes."""
    return b"".join(
        bytes(255 - byte for byte in data[at : at + 16]) + data[at + 16 : at + 48]
        for at in range(0, len(data), 48)
    )


def test_goes_on_after_a_drop(server: Any, get: Get) -> None:
    """With a strong ETag not one byte is fetched twice, and the second request names what it continues."""
    server.put("/a", BODY, drops=[70_000, 30_000])
    assert get(server.url("/a")).read_bytes() == BODY
    assert server.body_bytes == len(BODY)
    assert server.requests[1][1]["range"] == "bytes=70000-"
    assert server.requests[1][1]["if-range"] == '"v1"'


@pytest.mark.parametrize("etag", ["", 'W/"v1"'])
def test_goes_on_with_a_date_or_with_nothing(server: Any, get: Get, etag: str) -> None:
    """Without a strong ETag the last 16 KiB are fetched twice, to see that they are the same."""
    server.put("/a", BODY, etag=etag, last_modified=DATE if etag else "", drops=[70_000])
    assert get(server.url("/a")).read_bytes() == BODY
    assert server.body_bytes == len(BODY) + OVERLAP
    assert server.requests[1][1].get("if-range", "") == (DATE if etag else "")


def test_a_server_that_ignores_ranges(server: Any, get: Get) -> None:
    """A 200 in answer to a range is the whole body, from zero."""
    server.put("/a", BODY, ranges=False, drops=[70_000])
    assert get(server.url("/a")).read_bytes() == BODY


def test_a_new_version_starts_over(server: Any, get: Get) -> None:
    """Two versions of a file are never mixed."""
    fresh = os.urandom(len(BODY))
    server.put("/a", BODY, drops=[70_000], changes=[(fresh, '"v2"')])
    assert get(server.url("/a")).read_bytes() == fresh


def test_a_new_version_without_validators_starts_over(server: Any, get: Get) -> None:
    """Also where the server says nothing of versions, by the bytes that are fetched twice."""
    fresh = os.urandom(len(BODY))
    server.put("/a", BODY, etag="", drops=[70_000], changes=[(fresh, "")])
    assert get(server.url("/a")).read_bytes() == fresh


def test_a_new_length_starts_over(server: Any, get: Get) -> None:
    """Another total means another file."""
    fresh = BODY + b"more"
    server.put("/a", BODY, etag="", drops=[70_000], changes=[(fresh, "")])
    assert get(server.url("/a")).read_bytes() == fresh


def test_a_range_beyond_the_end_starts_over(server: Any, get: Get) -> None:
    """A 416 to a resume begins again from zero, once."""
    served = server.put("/a", BODY, drops=[70_000])
    served.changes = [(BODY[:50_000], '"v1"')]
    assert get(server.url("/a")).read_bytes() == BODY[:50_000]
    assert "range" not in server.requests[-1][1]


def test_a_file_that_keeps_changing_is_given_up(server: Any, get: Get) -> None:
    """A service whose content changes under every request is an unexpected answer, not a loop."""
    versions = [(os.urandom(len(BODY) + n), "") for n in range(9)]
    server.put("/a", BODY, etag="", drops=[70_000] * 9, changes=versions)
    with pytest.raises(UnexpectedResponse, match="keeps changing"):
        get(server.url("/a"))
    assert len(server.requests) <= 7


def test_drops_without_progress_are_given_up(server: Any, get: Get, staging: Path) -> None:
    """A connection that breaks again and again without a byte is Unavailable; what came stays."""
    server.put("/a", BODY, drops=[70_000] + [0] * 20)
    with pytest.raises(Unavailable):
        get(server.url("/a"))
    assert len(server.requests) <= 7
    server.files["/a"].drops.clear()
    assert get(server.url("/a")).read_bytes() == BODY
    assert not list(staging.glob("*.part*"))


def test_a_stale_range_server_is_given_up(server: Any, get: Get) -> None:
    """A server that drops at the same place each time and knows no ranges does not hold us for ever."""
    server.put("/a", BODY, ranges=False, drops=[70_000] * 50)
    with pytest.raises(Unavailable):
        get(server.url("/a"))
    assert len(server.requests) <= 7


def test_goes_on_in_a_later_process(server: Any, get: Get, staging: Path) -> None:
    """What an earlier run left is taken up, digest included, and all but 16 KiB are not fetched again."""
    server.put("/a", BODY, answers=[], drops=[120_000] + [0] * 9)
    with pytest.raises(Unavailable):
        get(server.url("/a?signature=1"))
    server.files["/a"].drops.clear()
    before = server.body_bytes
    digest = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
    assert get(server.url("/a?signature=2"), digest=digest).read_bytes() == BODY
    assert server.body_bytes - before == len(BODY) - 120_000 + OVERLAP


@pytest.mark.parametrize("damage", ["tail", "note", "longer", "link"])
def test_what_cannot_be_trusted_is_fetched_again(server: Any, get: Get, staging: Path, damage: str) -> None:
    """Bytes that a power cut or a stranger has spoilt never end up in the file."""
    server.put("/a", BODY, drops=[120_000] + [0] * 9)
    with pytest.raises(Unavailable):
        get(server.url("/a"))
    server.files["/a"].drops.clear()
    (part,) = staging.glob("*.part")
    if damage == "tail":
        part.write_bytes(part.read_bytes()[:-100] + bytes(100))
    elif damage == "note":
        part.with_name(part.name + ".json").write_text("{broken")
    elif damage == "longer":
        part.write_bytes(BODY * 2)
    else:
        (staging.parent / "victim").write_bytes(part.read_bytes())
        part.unlink()
        part.symlink_to(staging.parent / "victim")
    assert get(server.url("/a")).read_bytes() == BODY
    if damage == "link":
        assert (staging.parent / "victim").read_bytes() == BODY[:120_000]


def test_another_file_under_the_same_name(server: Any, get: Get) -> None:
    """The part of one target is not continued with the bytes of another."""
    server.put("/a", BODY, drops=[120_000] + [0] * 9)
    with pytest.raises(Unavailable):
        get(server.url("/a"))
    # The same validator, length and last bytes: only the address tells the two apart.
    other = os.urandom(1000) + BODY[1000:]
    server.put("/b", other)
    assert get(server.url("/b")).read_bytes() == other


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drops=st.lists(st.integers(1, 50_000), min_size=1, max_size=4),
    etag=st.sampled_from(['"v1"', "", 'W/"x"']),
    transformed=st.booleans(),
    range_size=st.sampled_from([None, 7_001]),
)
def test_any_byte_boundary(
    server: Any,
    clients: Callable[[], httpx.Client],
    drops: list[int],
    etag: str,
    transformed: bool,
    range_size: int | None,
) -> None:
    """Wherever it breaks, the file is identical, and each break costs the overlap and two stripes at most.

    One stripe has come in part, and from the overlap the download goes back to where a stripe begins.
    """
    server.put("/a", SMALL, etag=etag, drops=list(drops))
    before = server.body_bytes
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        wish = FetchRequest(
            url=server.url("/a"),
            path=Path(folder, "song"),
            transform=Stripes() if transformed else None,
            range_size=range_size,
        )
        path = asyncio.run(fetch(wish, clients=clients, pool=pool, stall_timeout=60))
        assert path.read_bytes() == (invert(SMALL) if transformed else SMALL)
    requests = len(SMALL) // range_size + 1 + len(drops) if range_size else len(drops)
    assert server.body_bytes - before <= len(SMALL) + requests * (OVERLAP + 2 * Stripes.boundary)


_CHILD = """
import asyncio, sys, time
from concurrent.futures import ThreadPoolExecutor
from cratedig._http.clients import make_sync_client
from cratedig._http.options import HttpOptions
from cratedig._transfer.fetch import fetch
from cratedig._transfer.request import FetchRequest
def progress(done, total):
    print(done, flush=True)
options = HttpOptions(trust_env=False)
wish = FetchRequest(url=sys.argv[1], path=sys.argv[2])
clients = lambda: make_sync_client(options)
asyncio.run(fetch(wish, clients=clients, pool=ThreadPoolExecutor(1), progress=progress))
"""


def test_goes_on_after_a_kill(server: Any, get: Get, staging: Path) -> None:
    """A process that is killed in the middle leaves what the next one needs."""
    served = server.put("/a", BODY, stall_at=150_000)
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, server.url("/a"), str(staging / "song.flac")], stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        while int(child.stdout.readline()) < 150_000:
            pass
        child.send_signal(signal.SIGKILL)
    served.stall_at, before = None, server.body_bytes
    assert get(server.url("/a")).read_bytes() == BODY
    assert server.body_bytes - before == len(BODY) - 150_000 + OVERLAP
