"""Certify sources of the gallery, in a process that does so for one after the other."""

from __future__ import annotations

import importlib
import os
import pickle
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract, certify
from cratedig_contracts.imported import Imported, import_alone
from cratedig_emulators.switches import Switches


class GalleryContract(SourceContract):
    """The contract of every source in the gallery."""

    query: ClassVar[str | Wanted] = "gallery"
    album_query = Wanted(artist="The Planted", album="Frames")
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
    def program(self) -> object:
        return self.service.program()

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


@contextmanager
def installed(name: str, value: str, requires: Iterable[str]) -> Iterator[None]:
    """Have the source in an installed distribution, alone."""
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder), name, value, requires)
        sys.path.insert(0, folder)
        try:
            yield
        finally:
            sys.path.remove(folder)


@cache
def share_imports(folder: Path) -> None:
    """Import each module alone once, and not once for each source in it: that costs a second.

    What was seen is kept in ``folder``, for the other processes.
    """

    def shared(value: str, path: tuple[str, ...]) -> Imported:
        known = folder / value.partition(":")[0]
        if not known.exists():
            part = known.with_suffix(f".{os.getpid()}")
            part.write_bytes(pickle.dumps(import_alone(value, path)))
            part.replace(known)
        seen: Imported = pickle.loads(known.read_bytes())
        return seen

    pytest.MonkeyPatch().setattr("cratedig_contracts.checks.identity.import_alone", shared)
    # For every request and every engine, libraries look for others that are not there; on a path as long as
    # ours that is a fifth of the time.
    for missing in ("sniffio", "pydantic"):
        sys.modules.setdefault(missing, None)  # type: ignore[arg-type]


def main(value: str, name: str, requires: Iterable[str], imports: Path) -> str:
    """The report on a source, as JSON; ``value`` is ``module:class``, ``imports`` is for all processes."""
    here = str(Path(__file__).parent)
    if here not in sys.path:
        sys.path.insert(0, here)
    share_imports(imports)
    with importlib.import_module("gallery.service").Gallery() as service:
        return certified(value, name, requires, service)


def certified(value: str, name: str, requires: Iterable[str], service: Any) -> str:
    """The report on one source, as JSON."""
    with installed(name, value, requires):
        return certify(type("Contract", (GalleryContract,), {"name": name, "service": service})).to_json()
