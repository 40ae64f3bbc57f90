"""A source may break in every way; it is listed with what a person needs, and the others work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from core.tests.fakes import until

from cratedig import CONTRACT_VERSION, DownloadEngine, NotConfigured, SourceBroken, SourceState, SourceStatus
from cratedig._plugins import loading
from cratedig._plugins.status import Stage

Ship = Callable[..., None]
MAJOR, MINOR = map(int, CONTRACT_VERSION.split("."))

INFO = """
@hookimpl
def source_info(self):
    return SourceInfo(name="bad", display_name="Bad", contract_version={version!r})
"""

BROKEN: dict[str, tuple[Stage, dict[str, str], str]] = {
    "missing module": (Stage.IMPORT, {"top": "import no_such_module_anywhere"}, "no_such_module_anywhere"),
    "syntax error": (Stage.IMPORT, {"top": "def ("}, "SyntaxError"),
    "exit at import": (Stage.IMPORT, {"top": "raise SystemExit(3)"}, "SystemExit: 3"),
    "no such attribute": (Stage.IMPORT, {"value": "throwaway_cratedig_bad:Sauce"}, "Sauce"),
    "no such distribution": (Stage.IMPORT, {"value": "no_such_package:Source"}, "no_such_package"),
    "constructor raises": (
        Stage.CONSTRUCTION,
        {"more": "def __init__(self, context): raise ZeroDivisionError('oops')"},
        "ZeroDivisionError: oops",
    ),
    "constructor exits": (
        Stage.CONSTRUCTION,
        {"more": "def __init__(self, context): raise SystemExit"},
        "SystemExit",
    ),
    "constructor takes nothing": (Stage.CONSTRUCTION, {"more": "def __init__(self): pass"}, "TypeError"),
    "misspelt hook": (
        Stage.REGISTRATION,
        {"more": "@hookimpl\nasync def serch_raw(self, query): return []"},
        "did you mean 'search_raw'?",
    ),
    "unknown argument": (
        Stage.REGISTRATION,
        {"more": "@hookimpl\nasync def search_raw(self, query, colour): return []"},
        "colour",
    ),
    "hook missing": (Stage.REGISTRATION, {"more": "download_raw = None"}, "does not implement download_raw"),
    "no stream of events": (
        Stage.REGISTRATION,
        {"more": INFO.format(version="1.0").replace("version='1.0'", "version='1.0', transfer='events'")},
        "watch_raw",
    ),
    "info raises": (
        Stage.SOURCE_INFO,
        {"more": "@hookimpl\ndef source_info(self): raise ValueError('no')"},
        "ValueError: no",
    ),
    "info of another type": (
        Stage.SOURCE_INFO,
        {"more": "@hookimpl\ndef source_info(self): return {'name': 'bad'}"},
        "answered dict, expected SourceInfo",
    ),
    "info of another name": (
        Stage.SOURCE_INFO,
        {"more": INFO.format(version="1.0").replace('"bad"', '"other"')},
        "calls it 'other', but it is registered as 'bad'",
    ),
    "contract of a newer minor": (
        Stage.SOURCE_INFO,
        {"more": INFO.format(version=f"{MAJOR}.{MINOR + 1}")},
        "update cratedig",
    ),
    "contract of the next major": (
        Stage.SOURCE_INFO,
        {"more": INFO.format(version=f"{MAJOR + 1}.0")},
        "update cratedig",
    ),
    "contract of an older major": (
        Stage.SOURCE_INFO,
        {"more": INFO.format(version=f"{MAJOR - 1}.9")},
        "update cratedig-bad",
    ),
    "aliases as one text": (
        Stage.SOURCE_INFO,
        {"more": "@hookimpl\ndef aliases(self): return 'old'"},
        "answered str, expected a tuple",
    ),
    "is_configured raises": (
        Stage.SETTINGS,
        {"more": "@hookimpl\ndef is_configured(self): raise KeyError('key')"},
        "KeyError",
    ),
}


def _statuses(settings: Any = None) -> dict[str, SourceStatus]:
    async def main() -> dict[str, SourceStatus]:
        async with DownloadEngine.open(settings or {}) as engine:
            report = await engine.search("song")
            assert [found.source for found in report] == ["good"]
            return {status.name: status for status in engine.sources()}

    return asyncio.run(main())


@pytest.mark.parametrize("kind", BROKEN)
def test_it_is_listed_with_all_a_person_needs_and_the_others_work(kind: str, ship: Ship) -> None:
    """State, step, distribution, version, reason, traceback and what to do."""
    stage, how, expected = BROKEN[kind]
    ship("good")
    ship("bad", **how)
    statuses = _statuses()
    bad = statuses["bad"]
    assert statuses["good"].usable
    assert (bad.state, bad.stage) == (SourceState.BROKEN, stage), bad.traceback
    assert (bad.distribution, bad.version) == ("cratedig-bad", "1.2.3")
    assert expected in bad.reason
    assert bad.hint
    assert "Traceback" in bad.traceback
    assert expected.split("?")[0].split(":")[-1].strip() in bad.traceback


def test_wrong_settings_break_one_source_and_name_the_key(ship: Ship) -> None:
    """The message says key and expectation."""
    ship("good")
    ship("bad")
    bad = _statuses({"sources": {"bad": {"concurrent_downloads": "many"}}})["bad"]
    assert (bad.state, bad.stage) == (SourceState.BROKEN, Stage.SETTINGS)
    assert "concurrent_downloads" in bad.reason
    assert "cratedig config" in bad.hint


class Hanging:
    """The threads that load sources: joining one that hangs takes no time but the loader's clock's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
        self.now = 0.0
        start = loading.Loader._start

        def hanging(loader: loading.Loader, entry: Any) -> Any:
            thread = start(loader, entry)
            if entry.name in names:
                return SimpleNamespace(join=self._join, is_alive=thread.is_alive)
            return SimpleNamespace(join=lambda _: thread.join(), is_alive=thread.is_alive)

        monkeypatch.setattr(loading.Loader, "_start", hanging)
        monkeypatch.setattr(loading, "time", SimpleNamespace(monotonic=lambda: self.now))

    def _join(self, seconds: float) -> None:
        self.now += seconds


