"""Records to store, for the tests and for the programs that they start."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from attrs import define, evolve

from cratedig._journal.port import Row
from cratedig._model import Candidate, Download, DownloadState, FileResult, Plan


@define(eq=False)
class LiveRecord:
    """A record as the engine has it: it changes, and gives snapshots."""

    download: Download
    plan: Plan

    @property
    def id(self) -> str:
        """The download's id."""
        return self.download.id

    @property
    def state(self) -> DownloadState:
        """Where it stands."""
        return self.download.state

    def row(self) -> Row:
        """A snapshot."""
        return Row(download=self.download, plan=self.plan)

    def change(self, **changes: Any) -> LiveRecord:
        """Set fields of the download."""
        self.download = evolve(self.download, **changes)
        return self

    def complete(self, *files: Path) -> LiveRecord:
        """Published as ``files``, which exist."""
        found = tuple(FileResult(path=file, size=file.stat().st_size) for file in files)
        path = files[0] if len(files) == 1 else files[0].parent
        return self.change(state=DownloadState.COMPLETED, file_path=path, files=found, finished_at=5.0)


def new_record(target_id: str = "t1", *, source: str = "fake", **fields: Any) -> LiveRecord:
    """A record that is under way."""
    given: dict[str, Any] = {
        "state": DownloadState.IN_PROGRESS,
        "dest_dir": Path("/music"),
        "display_name": target_id,
    }
    download = Download(id=str(uuid4()), source=source, target_id=target_id, **(given | fields))
    return LiveRecord(download, Plan(candidates=(Candidate(source=source, target_id=target_id),)))
