"""What the page on Tidal tells people to do, done with the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from cratedig_emulators.tidal import TidalEmulator

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(service: TidalEmulator, tmp_path: Path) -> Command:
    """`cratedig`, in a home of its own, with nothing set but where the emulated service is."""
    lines = [f'{key} = "{address}"' for key, address in service.addresses().items()]
    settings = tmp_path / "settings.toml"
    text = "\n".join(["[engine]", f'download_dir = "{tmp_path / "music"}"', "[sources.tidal]", *lines])
    settings.write_text(text, encoding="utf-8")
    homes = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    environment = {**os.environ, **dict.fromkeys(homes, str(tmp_path)), "CRATEDIG_CONFIG": str(settings)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-c", "from cratedig._cli.main import main; main()", *words]
        return subprocess.run(
            program, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=40
        )

    return run


def test_doctor_login_search_get(command: Command, service: TidalEmulator, tmp_path: Path) -> None:
    """From nothing but the installed source to a file that plays, without a secret on the screen."""
    before = command("doctor", "tidal")
    assert before.returncode != 0
    assert "nobody is logged in" in before.stdout
    assert "cratedig login tidal" in before.stdout

    login = command("login", "tidal")
    assert login.returncode == 0, login.stderr
    assert "https://link.tidal.example/" in login.stderr
    assert "Logged in to tidal." in login.stdout

    after = command("doctor", "tidal")
    assert after.returncode == 0, after.stdout
    assert "its service answers" in after.stdout

    found = command("search", "Copper Rain", "--source", "tidal")
    assert "The Brass Lanterns" in found.stdout

    got = command("get", "1", "-vv")
    assert got.returncode == 0, got.stderr
    [file] = (tmp_path / "music").rglob("*.flac")
    with av.open(str(file)) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == 16 * 96000

    screens = "".join(one.stdout + one.stderr for one in (before, login, after, found, got))
    assert [secret for secret in service.accounts.secrets if secret in screens] == []


def test_login_in_json_is_one_document(command: Command) -> None:
    """A script reads one document from stdout; what a person has to do is on stderr."""
    login = command("login", "tidal", "--json")
    told: Any = json.loads(login.stdout)
    assert told == {"source": "tidal", "logged_in": True}


def test_login_to_a_source_without_one_is_explained(command: Command) -> None:
    """A source that works by its settings says so; a name that nobody has is told to be unknown."""
    assert "by its settings alone" in command("login", "archive").stderr
    assert "gramophone" in command("login", "gramophone").stderr
