"""A cancel ends the I/O at once; silence ends it after the stall time-out."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from core.tests.fakes import until as it_is_so

from cratedig._errors import Unavailable
from cratedig._http.clients import make_sync_client
from cratedig._http.options import HttpOptions
from cratedig._transfer import fetch as fetching
from cratedig._transfer import tries
from cratedig._transfer.abort import Abort, AbortedError
from cratedig._transfer.body import DIRECT_FROM
from cratedig._transfer.fetch import fetch
from cratedig._transfer.request import FetchRequest

Clients = Callable[[], httpx.Client]
Until = Callable[[Callable[[], object]], None]
BODY = os.urandom(100_000)


class NotedAbort(Abort):
    """Tells where the latest transfer is."""

    latest: NotedAbort | None = None
    pausing = False

    def __init__(self) -> None:
        super().__init__()
        NotedAbort.latest = self

    def wait(self, seconds: float) -> None:
        """Pause, and tell of it."""
        self.pausing = True
        super().wait(seconds)


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> type[NotedAbort]:
    """Where the latest transfer is."""
    monkeypatch.setattr(NotedAbort, "latest", None)
    monkeypatch.setattr(fetching, "Abort", NotedAbort)
    return NotedAbort


def test_a_connection_that_is_made_after_the_cancel_is_closed() -> None:
    """The thread hears of the cancel when it has connected; the client has not got the connection yet."""
    abort, made = Abort(), []

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("connect_tcp.complete"):
            made.append(info["return_value"].get_extra_info("socket"))
            abort.abort()
        abort.trace(event, info)

    with socket.create_server(("127.0.0.1", 0)) as server, make_sync_client(HttpOptions()) as client:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(AbortedError):
            client.get(url, extensions={"trace": trace})
    abort.close()
    assert [sock.fileno() for sock in made] == [-1]


async def _cancel_when(task: asyncio.Task[Path], ready: Callable[[], object]) -> None:
    """Cancel ``task`` once ``ready``, and see it end, though nothing else does."""
    await it_is_so(ready)
    await asyncio.sleep(0.05)
    task.cancel()
    await it_is_so(task.done)
    assert task.cancelled()


def _start(server: Any, clients: Clients, pool: Executor, path: Path) -> Awaitable[Path]:
    wish = FetchRequest(url=server.url("/a"), path=path)
    return fetch(wish, clients=clients, pool=pool, stall_timeout=3600)


@pytest.mark.parametrize(
    "way",
    [
        {"stall_at": 50_000},
        {"stall_head": True},
        {"stall_at": DIRECT_FROM + 400_000},
        {"stall_at": 50_000, "length": False},
    ],
)
def test_cancel_ends_a_stalled_transfer(
    server: Any, clients: Clients, pool: Executor, staging: Path, until: Until, way: dict[str, int]
) -> None:
    """The call is over at once, the thread is free, and the sockets are closed."""
    body = bytes(2 * DIRECT_FROM) if way.get("stall_at", 0) > len(BODY) else BODY
    server.put("/a", body, **way)

    async def main() -> None:
        task = asyncio.ensure_future(_start(server, clients, pool, staging / "song"))
        await _cancel_when(task, lambda: server.requests)

    before = _open_files()
    asyncio.run(main())
    assert pool.submit(lambda: True).result()
    server.release.set()
    until(lambda: _open_files() <= before)
    assert not (staging / "song").exists()


def _open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def test_cancel_while_connecting_does_not_wait(noted: type[NotedAbort], staging: Path) -> None:
    """Where the other side does not even accept, the caller is free at once and nothing is written later."""
    with socket.socket() as deaf, ThreadPoolExecutor(1) as pool:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)

        def patient() -> httpx.Client:
            return make_sync_client(HttpOptions(trust_env=False, connect_timeout=3600))

        async def main() -> None:
            wish = FetchRequest(url=f"http://127.0.0.1:{address[1]}/a", path=staging / "song")
            task = asyncio.ensure_future(fetch(wish, clients=patient, pool=pool))
            await _cancel_when(task, lambda: noted.latest and noted.latest.connecting)

        try:
            asyncio.run(main())
            assert not pool.submit(lambda: True).done()
        finally:
            # Its next knock is refused.
            for one in (deaf, *fillers):
                one.close()
    assert not (staging / "song").exists()


def test_cancel_before_a_thread_was_free(server: Any, clients: Clients, staging: Path) -> None:
    """A transfer that waits for a thread is taken off the queue and never asks the server."""
    server.put("/a", BODY)
    busy = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(busy.wait)

        async def main() -> None:
            await _cancel_when(
                asyncio.ensure_future(_start(server, clients, pool, staging / "song")),
                lambda: True,
            )

        try:
            asyncio.run(main())
        finally:
            busy.set()
    assert server.requests == []


def test_cancel_while_pausing_between_tries(
    server: Any,
    clients: Clients,
    pool: Executor,
    staging: Path,
    noted: type[NotedAbort],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pause before a resume ends with the cancel, and no further request is made."""
    for pause in ("FIRST_PAUSE", "_LONGEST_PAUSE"):
        monkeypatch.setattr(tries, pause, 3600.0)
    server.put("/a", BODY, drops=[50_000] + [0] * 9)

    async def main() -> None:
        task = asyncio.ensure_future(_start(server, clients, pool, staging / "song"))
        await _cancel_when(task, lambda: noted.latest and noted.latest.pausing)

    asyncio.run(main())
    pool.shutdown()
    assert len(server.requests) == 1


def test_a_second_cancel_changes_nothing(
    server: Any, clients: Clients, pool: Executor, staging: Path
) -> None:
    """Someone who cancels twice does not leave the thread behind."""
    server.put("/a", BODY, stall_at=50_000)

    async def main() -> None:
        task = asyncio.ensure_future(_start(server, clients, pool, staging / "song"))
        await it_is_so(lambda: server.requests)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert pool.submit(lambda: True).result()


@pytest.mark.parametrize("way", [{"stall_at": 50_000}, {"stall_head": True}, {"stall_at": 0}])
def test_silence_is_unavailable(server: Any, get: Callable[..., Path], way: dict[str, int]) -> None:
    """No byte for the stall time-out ends it, and the message says for how long."""
    server.put("/a", BODY, **way)
    with pytest.raises(Unavailable, match=r"no byte for 0\.3 s"):
        get(server.url("/a"), stall_timeout=0.3)


def test_silence_within_a_direct_read_is_unavailable(server: Any, get: Callable[..., Path]) -> None:
    """The same holds past the parser."""
    server.put("/a", bytes(DIRECT_FROM * 2), stall_at=DIRECT_FROM + 500_000)
    with pytest.raises(Unavailable, match="no byte"):
        get(server.url("/a"), stall_timeout=0.3)
