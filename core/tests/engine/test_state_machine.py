"""Terminal states absorb, nobody waits for ever, and every record ends, whatever several threads do at once.

Hypothesis drives the real engine: dispatch, progress, cancel, completion, failure, retry and clear come from
threads of their own and meet the lane's workers and the pulse.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, TypeVar

from core.tests.fakes import Fake, deliver, files
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from cratedig import (
    CorruptDownload,
    Download,
    DownloadEngine,
    DownloadState,
    NotFound,
    RateLimits,
    Unavailable,
    UnknownDownload,
)

T = TypeVar("T")
Progress = Callable[..., None]
THREADS = 4
PATIENCE = 120.0
"""Seconds after which something hangs."""
TARGETS = st.sampled_from([str(number) for number in range(6)])
FATES = st.sampled_from(["deliver", "corrupt", "gone", "down", "progress", "progress", "bug"])


class Fates:
    """What becomes of each attempt is decided from outside, while it waits."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, Future[str]]] = []
        self.closed = Event()
        self.lock = Lock()

    async def download(self, target_id: str, dest_dir: Path, progress: Progress) -> Any:
        transferred = 0
        while True:
            fate = await self._next(target_id)
            if fate != "progress":
                return _fulfil(fate, target_id, dest_dir)
            transferred += 100
            progress(transferred, 1000)

    async def _next(self, target_id: str) -> str:
        if self.closed.is_set():
            return "gone"
        future: Future[str] = Future()
        with self.lock:
            self.waiting.append((target_id, future))
        try:
            return await asyncio.wrap_future(future)
        finally:
            with self.lock:
                self.waiting = [entry for entry in self.waiting if entry[1] is not future]

    def decide(self, fate: str, index: int) -> None:
        with self.lock:
            if not self.waiting:
                return
            _, future = self.waiting.pop(index % len(self.waiting))
        if future.set_running_or_notify_cancel():
            future.set_result(fate)

    def close(self) -> None:
        self.closed.set()
        while self.waiting:
            self.decide("gone", 0)


def _fulfil(fate: str, target_id: str, dest_dir: Path) -> Path:
    if fate == "deliver":
        return deliver(dest_dir, target_id)
    if fate == "corrupt":
        raise CorruptDownload("half of it")
    if fate == "down":
        raise Unavailable("down")
    if fate == "bug":
        raise ZeroDivisionError
    raise NotFound("gone")


class Machine(RuleBasedStateMachine):
    """The rules; each is carried out by one of several threads, each with a loop of its own."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.fates = Fates()
        own = {"retries": 1, "breaker_failures": 3, "breaker_pause": 0.02, "search_cache_ttl": 0}
        self.engine = DownloadEngine({"engine": own})
        limits = RateLimits(concurrent_downloads=3)
        self.engine.register_plugin(Fake(download=self.fates.download, limits=limits))
        self.loop = asyncio.new_event_loop()
        self.host = Thread(target=self.loop.run_forever, daemon=True)
        self.host.start()
        self._run_here(self.engine.__aenter__())
        self.threads = ThreadPoolExecutor(THREADS)
        self.under_way: list[Future[Any]] = []
        self.waiters: dict[str, Future[Download]] = {}
        self.ended: dict[str, DownloadState] = {}
        self.decided: dict[int, DownloadState] = {}
        self.kept: list[Any] = []
        self.told: dict[str, list[DownloadState]] = {}
        self.engine._parts.table.listen(
            lambda event: self.told.setdefault(event.download.id, []).append(event.download.state)
        )

    def _run_here(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def _in_a_thread(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        future = self.threads.submit(asyncio.run, work)
        self.under_way.append(future)
        return future

    @rule(target=ids, target_id=TARGETS, force=st.booleans(), priority=st.integers(-1, 1))
    def dispatch(self, target_id: str, force: bool, priority: int) -> str:
        work = self.engine.dispatch_download(
            ("fake", target_id), dest_dir=self.folder, force=force, priority=priority
        )
        download_id = self._in_a_thread(work).result(PATIENCE)
        self._wait_for(download_id)
        return download_id

    @rule(download_id=ids)
    def cancel(self, download_id: str) -> None:
        self._in_a_thread(_unless_unknown(self.engine.cancel_download(download_id)))

    @rule(download_id=ids)
    def remove(self, download_id: str) -> None:
        self._in_a_thread(_unless_unknown(self.engine.cancel_download(download_id, remove=True)))

    @rule(target=ids, download_id=ids)
    def retry(self, download_id: str) -> str:
        again = self._in_a_thread(_unless_unknown(self.engine.retry_download(download_id))).result(PATIENCE)
        if again is None:
            # It was removed meanwhile. The bundle must not grow by timing, or a replay draws other steps.
            return download_id
        self._wait_for(again)
        return str(again)

    @rule(fate=FATES, index=st.integers(0, 5))
    def decide(self, fate: str, index: int) -> None:
        self.threads.submit(self.fates.decide, fate, index)

    @rule(fates=st.lists(FATES, min_size=2, max_size=6))
    def decide_several(self, fates: list[str]) -> None:
        for index, fate in enumerate(fates):
            self.threads.submit(self.fates.decide, fate, index)

    @rule()
    def clear(self) -> None:
        self._in_a_thread(self.engine.clear_completed())

    @rule()
    def look_around(self) -> None:
        self.threads.submit(self.engine._parts.pulse.beat)

    @rule()
    def breathe(self) -> None:
        time.sleep(0.005)

    @invariant()
    def terminal_states_absorb(self) -> None:
        for download in self._run_here(self.engine.get_all_downloads()):
            if download.id in self.ended:
                assert download.state is self.ended[download.id]
            if download.state.terminal:
                self.ended[download.id] = download.state
                assert download.finished_at is not None
            if download.state is DownloadState.COMPLETED:
                assert download.file_path is not None
                assert download.file_path.exists()

    @invariant()
    def what_is_decided_stays_decided(self) -> None:
        for record in self.engine._parts.table.all():
            state = record.state
            if id(record) in self.decided:
                assert state is self.decided[id(record)]
            if state.terminal and id(record) not in self.decided:
                self.kept.append(record)  # so that no other object gets its id
                self.decided[id(record)] = state

    def teardown(self) -> None:
        try:
            self._end()
        finally:
            self._run_here(self.engine.__aexit__(None, None, None))
            self.threads.shutdown()
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.host.join()
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self) -> None:
        self.fates.close()
        self.what_is_decided_stays_decided()
        for future in self.under_way:
            future.result(PATIENCE)
        for download_id, future in self.waiters.items():
            done: Any = future.result(PATIENCE)  # nobody hangs; None is one that was removed before
            assert done is None or done.state.terminal, download_id
        for download in self._run_here(self.engine.get_all_downloads()):
            assert download.state.terminal, download  # every record that was dispatched has ended
        for states in self.told.values():
            ends = [state for state in states if state.terminal]
            assert len(ends) <= 1, states
            assert states[-1:] == ends[-1:] or not ends, states
        completed = {d.file_path for d in self._run_here(self.engine.get_all_downloads()) if d.file_path}
        assert {path.name for path in completed} <= set(files(self.folder))

    def _wait_for(self, download_id: str) -> None:
        if download_id not in self.waiters:
            work = _unless_unknown(self.engine.wait(download_id))
            future: Any = asyncio.run_coroutine_threadsafe(work, self.loop)
            self.waiters[download_id] = future


async def _unless_unknown(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return await work
    except UnknownDownload:
        return None


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
