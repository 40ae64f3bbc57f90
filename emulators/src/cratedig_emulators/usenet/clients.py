"""What both emulated clients have: jobs, a worker that takes them from stage to stage, and folders."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, RLock, Thread
from typing import ClassVar, Self

from attrs import define, field

from cratedig_emulators.server import Service
from cratedig_emulators.usenet.posts import NEWS, Spool, read_nzb

QUEUED, DOWNLOADING, CHECKING, REPAIRING, UNPACKING, MOVING, ENDING, ENDED = (
    "queued",
    "downloading",
    "checking",
    "repairing",
    "unpacking",
    "moving",
    "ending",
    "ended",
)
STAGES = (QUEUED, DOWNLOADING, CHECKING, REPAIRING, UNPACKING, MOVING, ENDING, ENDED)
"""What a job goes through; ``ending`` is when the client already calls it complete, and is not done."""
_STEPS = 4


@define(eq=False)
class Job:
    """One job. ``verdict`` is how it ends where that is not by its own articles, in the client's words."""

    id: str
    name: str
    category: str
    files: list[tuple[str, list[str]]]
    size: int
    key: str = ""
    stage: str = QUEUED
    got: int = 0
    missing: int = 0
    articles: int = 0
    repaired: bool = False
    verdict: str = ""
    folder: Path | None = None
    written: list[str] = field(factory=list)
    stage_since: float = field(factory=time.monotonic)
    paused: bool = False

    @property
    def lost(self) -> bool:
        """Whether nothing at all of it is there."""
        return 0 < self.articles == self.missing


