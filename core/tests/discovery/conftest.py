"""Throw-away distributions: real entry points, found by the real machinery."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent, indent
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from cratedig._plugins.entry import Entry
from cratedig._plugins.entrypoints import installed

Ship = Callable[..., None]

TEMPLATE = """
import asyncio
from cratedig import RawSearchResult, SourceInfo, hookimpl

class Source:
    def __init__(self, context):
        self.context = context

    @hookimpl
    def source_info(self):
        return SourceInfo(name={name!r}, display_name={name!r}, contract_version="1.0")

    @hookimpl
    def is_configured(self):
        return True

    @hookimpl
    async def check_connection(self):
        return True

    @hookimpl
    async def search_raw(self, query):
        return [RawSearchResult(target_id="1", title=query)]

    @hookimpl
    async def download_raw(self, target_id, dest_dir, progress):
        raise NotImplementedError

{more}
"""


@pytest.fixture
def ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ship]:
    """Install a distribution with one source: ``ship("name", more="…", top="…")``.

    ``more`` goes into the class (later definitions win), ``top`` in front of everything, ``version`` and
    ``dist`` name the distribution.
    """
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    modules: list[str] = []

    def make(
        name: str, *, more: str = "", top: str = "", version: str = "1.2.3", dist: str = "", value: str = ""
    ) -> None:
        dist = dist or f"cratedig-{name}"
        module = f"throwaway_{dist.replace('-', '_')}"
        modules.append(module)
        code = dedent(top) + TEMPLATE.format(name=name, more=indent(dedent(more), "    "))
        (site / f"{module}.py").write_text(code)
        info = site / f"{dist.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(
            f"[cratedig.sources]\n{name} = {value or f'{module}:Source'}\n"
        )

    yield make
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """What a source waits at while it is imported: ``ship("name", top=gate.closed)``."""
    made = SimpleNamespace(reached=Event(), opened=Event())
    made.closed = "import throwaway_gate as gate; gate.reached.set(); gate.opened.wait()"
    monkeypatch.setitem(sys.modules, "throwaway_gate", made)
    yield made
    made.opened.set()


@pytest.fixture(autouse=True)
def _only_throwaways(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sources that happen to be installed on this machine are not part of these tests."""
    monkeypatch.setattr("cratedig._engine.engine.installed", _throwaways)


def _throwaways() -> list[Entry]:
    return [entry for entry in installed() if _value(entry).startswith(("throwaway_", "no_such"))]


def _value(entry: Entry) -> str:
    point: Any = entry.load
    return str(point.__self__.value)
