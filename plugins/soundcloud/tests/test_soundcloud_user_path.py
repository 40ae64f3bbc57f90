"""The way of docs/sources/soundcloud.md: settings, doctor, search, get, with the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from uuid import uuid4

import pytest

from cratedig_emulators.catalogue import Track
from cratedig_emulators.soundcloud import Policy, SoundCloudEmulator, of_track
from cratedig_emulators.soundcloud.media import streamed

COMMAND = Path(sys.executable).with_name("cratedig")
OTHERS = sorted({point.name for point in entry_points(group="cratedig.sources")} - {"soundcloud"})
LONG = Track(artist="Zed Quill", title="Long One", seconds=45)


class Shell:
    """A home with a settings file, and the command; everything that it prints is kept."""

    def __init__(self, home: Path, sc: SoundCloudEmulator) -> None:
        self.home = home
        self.sc = sc
        self.printed = ""

    def write(self, *lines: str) -> None:
        """Write the settings file, with ``lines`` in the source's section."""
        text = [
            "[engine]",
            f"download_dir = {json.dumps(str(self.home / 'music'))}",
            f"state_dir = {json.dumps(str(self.home / 'state'))}",
            "retries = 0",
            *(line for name in OTHERS for line in (f"[sources.{name}]", "enabled = false")),
            "[sources.soundcloud]",
            f"proxy = {json.dumps(self.sc.proxy_url)}",
            "verify_tls = false",
            *lines,
        ]
        (self.home / "config.toml").write_text("\n".join(text), encoding="utf-8")

    def run(self, *arguments: str, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
        """What the command prints when it ends with ``code``."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CRATEDIG_", "XDG_", "COVERAGE"))}
        own = {"HOME": str(self.home), "CRATEDIG_CONFIG": str(self.home / "config.toml"), "COLUMNS": "200"}
        done = subprocess.run(
            [COMMAND, *arguments],
            env={**kept, **own, **(variables or {})},
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        self.printed += done.stdout + done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def shell(sc: SoundCloudEmulator, tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path, sc)
    yield made
    assert sc.oauth_token not in made.printed
    assert sc.client_id not in made.printed


def test_from_nothing_to_a_file(shell: Shell) -> None:
    """Without a login: doctor finds all well, search shows the track, get brings it."""
    shell.write()
    assert "its service answers" in shell.run("doctor", "soundcloud")
    found = shell.run("search", "The Brass Lanterns - Copper Rain", "--source", "soundcloud", "-vv")
    assert "Copper Rain" in found
    got = json.loads(shell.run("get", "The Brass Lanterns - Copper Rain", "--json"))
    assert [one["state"] for one in got["downloads"]] == ["Completed"]
    (file,) = (shell.home / "music").iterdir()
    assert file.name == "The Brass Lanterns - Copper Rain.m4a"
    assert file.read_bytes() == streamed(shell.sc.sound("Copper Rain"), "aac_160k")


def test_a_subscription_through_the_environment(shell: Shell) -> None:
    """A guest is told what a Go+ track takes; with the token it comes whole."""
    sound = shell.sc.plant(of_track(LONG, policy=Policy.SNIP, streams=("aac_256k", "mp3")))
    shell.write()
    shell.run("get", f"soundcloud:{sound.id}", code=1)
    assert "Go+" in shell.printed
    shell.run(
        "get", f"soundcloud:{sound.id}", variables={"CRATEDIG_SOUNDCLOUD__OAUTH_TOKEN": shell.sc.oauth_token}
    )
    (file,) = (shell.home / "music").iterdir()
    assert file.read_bytes() == streamed(sound, "aac_256k")


def test_a_pasted_address_is_downloaded(shell: Shell) -> None:
    """As it stands in the browser, as a target of the source."""
    sound = shell.sc.sound("Glasshouse")
    shell.write(f"oauth_token = {json.dumps(shell.sc.oauth_token)}")
    shell.run("config")
    shell.run("get", f"soundcloud:{sound.permalink}", "-vv")
    (file,) = (shell.home / "music").iterdir()
    assert file.name == "Mira Oldenburg - Glasshouse.m4a"


def test_doctor_tells_a_dead_login(shell: Shell) -> None:
    """The message says what to do, and does not show the value."""
    dead = f"planted-{uuid4()}"
    shell.write(f"oauth_token = {json.dumps(dead)}")
    assert "cookie `oauth_token` again" in shell.run("doctor", "soundcloud", code=1)
    assert dead not in shell.printed


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('oauth_token = "planted token"', "oauth_token: expected"),
        ("search_results = 0", "search_results"),
        ('oath_token = "x"', "oath_token"),
    ],
)
def test_wrong_values_are_named(shell: Shell, line: str, words: str) -> None:
    """A value that cannot be is an error that names its key and not the secret."""
    shell.write(line)
    shell.run("doctor", "soundcloud", "--offline", code=3)
    assert words in shell.printed
    assert "planted token" not in shell.printed