class DownloadClient(Service):
    """A client that reads its articles out of a spool and writes into ``folder``.

    ``complete`` and ``incomplete`` are its folders on this machine; its answers name them under ``there``,
    the prefix by which it calls ``folder`` itself. ``pace`` is seconds for each stage. A job waits at the
    stage named by ``hold`` until that is "" again, in the middle of it for ``downloading``. ``verdicts`` are
    ends by words in a job's name ("" for every job), in the client's own words. ``added`` are the names of
    all jobs that it was ever given.
    """

    name: ClassVar[str] = ""
    there_by_default: ClassVar[str] = "/downloads"

    def __init__(self, *, folder: Path | None = None, there: str = "", spool: Spool = NEWS) -> None:
        super().__init__()
        self._own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix=f"emulated-{self.name}-"))
        self.there = there or self.there_by_default
        self.spool = spool
        self.pace = 0.03
        self.hold = ""
        self.verdicts: dict[str, str] = {}
        self.categories = ["audio"]
        self.added: list[str] = []
        self.jobs: dict[str, Job] = {}
        self.most_at_once = 0
        self._ids = 0
        self._lock = RLock()
        self._awake = Event()
        self._worker: Thread | None = None
        for own in (self.complete, self.incomplete):
            own.mkdir(parents=True, exist_ok=True)

    @property
    def complete(self) -> Path:
        """Where it puts what is complete."""
        return self.folder / "complete"

    @property
    def incomplete(self) -> Path:
        """Where it works."""
        return self.folder / "incomplete"

    @property
    def path_map(self) -> dict[str, str]:
        """What a program on this machine has to know to find its files."""
        return {self.there: str(self.folder)}

    def told(self, path: Path) -> str:
        """A path as its answers name it."""
        return f"{self.there}/{path.relative_to(self.folder).as_posix()}"

    def partial(self) -> list[Path]:
        """Files of jobs that are not done, or were left behind."""
        return [path for path in self.incomplete.rglob("*") if path.is_file()]

    def forget(self) -> None:
        """Lose the queue and the history, as after a new installation."""
        with self._lock:
            self.jobs.clear()

    def start(self) -> Self:
        """Listen, and go on with the jobs."""
        super().start()
        self._awake.clear()
        self._worker = Thread(target=self._work, name=f"emulated-{self.name}", daemon=True)
        self._worker.start()
        return self

    def kill(self, *, abruptly: bool = True) -> None:
        """Stop, with the jobs where they are."""
        super().kill(abruptly=abruptly)
        self._awake.set()
        if self._worker is not None:
            self._worker.join()
            self._worker = None

    def stop(self) -> None:
        """Stop, and remove the folder where nobody else has given it."""
        super().stop()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, name: str, nzb: bytes, category: str = "", key: str = "") -> Job | None:
        """Queue an NZB; ``None`` when it is none."""
        files = read_nzb(nzb)
        if not files:
            return None
        with self._lock:
            self._ids += 1
            size = sum(len(self.spool.get(one) or b"") for _, ids in files for one in ids)
            job = Job(
                id=self.new_id(self._ids), name=name, category=category, files=files, size=size, key=key
            )
            job.articles = sum(len(ids) for _, ids in files)
            job.verdict = next((end for word, end in self.verdicts.items() if word in name), "")
            self.jobs[job.id] = job
            self.added.append(name)
            self.most_at_once = max(self.most_at_once, len(self.alive()))
        return job

    def new_id(self, number: int) -> str:
        """An id in the client's own form."""
        return str(number)

    def alive(self) -> list[Job]:
        """The jobs that have not ended."""
        with self._lock:
            return [job for job in self.jobs.values() if job.stage != ENDED]

    def remove(self, job_id: str) -> bool:
        """Forget a job, with its partial files; whether there was one."""
        with self._lock:
            job = self.jobs.pop(job_id, None)
            if job is not None:
                shutil.rmtree(self.work_folder(job), ignore_errors=True)
            return job is not None

    def work_folder(self, job: Job) -> Path:
        """Where its parts are."""
        return self.incomplete / job.name

    def stages(self, job: Job) -> Iterator[str]:
        """What lies before this job."""
        yield from (QUEUED, DOWNLOADING, CHECKING)
        if job.repaired:
            yield REPAIRING
        if not self.fails(job):
            yield from (UNPACKING, MOVING, ENDING)
        yield ENDED

    def fails(self, job: Job) -> bool:
        """Whether it ends without files in the complete folder."""
        raise NotImplementedError

    def _work(self) -> None:
        while not self._awake.wait(0.01):
            with self._lock:
                for job in self.alive():
                    self._step(job)

    def _step(self, job: Job) -> None:
        if self._frozen.is_set() or job.paused or not self._is_time(job):
            return
        if job.stage == DOWNLOADING and job.got < job.size:
            self._download(job)
        elif job.stage != self.hold:
            self._next(job)

    def _is_time(self, job: Job) -> bool:
        return time.monotonic() - job.stage_since >= self.pace / (_STEPS if job.stage == DOWNLOADING else 1)

    def _download(self, job: Job) -> None:
        more = -(-job.size // _STEPS)
        if self.hold == DOWNLOADING and job.got + more >= job.size:
            return
        job.got = min(job.got + more, job.size)
        job.stage_since = time.monotonic()
        folder = self.work_folder(job)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "part.001").write_bytes(bytes(min(job.got, 4096)))

    def _next(self, job: Job) -> None:
        if job.stage == DOWNLOADING:
            self._count(job)
        stages = list(self.stages(job))
        job.stage = stages[stages.index(job.stage) + 1]
        job.stage_since = time.monotonic()
        if job.stage == ENDING:
            self._move(job)
        if job.stage == ENDED and not self.fails(job):
            shutil.rmtree(self.work_folder(job), ignore_errors=True)

    def _count(self, job: Job) -> None:
        """See which articles were there; a recovery file makes up for those that were not."""
        ids = [one for _, ids in job.files for one in ids]
        job.missing = sum(self.spool.get(one) is None for one in ids)
        has_recovery = any(name.endswith(".par2") for name, _ in job.files)
        job.repaired = bool(has_recovery and job.missing and not job.verdict)

    def _move(self, job: Job) -> None:
        job.folder = self.complete / job.category / job.name
        job.folder.mkdir(parents=True, exist_ok=True)
        article = self.spool.recovered if job.repaired else lambda one: self.spool.get(one) or b""
        for name, ids in job.files:
            if not name.endswith(".par2"):
                (job.folder / self.final_name(job, name)).write_bytes(b"".join(map(article, ids)))
                job.written.append(self.final_name(job, name))

    def final_name(self, job: Job, name: str) -> str:
        """What a file is called in the end."""
        del job
        return name
