"""The real engine with the emulated Archive as ``base_url``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download
from cratedig_contracts import Bench
from cratedig_emulators.archive import ArchiveEmulator


class ArchiveBench(Bench):
    """An engine with the emulated Archive behind it."""

    source = "archive"

    def __init__(self, service: ArchiveEmulator, folder: Path) -> None:
        super().__init__(folder)
        self.service = service

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.archive]``."""
        return {"base_url": self.service.base_url}

    def download(self, target_id: str, **settings: Any) -> Download:
        """The record of one download when it has ended."""
        return self.fetch(target_id, **settings)


@pytest.fixture(scope="session")
def archive_service() -> Iterator[ArchiveEmulator]:
    with ArchiveEmulator() as service:
        yield service


@pytest.fixture
def bench_at(tmp_path: Path) -> Callable[[ArchiveEmulator], ArchiveBench]:
    """A bench at another service."""
    return lambda service: ArchiveBench(service, tmp_path)


@pytest.fixture
def bench(archive_service: ArchiveEmulator, tmp_path: Path) -> Iterator[ArchiveBench]:
    archive_service.heal()
    archive_service.log.clear()
    yield ArchiveBench(archive_service, tmp_path)
    assert archive_service.errors == []
