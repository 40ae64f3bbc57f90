"""What every distribution of the workspace has in common, so that a new one cannot forget it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(
    path.parent for pattern in ("*", "plugins/*") for path in ROOT.glob(f"{pattern}/pyproject.toml")
)
PLUGINS = [folder for folder in FOLDERS if folder.parent.name == "plugins"]
every_distribution = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def read(folder: Path) -> dict[str, Any]:
    """Return a folder's pyproject.toml."""
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


@every_distribution
def test_a_distribution_carries_the_licence(folder: Path) -> None:
    """The licence is the same text everywhere, because a wheel can only take what is in its own folder."""
    assert (folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert read(folder)["project"]["license"] == "MIT"


@every_distribution
def test_a_distribution_says_what_it_is(folder: Path) -> None:
    """Description, README and the Python that it needs are there."""
    project = read(folder)["project"]
    assert project["description"].endswith(".")
    assert project["requires-python"] == ">=3.11"
    assert (folder / project["readme"]).read_text(encoding="utf-8").startswith(f"# {project['name']}\n")


@every_distribution
def test_a_distribution_is_typed_and_tested(folder: Path) -> None:
    """The package carries its types; its tests stand beside it, outside of the wheel."""
    assert len(list(folder.glob("src/*/py.typed"))) == 1
    assert list(folder.glob("tests/**/test_*.py"))


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_a_plugin_is_named_after_its_folder(folder: Path) -> None:
    """Folder, distribution, package and entry point tell the same name; the workspace knows it."""
    project, workspace = read(folder)["project"], read(ROOT)
    assert project["name"] == f"cratedig-{folder.name}"
    assert project["entry-points"]["cratedig.sources"] == {folder.name: f"cratedig_{folder.name}:Source"}
    assert workspace["tool"]["uv"]["sources"][project["name"]] == {"workspace": True}
    assert project["name"] in workspace["dependency-groups"]["dev"]


def test_the_pins_name_versions_and_no_place() -> None:
    """Constraints work behind any mirror: no address, no digest, no option, none of our own."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.lstrip().startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[\w.!+]+( ; .+)?", pin)] == []
    assert [pin for pin in pins if pin.startswith("cratedig") or "://" in pin] == []


def test_every_runtime_dependency_is_pinned() -> None:
    """A dependency without a pin would make two builds of one commit differ."""
    pinned = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    wanted = {
        re.split(r"[^\w-]", item)[0] for folder in FOLDERS for item in requirements(read(folder)["project"])
    }
    assert sorted(name for name in wanted if not name.startswith("cratedig") and name not in pinned) == []


def requirements(project: dict[str, Any]) -> list[str]:
    """Return what a distribution asks for, extras included."""
    extras: dict[str, list[str]] = project.get("optional-dependencies", {})
    return [*project.get("dependencies", []), *(item for extra in extras.values() for item in extra)]
