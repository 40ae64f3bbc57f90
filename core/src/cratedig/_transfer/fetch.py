"""The one way bytes come in over HTTP: a blocking loop on a pool thread, awaited and cancelled from here.

Reads and writes stay on one thread because that is what is cheapest; a hop to a thread for every write
costs more than the bytes do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import httpx

from cratedig._http.errors import translate
from cratedig._transfer.abort import Abort
from cratedig._transfer.request import FetchRequest, Progress, SegmentsRequest
from cratedig._transfer.segments import SegmentsTransfer
from cratedig._transfer.single import SingleTransfer

ClientFactory = Callable[[], httpx.Client]
"""Makes the client of one transfer; sharing none is what lets a cancel end all its connections."""

_CONNECT_GRACE = 0.15
"""Seconds that a cancel waits for name resolution or connect, which cannot be ended from outside."""


def _ignore(_transferred: int, _total: int | None) -> None:
    """Report progress to nobody."""


async def fetch(
    request: FetchRequest,
    *,
    clients: ClientFactory,
    pool: Executor,
    progress: Progress = _ignore,
    stall_timeout: float = 60.0,
) -> Path:
    """Bring the body at ``request.url`` into ``request.path`` and return that path.

    Cancelling the task ends the connection at once and waits for the thread; what has come stays for a
    later call with the same path. ``stall_timeout`` is in seconds without a single byte.

    :raises SourceError: what the answer means; ``Unavailable`` for a stall, ``CorruptDownload`` for a wrong
        length or digest, ``UnexpectedResponse`` for a web page.
    :raises OSError: the disk is full or the folder is gone.
    """

    def work(client: httpx.Client, abort: Abort) -> Path:
        return SingleTransfer(request, client, abort, progress, stall_timeout).run()

    return await _on_thread(work, clients, pool, stall_timeout)


async def fetch_segments(
    request: SegmentsRequest,
    *,
    clients: ClientFactory,
    pool: Executor,
    progress: Progress = _ignore,
    stall_timeout: float = 60.0,
) -> Path:
    """Append the bodies at ``request.urls``, in order, to ``request.path`` and return that path.

    Everything else is as with :func:`fetch`; the total that ``progress`` is told is an estimate.
    """

    def work(client: httpx.Client, abort: Abort) -> Path:
        return SegmentsTransfer(request, client, abort, progress, stall_timeout).run()

    return await _on_thread(work, clients, pool, stall_timeout)


async def _on_thread(
    work: Callable[[httpx.Client, Abort], Path], clients: ClientFactory, pool: Executor, stall: float
) -> Path:
    abort = Abort()
    job = pool.submit(_run, work, clients, abort, stall)
    future = asyncio.wrap_future(job)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        abort.abort()
        if not job.cancel():
            await _settle(future, abort)
        raise


def _run(
    work: Callable[[httpx.Client, Abort], Path], clients: ClientFactory, abort: Abort, stall: float
) -> Path:
    try:
        abort.check()
        with clients() as client:
            client.timeout = httpx.Timeout(stall, connect=client.timeout.connect)
            return work(client, abort)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise translate(error) from error
    finally:
        abort.close()


async def _settle(future: asyncio.Future[Path], abort: Abort) -> None:
    """Wait until the thread is done, whatever else is cancelled meanwhile."""
    future.add_done_callback(_retrieve)
    loop = asyncio.get_running_loop()
    while not future.done():
        started = loop.time()
        await _undisturbed(future, _CONNECT_GRACE)
        if abort.connecting and loop.time() - started >= _CONNECT_GRACE:
            return


async def _undisturbed(future: asyncio.Future[Path], seconds: float) -> None:
    try:
        await asyncio.wait({future}, timeout=seconds)
    except asyncio.CancelledError:
        return


def _retrieve(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