def test_one_that_hangs_at_import_costs_the_time_out_once(
    ship: Ship, gate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of them cost no more than one, and none of them keeps the others from working."""
    clock = Hanging(monkeypatch, "slow", "slower")
    ship("good")
    for name in ("slow", "slower"):
        ship(name, top=gate.closed)
    statuses = _statuses()
    assert clock.now == loading.LOAD_TIMEOUT
    for name in ("slow", "slower"):
        assert (statuses[name].state, statuses[name].stage) == (SourceState.BROKEN, Stage.IMPORT)
        assert f"more than {loading.LOAD_TIMEOUT:g} s" in statuses[name].reason


def test_one_that_is_late_stays_given_up(ship: Ship, gate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its import brings after the time-out changes nothing."""
    monkeypatch.setattr(loading, "LOAD_TIMEOUT", 0.1)
    ship("late", top=gate.closed, more="@hookimpl\ndef aliases(self): return ('old',)")

    async def main() -> None:
        async with DownloadEngine.open({}) as engine:
            before = engine.sources()[0]
            gate.opened.set()
            await until(lambda: "load-late" not in [thread.name for thread in threading.enumerate()])
            assert engine.sources()[0] == before
            assert before.stage is Stage.IMPORT
            with pytest.raises(LookupError):
                engine.client("old")

    asyncio.run(main())


@pytest.mark.parametrize("way", ["search", "dispatch"])
def test_a_source_that_is_slow_to_import_does_not_block_the_callers_loop(
    ship: Ship, gate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Named in a dispatch or a search, it is imported on another thread."""
    monkeypatch.setattr(loading, "LOAD_TIMEOUT", 3600)
    ship("slow", top=gate.closed)

    async def main() -> None:
        async with DownloadEngine.open({}) as engine:
            ways: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
                "search": lambda: engine.search("song", sources=["slow"]),
                "dispatch": lambda: engine.dispatch_download(("slow", "1"), dest_dir=tmp_path),
            }
            task = asyncio.ensure_future(ways[way]())
            await until(gate.reached.is_set)
            for _ in range(20):
                await asyncio.sleep(0.001)
            assert not task.done()
            # A loop that waits for the import would never come here.
            gate.opened.set()
            await task
            assert engine.sources()[0].usable

    asyncio.run(main())


def test_asking_a_broken_source_says_why_and_what_to_do(ship: Ship, tmp_path: Path) -> None:
    """In a search's report, in a download's end, and from `check_connections`."""
    ship("good")
    ship("bad", top="raise ValueError('no luck')")

    async def main() -> None:
        async with DownloadEngine.open({}) as engine:
            outcome = (await engine.search("song", sources=["bad"])).outcomes["bad"]
            assert (outcome.status, outcome.code) == ("failed", NotConfigured.code)
            assert "broken at import: ValueError: no luck" in outcome.reason
            assert "cratedig-bad" in outcome.hint
            done = await engine.wait(await engine.dispatch_download(("bad", "1"), dest_dir=tmp_path))
            assert "broken at import" in done.detail
            assert not (await engine.check_connections(["bad"]))["bad"]
            assert engine.configured_sources() == ["good"]

    asyncio.run(main())


def test_a_host_may_insist(ship: Ship) -> None:
    """With `require`, the engine does not open; the error has name, step, distribution, version and cause."""
    ship("good")
    ship("bad", top="raise ValueError('no luck')")

    async def opened(*names: str) -> None:
        async with DownloadEngine.open({}, require=names):
            pass

    asyncio.run(opened("good"))
    with pytest.raises(
        SourceBroken, match=r"bad is required but broken at import: .*cratedig-bad 1\.2\.3"
    ) as caught:
        asyncio.run(opened("good", "bad"))
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(SourceBroken, match="missing is required: no source is called 'missing'"):
        asyncio.run(opened("missing"))
