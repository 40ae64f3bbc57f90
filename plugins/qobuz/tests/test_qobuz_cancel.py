"""Cancels at every stage, and pauses that the service asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cratedig import DownloadEngine, DownloadState, RateLimited
from cratedig_emulators.server import Fault
from cratedig_qobuz.refusals import refusal

TITLE = "Copper Rain"


@pytest.mark.parametrize("stage", ["queue", "resolve", "half"])
def test_cancel(bench: Any, stage: str) -> None:
    """A cancel in the queue, while the address is asked for, and at half the bytes ends it at once."""
    service = bench.service
    faults = {
        "queue": ("GET /file", Fault(stall_at=0.5, times=1)),
        "resolve": ("*/track/getFileUrl", Fault(delay=20)),
        "half": ("GET /file", Fault(stall_at=0.5)),
    }
    service.fault(*faults[stage])
    reached: dict[str, Callable[[], object]] = {
        "queue": lambda: service.log.all("/file"),
        "resolve": lambda: bench.asked("track/getFileUrl"),
        "half": lambda: [seen for seen in service.log.all("/file") if seen.sent],
    }

    async def use(engine: DownloadEngine) -> None:
        if stage == "queue":
            await engine.dispatch_download(
                ("qobuz", bench.id_of("Glasshouse")), dest_dir=bench.folder / "other"
            )
        wanted = await engine.dispatch_download(("qobuz", bench.id_of(TITLE)), dest_dir=bench.music)
        await bench.until(reached[stage])
        await bench.cancel(engine, wanted, service, alone=stage != "queue")

    bench(use, concurrent_downloads=1)
    assert bench.left() == []
    if stage == "queue":
        assert f"track_id={bench.id_of(TITLE)}" not in str([seen.query for seen in service.requests])


def test_lane_pauses_when_asked_to(bench: Any, pauses: list[float]) -> None:
    """A 429 in the middle costs the time that Qobuz asks for, and nothing else."""
    bench.service.fault("*/track/getFileUrl", Fault(status=429, retry_after=1, times=1))
    record = bench.download(TITLE)
    assert record.state is DownloadState.COMPLETED
    first, second = bench.asked("track/getFileUrl")
    assert second.at - first.at >= 1
    assert pauses == [1]


@pytest.mark.parametrize(
    "answer", [httpx.Response(429), httpx.Response(403, json={"message": "Rate limited (Root=1-2-3)"})]
)
def test_pause_without_a_figure_is_a_minute(answer: httpx.Response) -> None:
    """A 429 without Retry-After, and a 403 that means the same, pause for 60 seconds."""
    error = refusal(answer)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 60


def test_limits(bench: Any) -> None:
    """At most one request a second on average, three downloads at once; both can be set."""

    async def use(engine: DownloadEngine) -> Any:
        return engine.sources()

    info = next(one.info for one in bench(use) if one.name == "qobuz")
    assert (info.limits.requests.count, info.limits.requests.period) == (60, 60)
    assert info.limits.concurrent_downloads == 3
