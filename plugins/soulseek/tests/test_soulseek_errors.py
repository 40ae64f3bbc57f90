"""What slskd says of a failed download becomes the error that it stands for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cratedig import DownloadEngine, DownloadState
from cratedig_emulators.server import Fault
from cratedig_emulators.soulseek import Script

LIST = "/api/v0/transfers/downloads"
BATCHES = f"{LIST}/batches"


@pytest.mark.parametrize(
    ("end", "exception", "code", "said"),
    [
        ("Rejected", "Transfer rejected: File not shared.", "not-found", "File not shared"),
        ("Rejected", "Transfer rejected: Banned", "not-entitled", "Banned"),
        ("Rejected", "Transfer rejected: Too many files", "not-entitled", "Too many files"),
        ("Rejected", "Transfer rejected: only for friends", "not-entitled", "only for friends"),
        ("Aborted", "", "not-found", "does not match expected size"),
        ("Cancelled", "Operation cancelled", "not-found", "cancelled it in slskd"),
        ("Cancelled", "", "unavailable", "hard time limit of 180 secs"),
        ("TimedOut", "The wait timed out after 60000 milliseconds", "unavailable", "does not answer"),
        ("Errored", "", "unavailable", "reported as failed by remote client"),
        ("Errored", "Transfer failed: reset", "unavailable", "Transfer failed: reset"),
        ("Errored", "User peer one appears to be offline", "not-found", "offline"),
    ],
)
def test_end_of_a_transfer(bench: Any, end: str, exception: str, code: str, said: str) -> None:
    """State and sentence decide; the record has slskd's own words, and slskd keeps no trace."""
    bench.service.script(Script(end=end, exception=exception))
    done = bench.download()
    assert (done.state, done.code) == (DownloadState.ERRORED, code), done.detail
    assert said in done.detail
    assert bench.left() == []
    assert bench.service.downloads.enqueued.total() == 1
    assert bench.settled()


def test_failure_that_may_pass_is_tried_again(bench: Any) -> None:
    """After slskd has given up, the engine has it enqueued anew."""
    bench.service.script(Script(end="Errored"))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        while bench.service.downloads.enqueued.total() < 2:
            await bench.seen(engine, job, "")
        bench.service.unscript()
        return await engine.wait(job)

    done = bench(use, engine={"retries": 3})
    assert done.state is DownloadState.COMPLETED, done.detail
    assert done.attempts[0].code == "unavailable"


def test_refusal_goes_on_to_the_next_peer(bench: Any) -> None:
    """One is banned, one is offline; the third delivers, and the record tells of all three."""
    bench.service.script(Script(end="Rejected", exception="Transfer rejected: Banned"), user="peer one")
    bench.service.people["copycat"].online = True

    async def use(engine: DownloadEngine) -> Any:
        found = (await engine.search("The Brass Lanterns Copper Rain", sources=["soulseek"])).results[0]
        bench.service.people["copycat"].online = False
        return await engine.wait(await bench.begin(engine, found))

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert [attempt.code for attempt in done.attempts] == ["not-entitled", "not-found", ""]
    assert str(done.quality_got) == "MP3 320"


@pytest.mark.parametrize("old", [True, False])
def test_peer_who_is_offline_is_not_found(bench: Any, old: bool) -> None:
    """Both calls that enqueue say so, the newer with 404 and the older with 500."""
    bench.service.old = old
    bench.service.people["peer one"].online = False
    done = bench.download()
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
    assert "offline" in done.detail


@pytest.mark.parametrize("old", [True, False])
def test_slskd_that_is_not_connected(bench: Any, old: bool) -> None:
    """It takes nothing on, and says why."""
    bench.service.old = old
    bench.service.connected = False
    done = bench.download()
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert "must be Connected" in done.detail


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=401), "authentication-failed"),
        (Fault(status=403), "not-entitled"),
        (Fault(status=500), "unavailable"),
        (Fault(html=True), "unexpected-response"),
        (Fault(body=b"[]", content_type="application/json"), "unavailable"),
        (Fault(body=b"{", content_type="application/json"), "unexpected-response"),
        (Fault(reset=True), "unavailable"),
    ],
)
def test_job_that_is_not_taken_on(bench: Any, fault: Fault, code: str) -> None:
    """Each way of refusing the call has its own error."""
    bench.service.fault(f"POST {BATCHES}", fault)
    done = bench.download()
    assert (done.state, done.code) == (DownloadState.ERRORED, code), done.detail


def test_busy_slskd_takes_it_on_later(bench: Any) -> None:
    """429 pauses for a second, and is no attempt that counts for nothing."""
    bench.service.fault(f"POST {BATCHES}", Fault(status=429, times=2))
    done = bench.download()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert [attempt.code for attempt in done.attempts] == ["rate-limited", "rate-limited", ""]


def test_batch_with_a_refused_file_says_why(bench: Any) -> None:
    """A file that is refused at once has slskd's own sentence in its record."""
    body = {"batch": {"transfers": []}, "failures": [{"filename": "x", "message": "Skipped: Banned by peer"}]}
    bench.service.fault(
        f"POST {BATCHES}", Fault(body=json.dumps(body).encode(), content_type="application/json")
    )
    done = bench.download()
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-entitled")
    assert "Banned by peer" in done.detail


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(html=True), Fault(body=b"{}")])
def test_list_that_fails_for_a_while_is_no_end(bench: Any, fault: Fault) -> None:
    """News that break off are waited for: nothing is given up, nothing begun again."""
    bench.service.fault(f"GET {LIST}", Fault(**{**_fields(fault), "times": 2}))
    done = bench.download()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(done.attempts) == 1
    assert bench.service.downloads.enqueued.total() == 1


def test_record_that_was_cleared_at_slskd_ends(bench: Any) -> None:
    """A transfer that slskd does not list any more, for whatever reason, is not waited for."""
    bench.service.script(Script(hang="InProgress"))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "coming from peer one")
        with bench.service.lock:
            bench.service.downloads.all.clear()
        return await engine.wait(job)

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert "no longer has it" in done.detail


def test_list_that_misses_a_record_for_a_moment_is_no_end(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One look without it proves nothing."""
    monkeypatch.setattr("cratedig_soulseek.watching.SETTLED", 60.0)
    bench.service.script(Script(share=0.05))
    bench.service.fault(f"GET {LIST}", Fault(body=b"[]", content_type="application/json", times=2))
    done = bench.download()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(done.attempts) == 1


def _fields(fault: Fault) -> dict[str, Any]:
    names = ("status", "html", "body", "reset")
    return {name: getattr(fault, name) for name in names}
