"""An empty home, the real command in processes of its own, and services for it to talk to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from cratedig_emulators.archive import ArchiveEmulator
from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Album, Catalogue, Track

COMMAND = Path(sys.executable).parent / "cratedig"
INSTALLED = sorted(point.name for point in entry_points(group="cratedig.sources"))
ARTIST = "The Paper Cranes"
NAMES = ("One Lamp", "Two Rivers", "Three Bells", "Four Doors", "Five Winters",
         "Six Strings", "Seven Ferries", "Eight Clocks", "Nine Orchards", "Ten Letters")  # fmt: skip
TEN = Album.of(ARTIST, "Counting Out", 2020, NAMES, registrant="CT1")


@define
class Shell:
    """A person at a terminal: a home, and the command."""

    home: Path
    extra: dict[str, str] = field(factory=dict)

    @property
    def music(self) -> Path:
        """Where files are published to."""
        return self.home / "music"

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.home / "state"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the machine's own settings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CRATEDIG_", "XDG_", "COVERAGE"))}
        home = {"HOME": str(self.home), "CRATEDIG_CONFIG": str(self.home / "config.toml")}
        return kept | home | {"COLUMNS": "200"} | self.extra

    def configure(self, sources: Mapping[str, Mapping[str, Any]], **engine: Any) -> None:
        """Write the settings; a source that is not named is switched off, so that no real host is asked."""
        engine = {"download_dir": str(self.music), "state_dir": str(self.state), **engine}
        off: dict[str, Mapping[str, Any]] = {name: {"enabled": False} for name in INSTALLED}
        lines = ["[engine]", *(f"{key} = {json.dumps(value)}" for key, value in engine.items())]
        for name, settings in {**off, **sources}.items():
            lines += [f"[sources.{name}]", *(f"{key} = {json.dumps(v)}" for key, v in settings.items())]
        (self.home / "config.toml").write_text("\n".join(lines), encoding="utf-8")

    def run(self, *arguments: str, timeout: float = 40.0) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def json(self, *arguments: str, code: int | None = 0) -> Any:
        """What the command prints with ``--json``, when it ends with ``code``."""
        done = self.run(*arguments, "--json")
        assert code in (None, done.returncode), done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command and leave it running."""
        return subprocess.Popen(
            [COMMAND, *arguments],
            env=self.environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def downloads(self) -> list[Any]:
        """All records."""
        found: list[Any] = self.json("downloads")["downloads"]
        return found

    def files(self) -> list[str]:
        """Everything in the download folder, hidden things included."""
        return sorted(path.name for path in self.music.iterdir()) if self.music.exists() else []


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A home with every source switched off."""
    made = Shell(tmp_path)
    made.configure({})
    return made


@pytest.fixture
def collect(tmp_path: Path, shell: Shell) -> Callable[[Sequence[Track]], Path]:
    """Fill a folder with music, and have the folder source know it."""

    def fill(tracks: Sequence[Track]) -> Path:
        folder = tmp_path / "collection"
        folder.mkdir()
        for track in tracks:
            data = make_audio(track, codec="mp3", bitrate=128, seconds=2)
            (folder / f"{track.number:02}.mp3").write_bytes(data)
        shell.configure({"folder": {"paths": [str(folder)]}})
        return folder

    return fill


@pytest.fixture
def archive(shell: Shell) -> Iterator[ArchiveEmulator]:
    """An Internet Archive that has the ten tracks; it is the only source."""
    with ArchiveEmulator(catalogue=Catalogue((TEN,))) as service:
        settings = {"base_url": service.base_url, "requests_per_period": 1000, "period": 1.0}
        shell.configure({"archive": settings}, retries=1)
        yield service


@pytest.fixture
def ten(shell: Shell, archive: ArchiveEmulator) -> list[str]:
    """The keys of the ten tracks, all of them in the last search."""
    found = shell.json("search", ARTIST)["results"]
    every = [f"{one['source']}:{one['target_id']}" for row in found for one in (row, *row["alternates"])]
    album = sorted(key for key in every if key.startswith("archive:the-paper-cranes-counting-out/"))
    assert len(album) == len(NAMES)
    return album


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., None]:
    """Wait until something is so."""
    return until
