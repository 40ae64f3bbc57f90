"""An empty home, the real command in processes of its own, and services for it to talk to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from core.tests.fakes import blocking_until

from cratedig_emulators.archive import ArchiveEmulator
from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Album, Catalogue, Track

COMMAND = Path(sys.executable).parent / "cratedig"
INSTALLED = sorted(point.name for point in entry_points(group="cratedig.sources"))
ARTIST = "The Paper Cranes"
NAMES = ("One Lamp", "Two Rivers", "Three Bells", "Four Doors", "Five Winters",
         "Six Strings", "Seven Ferries", "Eight Clocks", "Nine Orchards", "Ten Letters")  # fmt: skip
TEN = Album.of(ARTIST, "Counting Out", 2020, NAMES, registrant="CT1")


class Forks:
    """Processes that begin with everything imported: see ``cli_server.py``."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("cli_server.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")},
        )

    def ask(self, **request: Any) -> Any:
        """What the server answers."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())

    def close(self) -> None:
        """End the server."""
        self._server.communicate()


class Forked:
    """As much of a ``Popen`` as the tests use."""

    returncode: int | None = None

    def __init__(self, forks: Forks, arguments: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self._forks = forks
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._said = [Path(self._folder.name, name) for name in ("out", "err")]
        for path in self._said:
            path.touch()
        out, err = map(str, self._said)
        self.pid = int(forks.ask(argv=arguments, env=dict(env), cwd=str(cwd), out=out, err=err))

    def poll(self) -> int | None:
        """The exit code, once it has ended."""
        if self.returncode is None:
            self.returncode = self._forks.ask(ask=self.pid)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it, if there is somebody to get it."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self) -> tuple[str, str]:
        """Wait for its end; what it said. The limit of a test ends what hangs."""
        blocking_until(lambda: self.poll() is not None, 3600)
        out, err = (path.read_text(encoding="utf-8") for path in self._said)
        return out, err

    def end(self) -> None:
        """Leave nothing behind."""
        self.send_signal(signal.SIGKILL)
        self.communicate()
        self._folder.cleanup()


@define
class Shell:
    """A person at a terminal: a home, and the command."""

    home: Path
    forks: Forks | None = None
    """Where processes come from; without it, each is started anew."""
    extra: dict[str, str] = field(factory=dict)
    started: list[Any] = field(factory=list)

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
        places = {"download_dir": str(self.music), "state_dir": str(self.state)}
        engine = {**places, "search_timeout": 600, **engine}
        off: dict[str, Mapping[str, Any]] = {name: {"enabled": False} for name in INSTALLED}
        lines = ["[engine]", *(f"{key} = {json.dumps(value)}" for key, value in engine.items())]
        for name, settings in {**off, **sources}.items():
            lines += [f"[sources.{name}]", *(f"{key} = {json.dumps(v)}" for key, v in settings.items())]
        (self.home / "config.toml").write_text("\n".join(lines), encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        process = self.start(*arguments)
        out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, *arguments: str, code: int | None = 0) -> Any:
        """What the command prints with ``--json``, when it ends with ``code``."""
        done = self.run(*arguments, "--json")
        assert code in (None, done.returncode), done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str) -> Any:
        """Start the command and leave it running, until the test ends."""
        # Another path to modules is for another interpreter.
        if self.forks is not None and "PYTHONPATH" not in self.extra:
            process: Any = Forked(self.forks, arguments, self.environment, self.home)
        else:
            process = subprocess.Popen(
                [COMMAND, *arguments],
                env=self.environment,
                cwd=self.home,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        self.started.append(process)
        return process

    def close(self) -> None:
        """End what still runs."""
        for process in self.started:
            if isinstance(process, Forked):
                process.end()
            else:
                process.kill()
                process.communicate()

    def downloads(self) -> list[Any]:
        """All records."""
        found: list[Any] = self.json("downloads")["downloads"]
        return found

    def files(self) -> list[str]:
        """Everything in the download folder, hidden things included."""
        return sorted(path.name for path in self.music.iterdir()) if self.music.exists() else []


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks | None]:
    """Where there is such a thing, processes that begin with everything imported."""
    made = Forks() if hasattr(os, "fork") else None
    yield made
    if made is not None:
        made.close()


@pytest.fixture
def shell(tmp_path: Path, forks: Forks | None) -> Iterator[Shell]:
    """A home with every source switched off."""
    made = Shell(tmp_path, forks)
    made.configure({})
    yield made
    made.close()


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


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait until something is so."""
    return blocking_until
