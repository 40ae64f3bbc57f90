"""What a job has left in the client's folders, as they are on this machine. All of it blocks."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from cratedig import Check
from cratedig.pathmap import PathMap
from cratedig_usenet.jobs import Job


class Folders(PathMap):
    """The client's folders, by its own names for them."""

    def delivered(self, job: Job) -> Path:
        """The job's folder; SABnzbd names the file where there is only one.

        What SABnzbd has named after the job, mark and all, loses the mark.

        :raises NotFound: it is not here.
        """
        path = self.found(job.folder)
        folder = path.parent if job.mark and job.mark in path.parent.name else path
        for file in folder.glob(f"*{job.mark}*") if job.mark and folder.is_dir() else ():
            with contextlib.suppress(OSError):
                file.rename(file.with_name(file.name.replace(job.mark, "").replace(" .", ".").strip()))
        return folder

    def remove(self, there: str, mark: str) -> None:
        """Remove a job's own folder, never anybody else's: at a place, above it or below it."""
        place = self.local(there)
        below = [*place.glob(f"*{mark}*"), *place.glob(f"*/*{mark}*")] if place.is_dir() else []
        for own in (place, place.parent, *below):
            if mark in own.name and not own.is_symlink() and own.is_dir():
                shutil.rmtree(own, ignore_errors=True)

    def proven(self, folders: Iterable[str]) -> Check:
        """Prove the first of the folders that is here; else say what is wrong with the last."""
        checks = [Check(name="path_map", ok=False, detail="the client names no folder")]
        checks += [self.prove(there) for there in folders if there]
        return next((check for check in checks if check.ok), checks[-1])
