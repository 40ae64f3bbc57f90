"""The engine for programs without a loop does what the other one does."""

from __future__ import annotations

import asyncio
import inspect
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, blocking_until, deliver

import cratedig.blocking
from cratedig import CratedigError, DownloadState, Rate
from cratedig.blocking import DownloadEngine, RateLimiter

QUIET: dict[str, Any] = {"engine": {"retries": 0}}


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def engine(fake: Fake) -> Iterator[DownloadEngine]:
    with DownloadEngine(QUIET) as opened:
        opened.register_plugin(fake)
        yield opened


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


def parameters(cls: type, name: str) -> list[tuple[str, Any, Any]]:
    given = inspect.signature(getattr(cls, name)).parameters.values()
    return [(one.name, one.kind, one.default) for one in given]


def test_both_engines_have_the_same_names() -> None:
    """What one can do the other can; so can their rate limiters."""
    assert public(DownloadEngine) == public(cratedig.DownloadEngine)
    assert public(RateLimiter) == public(cratedig.RateLimiter)


@pytest.mark.parametrize("name", ["__init__", *sorted(public(DownloadEngine) - {"rate_limiter"})])
def test_both_engines_take_the_same_arguments(name: str) -> None:
    """Names, order, kinds and defaults are the same."""
    assert parameters(DownloadEngine, name) == parameters(cratedig.DownloadEngine, name)


@pytest.mark.parametrize("name", sorted(public(DownloadEngine)))
def test_nothing_has_to_be_awaited(name: str) -> None:
    """No method is a coroutine function, and each is documented."""
    assert not inspect.iscoroutinefunction(getattr(DownloadEngine, name))
    assert getattr(DownloadEngine, name).__doc__


def test_search_and_download(engine: DownloadEngine, tmp_path: Path) -> None:
    """A report comes back, then an id, then the record of a file that is there."""
    (found,) = engine.search("a song")
    done = engine.wait(engine.dispatch_download(found, dest_dir=tmp_path))
    assert done.state is DownloadState.COMPLETED
    assert done.file_path is not None
    assert done.file_path.is_file()
    assert [one.id for one in engine.get_all_downloads()] == [done.id]
    assert engine.configured_sources() == ["fake"]
    assert engine.check_connections() == {"fake": True}
    assert engine.clear_completed() == 1


def test_events_come_as_a_plain_iterator(engine: DownloadEngine, tmp_path: Path) -> None:
    """What happens after the call of events() is told, though nobody reads yet."""
    events = engine.events()
    download_id = engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
    engine.wait(download_id)
    states = []
    for event in events:
        states.append(event.download.state)
        if event.download.state.terminal:
            break
    assert states[-1] is DownloadState.COMPLETED
    assert states == sorted(states, key=list(DownloadState).index)


def test_events_end_with_the_engine(fake: Fake) -> None:
    """A thread that waits for the next event is let go."""
    with ThreadPoolExecutor(1) as pool:
        with DownloadEngine(QUIET) as engine:
            engine.register_plugin(fake)
            rest = pool.submit(list, engine.events())
            time.sleep(0.1)
            assert not rest.done()
        assert rest.result() == []


def test_several_threads_at_once(engine: DownloadEngine, tmp_path: Path) -> None:
    """Each gets its own answer."""

    def one(number: int) -> str:
        done = engine.wait(engine.dispatch_download(("fake", str(number)), dest_dir=tmp_path / str(number)))
        return done.target_id

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(24)), key=int) == [str(number) for number in range(24)]


def test_errors_come_through(engine: DownloadEngine) -> None:
    """They are the same classes, with the place that raised them in the traceback."""
    with pytest.raises(cratedig.UnknownSource, match="nobody"):
        engine.search("x", sources=["nobody"])


def test_it_is_used_in_a_with_block(fake: Fake) -> None:
    """Before and after, a call says so in place of waiting for ever."""
    engine = DownloadEngine(QUIET)
    with pytest.raises(CratedigError, match="`with` block"):
        engine.search("x")
    with engine:
        engine.register_plugin(fake)
        assert len(engine.search("x")) == 1
        with pytest.raises(RuntimeError, match="open already"):
            engine.__enter__()
    with pytest.raises(CratedigError, match="`with` block"):
        engine.search("x")


def test_the_rate_limiter_waits(engine: DownloadEngine) -> None:
    """A call of acquire returns when the permit is due."""
    engine.search("x")
    engine.rate_limiter.set_rate("fake", Rate(1, 0.3))
    started = time.monotonic()
    engine.rate_limiter.acquire("fake")
    engine.rate_limiter.acquire("fake")
    assert time.monotonic() - started > 0.25
    engine.rate_limiter.pause("fake", 3600)
    assert 3000 < engine.rate_limiter.paused_for("fake") <= 3600


@pytest.fixture
def ctrl_c(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Press Ctrl-C when the next call waits for its answer and ``ready`` is so."""
    # Whoever runs the tests in the background may have it ignored.
    former = signal.signal(signal.SIGINT, signal.default_int_handler)

    def press_when(ready: Callable[[], object]) -> None:
        def press() -> None:
            blocking_until(ready)
            signal.raise_signal(signal.SIGINT)

        def wait_and_press(*args: Any, **options: Any) -> Any:
            # Before it waits, a KeyboardInterrupt would hit the test itself.
            monkeypatch.setattr(cratedig.blocking, "wait", wait)
            threading.Timer(0.1, press).start()
            return wait(*args, **options)

        monkeypatch.setattr(cratedig.blocking, "wait", wait_and_press)

    yield press_when
    signal.signal(signal.SIGINT, former)


def test_ctrl_c_ends_the_call_and_the_engine_goes_on(tmp_path: Path, ctrl_c: Any) -> None:
    """KeyboardInterrupt comes out of the call at once; the download is not lost by it."""
    let_go = threading.Event()

    async def slow(_target_id: str, dest_dir: Path, _progress: Any) -> Path:
        while not let_go.is_set():
            await asyncio.sleep(0.01)
        return deliver(dest_dir)

    with DownloadEngine(QUIET) as engine:
        engine.register_plugin(Fake(download=slow))
        download_id = engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
        ctrl_c(lambda: True)
        with pytest.raises(KeyboardInterrupt):
            engine.wait(download_id)  # it would wait for ever
        let_go.set()
        assert engine.wait(download_id).state is DownloadState.COMPLETED


def test_no_thread_is_left(fake: Fake) -> None:
    """When the block is left, the loop's thread has ended."""
    with DownloadEngine(QUIET) as engine:
        engine.register_plugin(fake)
        engine.search("x")
    assert not [thread.name for thread in threading.enumerate() if thread.name == "cratedig-blocking"]


def test_a_source_that_is_required_and_missing_stops_it() -> None:
    """open() takes the same arguments; entering fails as it does with await, and leaves no thread."""
    with pytest.raises(cratedig.SourceBroken, match="nobody"), DownloadEngine.open(QUIET, require=["nobody"]):
        pass
    assert not [thread.name for thread in threading.enumerate() if thread.name == "cratedig-blocking"]


def test_ctrl_c_ends_what_was_waited_for(engine: DownloadEngine, ctrl_c: Any) -> None:
    """Nothing goes on behind the back of a program that was told to stop."""
    begun, ended = threading.Event(), threading.Event()

    async def wait_for_ever() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    ctrl_c(begun.is_set)
    with pytest.raises(KeyboardInterrupt):
        engine._run(wait_for_ever())
    blocking_until(ended.is_set)
