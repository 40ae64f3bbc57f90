"""Another program that downloads by itself, and the source that delegates to it.

:class:`Program` keeps its jobs and a log of what it was asked in its folder, so that they outlive the process
like those of a real one. ``watch`` takes the place of the source's stream of news.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from core.tests.fakes import SOON, Fake, running, until, wav
from core.tests.fakes import ended as end_of

from cratedig import (
    AlbumFile,
    Download,
    DownloadEngine,
    DownloadState,
    NotFound,
    Pending,
    SourceContext,
    Transfer,
    TransferUpdate,
    hookimpl,
)
from cratedig_contracts.patience import within

COMPLETED, ERRORED, RUNNING = DownloadState.COMPLETED, DownloadState.ERRORED, DownloadState.IN_PROGRESS

Watch = Callable[[SourceContext], AsyncIterator[Any]]


class Program:
    """The other program. ``away`` is raised by requests for news while it is set, ``deaf`` by the others.

    ``slow`` is how many seconds it takes to forget a job, or to end a stream.
    """

    def __init__(self, folder: Path, *, interval: float = 0.02) -> None:
        self.folder = folder
        self.interval = interval
        self.rounds = self.open = self.most_open = 0
        self.slow = 0.0
        self.away: BaseException | None = None
        self.deaf: Exception | None = None
        self.watch: Watch = self.polled
        self.starting: Callable[[str], Any] | None = None
        self.info: dict[str, Any] = {}
        self.errors: dict[str, Exception] = {}
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "jobs.json"
        self.jobs: dict[str, dict[str, Any]] = json.loads(kept.read_text()) if kept.exists() else {}

    # -- what happens in it ------------------------------------------------------------------------------

    def say(self, job: str, **news: Any) -> None:
        """Change what it tells of a job: the fields of a ``TransferUpdate``."""
        self.jobs[job].update(news)
        self.keep()

    def keep(self) -> None:
        """Have the jobs outlive the process."""
        (self.folder / "jobs.json").write_text(json.dumps(self.jobs))

    def bring(self, job: str, seconds: float = 1.0, name: str = "song.wav") -> Path:
        """Complete a job with one file."""
        path = self.put(f"{job}/{name}", seconds)
        self.say(job, state="Completed", path=str(path))
        return path

    def bring_album(self, job: str, *numbers: int, **news: Any) -> Path:
        """Complete a job with a folder of numbered tracks."""
        for number in numbers:
            self.put(f"{job}/{number:02d} - Song {number}.wav", 1.0, number)
        self.say(job, state="Completed", path=str(self.folder / job), **news)
        return self.folder / job

    def put(self, name: str, seconds: float = 1.0, mark: int = 0) -> Path:
        """A WAV file among its downloads."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav(seconds, mark or sum(name.encode())))
        return path

    # -- what it is asked --------------------------------------------------------------------------------

    def log(self, call: str, job: str) -> None:
        """Note a request."""
        with (self.folder / "calls.log").open("a") as file:
            file.write(f"{call} {job}\n")

    def asked(self, call: str) -> list[str]:
        """The jobs that were asked for by ``start``, ``cancel`` or ``tidy``, over all processes."""
        log = self.folder / "calls.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line.removeprefix(f"{call} ") for line in lines if line.startswith(f"{call} ")]

    def start(self, target_id: str) -> str:
        """Begin a job, unless there is one for the target."""
        job = f"job-{target_id}"
        if job not in self.jobs:
            # Whoever sees in the log that it has begun may change it at once.
            self.jobs[job] = {"state": str(RUNNING)}
            self.keep()
            self.log("start", job)
        return job

    def drop(self, call: str, job: str) -> None:
        """Forget a job."""
        if (deaf := self.deaf) is not None:  # as it is now: a test may change it at any moment
            self.log(f"vain-{call}", job)
            raise deaf
        self.log(call, job)
        for name in (job, f"job-{job}"):  # a target, where the engine was not told the id
            self.jobs.pop(name, None)
        self.keep()

    def news(self, job: str) -> TransferUpdate:
        """What it tells of a job; that it knows nothing, if it does not."""
        known = dict(self.jobs.get(job, {}))  # as it is now: a test may change it at any moment
        if not known:
            return TransferUpdate(
                transfer_id=job, state=ERRORED, error=NotFound("it knows nothing of this job")
            )
        return TransferUpdate(transfer_id=job, **_fields(known), error=self.errors.get(job))

    async def polled(self, context: SourceContext) -> AsyncIterator[Any]:
        """One request each ``interval``, whatever the number of transfers."""
        async for _ in context.ticks(self.interval):
            self.rounds += 1
            if (away := self.away) is not None:
                raise away
            for one in context.transfers():
                yield self.news(one.transfer_id)

    def source(self, name: str = "fake") -> type[Delegate]:
        """The class of a source that delegates to it."""
        return type("Delegating", (Delegate,), {"program": self, "called": name})


