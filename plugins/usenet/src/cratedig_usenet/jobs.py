"""What the source knows of a job at the download client, whichever client that is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Protocol

from attrs import frozen

from cratedig import Check, SourceError

_MARK = re.compile(r"cratedig-[0-9a-f]{8}-[0-9a-f]{8}")
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|{}]+")
_LONGEST = 120


@frozen(kw_only=True)
class Job:
    """A job in the client's queue or history; ``transferred`` and ``size`` are bytes.

    ``name`` is the release's, ``mark`` the one that :func:`mark` made, wherever the client has kept it.
    ``folder`` is where the files are, in the client's own words. A job that is neither ``done`` nor has an
    ``error`` goes on.
    """

    id: str
    name: str = ""
    mark: str = ""
    detail: str = ""
    transferred: int | None = None
    size: int | None = None
    folder: str = ""
    done: bool = False
    error: SourceError | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.done or self.error is not None


class Client(Protocol):
    """SABnzbd or NZBGet. Everything may raise a :class:`~cratedig.SourceError`."""

    name: str
    looks: int
    """How often to look for a job that is nowhere: some are in neither queue nor history for a moment."""

    async def add(self, name: str, nzb: bytes, mark: str) -> str:
        """Queue an NZB under a name that has the mark in it; the job's id."""
        ...

    async def queue(self) -> list[Job]:
        """What waits and downloads: one request."""
        ...

    async def history(self, ids: Iterable[str] = ()) -> list[Job]:
        """What is being unpacked or has ended; of ``ids`` only, where the client can choose: one request."""
        ...

    async def remove(self, job_id: str) -> bool:
        """Stop a job and forget it, with its partial files; whether there was one."""
        ...

    async def diagnose(self) -> list[Check]:
        """The look of ``cratedig doctor``, but for ``path_map``."""
        ...

    async def complete_folder(self) -> str:
        """Where it puts what is complete."""
        ...


def seen(client: Client, version: str, category: str, known: Iterable[str]) -> list[Check]:
    """What the doctor says of a client that answers: its version, and a category that it does not have."""
    checks = [Check(name="client", ok=True, detail=f"{client.name} {version}")]
    names = [name for name in known if name != "*"]
    if category and category.casefold() not in map(str.casefold, names):
        hint = f"set category to one of: {', '.join(names)}; or add it in {client.name}'s settings"
        detail = f"{client.name} has no category {category!r}"
        checks.append(Check(name="category", ok=False, detail=detail, hint=hint))
    return checks


def mark(target_id: str, download_id: str) -> str:
    """What a job is recognised by: the target, and the record that it was started for."""
    return f"{target_mark(target_id)}{_short(download_id)}"


def target_mark(target_id: str) -> str:
    """The head of every mark of a target."""
    return f"cratedig-{_short(target_id)}-"


def mark_in(text: str) -> str:
    """The mark that stands in a name; "" where there is none."""
    found = _MARK.search(text)
    return found[0] if found else ""


def job_name(release: str, mark: str) -> str:
    """A name for the job, and so for its folder, that no other job has."""
    plain = " ".join(_UNFIT.sub(" ", release).split())[:_LONGEST].strip(" .")
    return f"{plain or 'release'} {mark}"


def release_of(name: str) -> str:
    """The release that a job is named after."""
    return _MARK.sub("", name).strip()


def latest(*lists: Iterable[Job]) -> dict[str, Job]:
    """Jobs by id; of one that is in queue and history for a moment, the one that says that it has ended."""
    known: dict[str, Job] = {}
    for job in (job for jobs in lists for job in jobs):
        before = known.get(job.id)
        if before is None or job.ended or not before.ended:
            known[job.id] = job
    return known


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
