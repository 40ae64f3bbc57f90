"""What a service does wrong, and which of cratedig's errors it becomes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

from cratedig import (
    AuthenticationFailed,
    Download,
    DownloadState,
    NotEntitled,
    NotFound,
    RateLimited,
    SearchOutcome,
    SearchStatus,
    SourceBug,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig_contracts.call import Call
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.faults import fault
from cratedig_contracts.patience import until, within
from cratedig_contracts.rig import Rig, Session, Target

RETRY_AFTER = 1
"""Seconds that the service asks for; far from what the engine would wait by itself."""
MARGIN = 3
"""Seconds for the two requests themselves."""
STALL = 0.75
PATIENCE = 30.0


class ErrorChecks(Given):
    """Each fault is the error that it stands for, so that the engine does the right thing."""

    def test_errors_login(self, rig: Rig, faults: object | None) -> None:
        """A login that is refused is AuthenticationFailed."""
        expire = getattr(faults, "expired_login", None)
        plant = expire or fault(faults, "status")
        _demand_search(rig, plant if expire else lambda: plant(401), AuthenticationFailed)

    def test_errors_not_entitled(self, rig: Rig, faults: object | None) -> None:
        """403 for a target is NotEntitled."""
        plant = fault(faults, "status")
        _demand_download(rig, lambda: plant(403), NotEntitled)

    def test_errors_not_found(self, rig: Rig, faults: object | None) -> None:
        """404 for a target is NotFound."""
        plant = fault(faults, "status")
        _demand_download(rig, lambda: plant(404), NotFound)

    def test_errors_rate_limited(self, rig: Rig, faults: object | None) -> None:
        """429 is RateLimited with the service's Retry-After, so that the lane pauses for just that long."""
        plant = fault(faults, "status")
        told = f"Retry-After is {RETRY_AFTER} s, the next request comes"

        async def use(session: Session) -> tuple[SearchOutcome, float | None]:
            plant(429, RETRY_AFTER)
            search = asyncio.create_task(session.search())
            if not await until(lambda: len(_asked(session)) > 1 or search.done(), RETRY_AFTER + MARGIN):
                search.cancel()
                await asyncio.wait({search})
                demand(False, f"{told} more than {MARGIN} s later than that")
            _, outcome = await search
            first, *others = _asked(session)
            return outcome, others[0].started_at - (first.ended_at or 0.0) if others else None

        outcome, paused = rig.run(use, tree=rig.tree(retries=1))
        _demand_code(outcome, RateLimited)
        if paused is None:
            demand(False, f"{told} never")
            return
        demand(paused >= RETRY_AFTER - 0.1, f"{told} after {paused:.1f} s")

    def test_errors_unavailable(self, rig: Rig, faults: object | None) -> None:
        """5xx is Unavailable, in a search and in a download."""
        plant = fault(faults, "status")
        # The download comes first: with the fault on, a target could not be searched for.
        _demand_download(rig, lambda: plant(503), Unavailable)
        _demand_search(rig, lambda: plant(503), Unavailable)

    def test_errors_page(self, rig: Rig, faults: object | None) -> None:
        """A page in place of an answer, with status 200, is UnexpectedResponse, or what `page_means` says."""
        _demand_search(rig, fault(faults, "html"), self.page_means)

    def test_errors_malformed_json(self, rig: Rig, faults: object | None) -> None:
        """JSON that ends in the middle is UnexpectedResponse."""
        _demand_search(rig, fault(faults, "malformed_json"), UnexpectedResponse)

    def test_errors_hostile_json(self, rig: Rig, faults: object | None) -> None:
        """JSON of another shape is no bug of the source: it is UnexpectedResponse, or nothing found."""
        plant = fault(faults, "hostile_json")

        async def use(session: Session) -> SearchOutcome:
            plant()
            return (await session.search())[1]

        outcome = rig.run(use)
        sound = outcome.status is SearchStatus.EMPTY or outcome.code == UnexpectedResponse.code
        demand(
            sound, f"it is {outcome.status} {outcome.code}: {outcome.reason}; read it with cratedig.reading"
        )

    def test_errors_truncated(self, rig: Rig, faults: object | None) -> None:
        """A body that ends half-way never becomes a damaged file that is called complete."""
        plant = fault(faults, "truncate")

        async def use(session: Session) -> tuple[str, Download]:
            whole = await session.completed(folder="whole")
            wanted = await session.chosen()
            plant()
            return _digest(whole), await session.download(result=wanted)

        digest, done = rig.run(use)
        demand(done.code != SourceBug.code, f"a truncated body makes it raise: {done.detail}")
        if done.state is DownloadState.COMPLETED:
            demand(_digest(done) == digest, "a body that ended half-way is called complete")

    def test_errors_stalled(self, rig: Rig, faults: object | None) -> None:
        """A body that stops coming is Unavailable, after the time-out that the source asks for."""
        plant = fault(faults, "stall")

        async def before(session: Session) -> Target:
            await session.completed(folder="before")
            return await session.chosen()

        # With the patience of its own: what comes slowly because the machine is slow has not stopped coming.
        wanted = rig.run(before)

        async def use(session: Session) -> Download:
            plant()
            download_id = await session.dispatch(result=wanted)
            try:
                return await within(PATIENCE, session.engine.wait(download_id))
            except TimeoutError:
                return await session.status(download_id)

        done = rig.run(use, stall_timeout=STALL)
        demand(done.state is DownloadState.ERRORED, f"nothing comes, and the download is {done.state}")
        demand(done.code == Unavailable.code, f"it is {done.code}, expected Unavailable: {done.detail}")


def _demand_search(rig: Rig, plant: Callable[[], object], error: type[SourceError]) -> None:
    async def use(session: Session) -> SearchOutcome:
        plant()
        return (await session.search())[1]

    _demand_code(rig.run(use), error)


def _demand_code(outcome: SearchOutcome, error: type[SourceError]) -> None:
    told = f"the search is {outcome.status} {outcome.code}: {outcome.reason}"
    demand(outcome.code == error.code, f"{told}; expected {error.__name__}")


def _demand_download(rig: Rig, plant: Callable[[], object], error: type[SourceError]) -> None:
    async def use(session: Session) -> Download:
        wanted = await session.chosen()
        plant()
        return await session.download(result=wanted)

    done = rig.run(use)
    told = f"the download is {done.state} {done.code}: {done.detail}"
    demand(done.code == error.code, f"{told}; expected {error.__name__}")


def _asked(session: Session) -> list[Call]:
    return session.spy.of("search_raw")


def _digest(done: Download) -> str:
    """Of a file, or of all the files of an album."""
    if not done.files:
        leave("nothing was published")
    parts = (hashlib.sha256(file.path.read_bytes()).digest() for file in done.files)
    return hashlib.sha256(b"".join(parts)).hexdigest()
