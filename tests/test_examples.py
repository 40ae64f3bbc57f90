"""The examples run as they stand, and the tutorial shows nothing but tested code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from cratedig_emulators.archive import ArchiveEmulator

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
SOURCE = EXAMPLES / "cratedig-source-example"
TUTORIAL = ROOT / "docs" / "writing-a-source.md"


def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to which the example's wheel is unpacked, as pip does it."""
    folder = tmp_path_factory.mktemp("installed")
    done = run("-m", "uv", "build", "--wheel", "--no-build-isolation", "--out-dir", folder, SOURCE)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Path]:
    """Settings in which an emulated Internet Archive is the only source that is on."""
    others = {source.name for source in entry_points(group="cratedig.sources")} - {"archive"}
    with ArchiveEmulator() as archive:
        lines = [f"[sources.{name}]\nenabled = false\n" for name in sorted(others)]
        lines += [f'[sources.archive]\nbase_url = "{archive.base_url}"\nrequests_per_period = 1000\n']
        path = tmp_path / "settings.toml"
        path.write_text("".join(lines), encoding="utf-8")
        yield path


def test_the_asyncio_host_gets_two_tracks_at_once(settings: Path, tmp_path: Path) -> None:
    """Two wishes, two files, and a line for each change of state."""
    done = run(
        EXAMPLES / "asyncio_host.py",
        "The Brass Lanterns - Copper Rain",
        "The Brass Lanterns - Depot Lullaby",
        "--into",
        tmp_path / "music",
        CRATEDIG_CONFIG=str(settings),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = sorted(path.name for path in (tmp_path / "music").iterdir())
    assert files == ["The Brass Lanterns - Copper Rain.flac", "The Brass Lanterns - Depot Lullaby.flac"]
    assert done.stdout.count("Completed") == 2


def test_the_blocking_host_gets_what_was_picked(settings: Path, tmp_path: Path) -> None:
    """The list, the progress, the file."""
    done = run(
        EXAMPLES / "blocking_host.py",
        "The Brass Lanterns - Copper Rain",
        "--into",
        tmp_path / "music",
        CRATEDIG_CONFIG=str(settings),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1. The Brass Lanterns - Copper Rain (FLAC" in done.stdout
    assert "Completed 100 %" in done.stdout
    assert [path.suffix for path in (tmp_path / "music").iterdir()] == [".flac"]


def test_the_blocking_host_says_when_there_is_nothing(settings: Path, tmp_path: Path) -> None:
    """A search without a result is no crash."""
    done = run(EXAMPLES / "blocking_host.py", "zqxwv jjkqz", CRATEDIG_CONFIG=str(settings))
    assert (done.returncode, done.stdout, done.stderr) == (1, "nothing to pick\n", "")


@pytest.mark.timeout(180)
def test_the_example_source_keeps_the_contract(installed: Path) -> None:
    """Its own tests pass, with its wheel on the path and nothing of its folder."""
    done = run("-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", SOURCE, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert re.search(r"4\d passed", done.stdout)
    left_out = {
        line.partition("checks/")[2].partition(".")[0] for line in re.findall("SKIPPED.*", done.stdout)
    }
    assert left_out <= {"diagnosis", "login", "handing", "transfers"}, "only what it does not claim to have"


def test_an_engine_finds_the_example_source(installed: Path) -> None:
    """Installed beside the others, it is listed with what it is missing."""
    program = (
        "from cratedig import DownloadEngine;"
        "status = {s.name: s for s in DownloadEngine.open({}).sources()}['example'];"
        "print(status.display_name, '|', status.state, '|', status.distribution)"
    )
    done = run("-c", program, PYTHONPATH=str(installed))
    assert done.stdout.strip() == "Papershelf | not configured | cratedig-source-example"


def blocks() -> list[str]:
    """Every block of code of the tutorial."""
    return re.findall(
        r"^```(?:python|py|toml)\n(.*?)^```$", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def test_the_tutorial_shows_tested_code() -> None:
    """Each block stands word for word in a file of the example."""
    files = [
        path.read_text(encoding="utf-8") for path in SOURCE.rglob("*") if path.suffix in {".py", ".toml"}
    ]
    strange = [block for block in blocks() if not any(block in text for text in files)]
    assert strange == []
    assert len(blocks()) >= 5


def test_the_tutorial_shows_the_whole_source() -> None:
    """Nothing that is needed is left out."""
    text = (SOURCE / "src" / "cratedig_example" / "__init__.py").read_text(encoding="utf-8")
    for block in blocks():
        text = text.replace(block, "")
    assert text.strip() == ""