def _fields(known: Mapping[str, Any]) -> dict[str, Any]:
    path, files = known.get("path"), known.get("files", ())
    return {**known, "path": Path(path) if path else None, "files": [AlbumFile(**file) for file in files]}


class Delegate(Fake):
    """Starts jobs, tells news, forgets and cancels jobs when it is told to."""

    program: Program
    called: str

    def __init__(self, context: SourceContext) -> None:
        super().__init__(self.called, **{"transfer": Transfer.EVENTS, **self.program.info})
        self.context = context

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Any:
        """Begin the job."""
        self.calls.append(("download", target_id, 0.0))
        if self.program.starting is not None:
            answer = self.program.starting(target_id)
            return Pending(answer) if isinstance(answer, str) else await answer
        return Pending(self.program.start(target_id))

    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        """Count how many streams are open at once."""
        program = self.program
        program.open += 1
        program.most_open = max(program.most_open, program.open)
        try:
            async with aclosing(program.watch(self.context)) as stream:  # type: ignore[type-var]
                async for update in stream:
                    yield update
        finally:
            if program.slow:
                await asyncio.sleep(program.slow)
            program.open -= 1

    @hookimpl
    async def tidy_raw(self, target_id: str, transfer_id: str) -> None:
        """Forget it."""
        await asyncio.sleep(self.program.slow)
        self.program.drop("tidy", transfer_id or target_id)

    @hookimpl
    async def cancel_raw(self, target_id: str, transfer_id: str) -> bool:
        """Stop it and forget it."""
        await asyncio.sleep(self.program.slow)
        self.program.drop("cancel", transfer_id or target_id)
        return True


@asynccontextmanager
async def delegating(
    program: Program, *others: Any, name: str = "fake", **options: Any
) -> AsyncIterator[DownloadEngine]:
    """An engine with a source that delegates to ``program``, and others."""
    async with running(program.source(name), *others, **options) as engine:
        yield engine


async def final(engine: DownloadEngine, download_id: str, seconds: float = SOON) -> Download:
    """The final snapshot."""
    return await end_of(engine, download_id, seconds)


async def shown(engine: DownloadEngine, download_id: str, words: str, seconds: float = SOON) -> Download:
    """The snapshot as soon as its detail has these words."""

    async def says_so() -> Download:
        while True:
            now = await engine.get_download_status(download_id)
            assert now is not None
            if words in now.detail:
                return now
            assert not now.state.terminal, now.detail
            await asyncio.sleep(0.01)

    return await within(seconds, says_so())


def ended(
    program: Program, music: Path, act: Callable[[str], object], target: Any = ("fake", "a"), **how: Any
) -> Download:
    """How a download ends when ``act`` happens at the other program once its job is there."""

    async def main() -> Download:
        async with delegating(program, engine={"retries": 0}) as engine:
            ident = await engine.dispatch_download(target, dest_dir=music, **how)
            await until(lambda: program.jobs)
            act("job-a")
            return await final(engine, ident)

    return asyncio.run(main())
