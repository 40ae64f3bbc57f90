"""Certify one source of the gallery, in a process of its own."""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract, certify
from cratedig_emulators.switches import Switches


class GalleryContract(SourceContract):
    """The contract of every source in the gallery."""

    query: ClassVar[str | Wanted] = "gallery walk"
    expected = Expected(title="Gallery Walk", artist="The Planted", duration=3.0, codec="flac")
    service: ClassVar[Any]

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        return {"base_url": self.service.base_url}

    @pytest.fixture
    def target(self) -> str:
        return "t1"

    @pytest.fixture
    def faults(self) -> Iterator[Switches]:
        switches = self.service.switches()
        yield switches
        switches.clear()

    @pytest.fixture
    def login(self) -> object:
        return self.service


def install(folder: Path, name: str, value: str, requires: Iterable[str]) -> None:
    """Put the metadata of an installed distribution into a folder of the import path."""
    info = folder / f"gallery_{name}-1.0.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: gallery-{name}", "Version: 1.0", "Summary: A test."]
    lines += [f"Requires-Dist: {one}" for one in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[cratedig.sources]\n{name} = {value}\n", encoding="utf-8")


def main(value: str, name: str, requires: Iterable[str]) -> str:
    """The report, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        sys.path[:0] = [folder, str(Path(__file__).parent)]
        install(Path(folder), name, value, requires)
        with importlib.import_module("gallery.service").Gallery() as service:
            contract = type("Contract", (GalleryContract,), {"name": name, "service": service})
            return certify(contract).to_json()
