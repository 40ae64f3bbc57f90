"""The wheels: what is in them, what installing them brings along, and that they run without this folder."""

from __future__ import annotations

import email
import email.message
import json
import subprocess
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = [
    tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"]
    for pattern in ("*", "plugins/*")
    for path in sorted(ROOT.glob(f"{pattern}/pyproject.toml"))
]
ALLOWED_IN_CORE = {
    "attrs",
    "httpx",
    "importlib-metadata",
    "mutagen",
    "pluggy",
    "pyrate-limiter",
    "rapidfuzz",
    "typed-settings",
}
TREE = """
import importlib.metadata as metadata, json, re
def plain(text):
    return re.sub(r"[._-]+", "-", re.match(r"[A-Za-z0-9._-]+", text)[0]).lower()
def needs(name):
    return [plain(item) for item in metadata.requires(name) or [] if "extra ==" not in item]
print(json.dumps({plain(item.name): needs(item.name) for item in metadata.distributions()}))
"""
LOADED = "import json, sys, cratedig; print(json.dumps(sorted(sys.modules)))"


def opened(wheels: Path, name: str) -> tuple[list[str], email.message.Message]:
    """Return the file names and the metadata of a distribution's wheel."""
    (wheel,) = wheels.glob(f"{name.replace('-', '_')}-[0-9]*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.namelist(), email.message_from_bytes(archive.read(metadata))


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_wheel_has_licence_types_and_no_tests(wheels: Path, name: str) -> None:
    """One package, typed, with its licence; tests, caches and the workspace's files stay outside."""
    files, metadata = opened(wheels, name)
    package = name.replace("-", "_")
    assert f"{package}/py.typed" in files
    assert {file.split("/")[0] for file in files if ".dist-info/" not in file} == {package}
    assert [file for file in files if file.endswith(".dist-info/licenses/LICENSE")]
    assert (metadata["License-Expression"], metadata["License-File"]) == ("MIT", "LICENSE")


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_metadata_of_a_wheel_introduce_it(wheels: Path, name: str) -> None:
    """Name, summary, Python and a README are what a package page shows."""
    _, metadata = opened(wheels, name)
    assert (metadata["Name"], metadata["Requires-Python"]) == (name, ">=3.11")
    assert metadata["Summary"]
    assert str(metadata.get_payload()).startswith(f"# {name}\n")


def test_core_brings_only_what_is_agreed(core_alone: Any) -> None:
    """Nothing is installed but cratedig, the agreed libraries and what these need."""
    tree: dict[str, list[str]] = core_alone.python(TREE)
    assert set(tree["cratedig"]) <= ALLOWED_IN_CORE
    assert set(tree) <= closure(tree, ALLOWED_IN_CORE) | {"cratedig"}


def closure(tree: dict[str, list[str]], roots: set[str]) -> set[str]:
    """Return the roots and everything that they lead to."""
    reached: set[str] = set()
    while ahead := roots - reached:
        reached |= ahead
        roots = {need for name in ahead for need in tree.get(name, [])}
    return reached


@pytest.mark.parametrize("where", ["core_alone", "everything"])
def test_importing_the_library_loads_no_plugin(where: str, request: pytest.FixtureRequest) -> None:
    """`import cratedig` loads no source, no command line and no heavy library, whatever is installed."""
    loaded: list[str] = request.getfixturevalue(where).python(LOADED)
    heavy = {
        "click",
        "httpx",
        "mutagen",
        "pyrate_limiter",
        "rapidfuzz",
        "rich",
        "sqlite3",
        "typed_settings",
        "yt_dlp",
    }
    assert heavy & set(loaded) == set()
    assert [name for name in loaded if name.startswith(("cratedig_", "cratedig._cli"))] == []


def test_the_library_runs_without_the_command_line(core_alone: Any) -> None:
    """A host that installs `cratedig` alone opens and closes an engine, and finds no source."""
    code = """
import asyncio, json, cratedig
async def main():
    async with cratedig.DownloadEngine.open() as engine:
        print(json.dumps([str(source) for source in engine.sources()]))
asyncio.run(main())
"""
    assert core_alone.python(code) == []


def test_the_command_runs_from_wheels(everything: Any) -> None:
    """The command says its version and finds every source of the workspace by its entry point."""
    project = tomllib.loads((ROOT / "core/pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] in everything.run("cratedig", "--version")
    listed = everything.run("cratedig", "sources", "--json")
    json.loads(listed)
    plugins = {path.parent.name for path in ROOT.glob("plugins/*/pyproject.toml")}
    assert [name for name in plugins if f'"{name}"' not in listed] == []


def test_the_command_without_its_extra_says_how_to_get_it(core_alone: Any) -> None:
    """The command is an extra; without it, one sentence names the install command, and no traceback comes."""
    outcome = subprocess.run([core_alone.program("cratedig")], capture_output=True, text=True, check=False)
    assert outcome.returncode != 0
    assert "cratedig[cli]" in outcome.stderr
    assert "Traceback" not in outcome.stderr
