"""Wheels of every distribution, and environments that have nothing but them: each is made once for a run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from uv import find_uv_bin

ROOT = Path(__file__).parents[2]
PINS = ROOT / "constraints.txt"


def uv(*arguments: str | Path) -> None:
    """Run uv, which resolves and installs in a tenth of pip's time; what it says is in the failure."""
    done = subprocess.run([find_uv_bin(), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@frozen
class Environment:
    """A virtual environment that has only wheels in it."""

    folder: Path

    def program(self, name: str) -> Path:
        """Return the path of a command that is installed in it."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin") / name

    def run(self, name: str, *arguments: str) -> str:
        """Run one of its commands far from this repository, in an empty home, and return what it prints."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        unwanted = ("PYTHON", "COV", "CRATEDIG", "XDG_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
        command = [str(self.program(name)), *arguments]
        env = kept | {"HOME": str(home)}
        outcome = subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, check=False)
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout

    def python(self, code: str) -> Any:
        """Run code that prints JSON."""
        return json.loads(self.run("python", "-W", "error", "-c", code))


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a wheel of every distribution, each built by way of its source archive."""
    folder = tmp_path_factory.mktemp("wheels")
    uv("build", "--quiet", "--all-packages", "--build-constraints", PINS, "--out-dir", folder)
    return folder


def environment(folder: Path, wheels: Path, *requirements: str) -> Environment:
    """Make a virtual environment: our distributions from their wheels, everything else as pinned."""
    made = Environment(folder)
    uv("venv", "--quiet", folder)
    uv("pip", "install", "--python", made.program("python"), "-f", wheels, "-c", PINS, *requirements)
    return made


@pytest.fixture(scope="session")
def core_alone(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Environment:
    """Return an environment in which installing `cratedig` was all that happened."""
    return environment(tmp_path_factory.mktemp("alone") / "venv", wheels, "cratedig")


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Environment:
    """Return an environment with every distribution of the workspace and the command line."""
    folder = tmp_path_factory.mktemp("everything") / "venv"
    names = [wheel.name.partition("-")[0] for wheel in sorted(wheels.glob("*.whl"))]
    return environment(folder, wheels, "cratedig[cli]", *names)
