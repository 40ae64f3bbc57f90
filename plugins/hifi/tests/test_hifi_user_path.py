"""The way of a person, with the real command: settings, doctor, search, get."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import av
import pytest

from cratedig_emulators.hifi import HifiEmulator, Preview, Recipe

PASSWORD = f"planted-{uuid4()}@"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def services() -> Iterator[list[HifiEmulator]]:
    """A parked one, one with previews, and one with a login that works."""
    first, second, third = HifiEmulator(), HifiEmulator(), HifiEmulator(login=("me", PASSWORD))
    second.default = Recipe(preview=Preview.FLAGGED)
    for service in (first, second, third):
        service.start()
    first.kill()
    yield [first, second, third]
    for service in (second, third):
        service.stop()


@pytest.fixture
def run(tmp_path: Path, services: list[HifiEmulator]) -> Run:
    """Run the command as somebody with an empty home whose settings have the three instances."""
    parked, previews, guarded = (service.base_url for service in services)
    guarded = guarded.replace("://", f"://me:{quote(PASSWORD, safe='')}@")
    home = tmp_path / "home"
    home.mkdir()
    config = tmp_path / "cratedig.toml"
    config.write_text(
        f'[sources.hifi]\ninstances = [\n    "{parked}",\n    "{previews}",\n    "{guarded}",\n]\n'
    )
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "LANG", "SYSTEMROOT"}}
    env = {**kept, "HOME": str(home), "CRATEDIG_CONFIG": str(config)}
    command = str(Path(sys.executable).with_name("cratedig"))

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [command, *words], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False
        )
        assert PASSWORD not in done.stdout + done.stderr
        assert quote(PASSWORD, safe="") not in done.stdout + done.stderr
        return done

    return call


def test_doctor_search_get(run: Run, tmp_path: Path, services: list[HifiEmulator]) -> None:
    """The list works although two of its three instances do not, and the file plays."""
    doctor = run("doctor", "hifi")
    assert doctor.returncode == 0
    assert "its service answers" in doctor.stdout
    found = json.loads(run("search", "--source", "hifi", "--json", "copper rain").stdout)
    assert found["results"][0]["key"] == f"hifi:{services[2].find('Copper Rain').id}"
    got = run("get", "--source", "hifi", "--dest", "music", "Brass Lanterns - Copper Rain")
    assert got.returncode == 0, got.stderr
    (file,) = (tmp_path / "music").glob("*.flac")
    with av.open(str(file), "r") as container:
        # Hi-res, out of the segments of an MP4 file.
        assert sum(frame.samples for frame in container.decode(audio=0)) == 16 * 96000
    shown = run("config")
    assert "instances" in shown.stdout


def test_doctor_says_what_is_missing(run: Run, tmp_path: Path) -> None:
    """Without an instance the source is not configured, and the setting is named with an example."""
    (tmp_path / "cratedig.toml").write_text("")
    done = run("doctor", "hifi")
    assert done.returncode != 0
    assert "no instance is set" in done.stdout
    assert 'instances = ["http://127.0.0.1:8000"]' in done.stdout


def test_wrong_address_is_refused_without_being_shown(run: Run, tmp_path: Path) -> None:
    """File and key are named; the address, which may hold a password, is not."""
    (tmp_path / "cratedig.toml").write_text(f'[sources.hifi]\ninstances = ["me:{PASSWORD}@music"]\n')
    done = run("search", "--source", "hifi", "x")
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert "instances: number 1 is no address" in said
