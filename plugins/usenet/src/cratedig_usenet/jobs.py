"""What the source knows of a job at the download client, whichever client that is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from attrs import frozen

from cratedig import SourceError

_MARK = re.compile(r"cratedig-[0-9a-f]{8}-[0-9a-f]{8}")
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|{}]+")


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


def mark(target_id: str, download_id: str) -> str:
    """What a job is recognised by: the target, and the record that it was started for."""
    return f"{target_mark(target_id)}{_short(download_id)}"


def target_mark(target_id: str) -> str:
    """The head of every mark of a target."""
    return f"cratedig-{_short(target_id)}-"


def mark_in(name: str) -> str:
    """The mark that stands in a name; "" where there is none."""
    found = _MARK.search(name)
    return found[0] if found else ""


def job_name(release: str, mark: str) -> str:
    """A name for the job, and so for its folder, that no other job has."""
    plain = " ".join(_UNFIT.sub(" ", release).split())[:120].strip(" .")
    return f"{plain or 'release'} {mark}"


def release_of(name: str) -> str:
    """The release that a job is named after."""
    return _MARK.sub("", name).strip()


def latest(*lists: Iterable[Job]) -> dict[str, Job]:
    """Jobs by id; of one that is in queue and history for a moment, the one that says that it has ended."""
    jobs = [job for jobs in lists for job in jobs if job.id]
    return {job.id: job for job in sorted(jobs, key=lambda job: job.done or job.error is not None)}


def _short(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
