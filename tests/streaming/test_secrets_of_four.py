"""No secret of four services can be read in anything that a whole life of theirs leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cratedig_contracts import leaks, written
from cratedig_emulators.server import Fault

PROGRAM = Path(__file__).with_name("whole_life.py")
COMMAND = """
import logging, sys
logging.basicConfig(filename=sys.argv.pop(1), level=logging.NOTSET, format="%(name)s %(message)s %(args)r")
from cratedig._cli.main import main
main()
"""
API = ("/ajax/*", "/search*", "/track/*", "/v1/*", "/api.json/*", "/info/", "/auth/*")


def toml(tree: Mapping[str, Any]) -> str:
    """Settings as a file."""
    sections = {"engine": tree["engine"], **{f"sources.{name}": own for name, own in tree["sources"].items()}}
    return "\n".join(
        line
        for name, own in sections.items()
        for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in own.items()))
    )


class Life:
    """A folder with settings, programs that run in it, and all that they have said."""

    def __init__(self, folder: Path, tree: Mapping[str, Any]) -> None:
        self.folder = folder
        self.settings = folder / "private" / "cratedig.toml"
        self.settings.parent.mkdir()
        self.settings.write_text(toml(tree), encoding="utf-8")
        self.settings.chmod(0o600)
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.said: dict[str, str] = {}
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CRATEDIG_", "XDG_", "COVERAGE"))}
        homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"), str(folder))
        self.environment = {**kept, **homes, "CRATEDIG_CONFIG": str(self.settings), "COLUMNS": "400"}

    def command(self, *words: str, **more: str) -> str:
        """Run `cratedig` with everything logged; what it prints."""
        log = self.logs / f"command{len(self.said)}.log"
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, str(log), *words],
            env={**self.environment, **more},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.said[f"{len(self.said)} {' '.join(words)}"] = done.stdout + done.stderr
        return done.stdout

    def program(self, targets: Mapping[str, str], phases: Mapping[str, Callable[[], object]]) -> None:
        """Run the host program, with each phase set up before it does everything again."""
        arguments = [self.settings, self.folder / "journal.db", self.logs / "program.log"]
        out = self.logs / "program.out"
        with out.open("w") as stdout, (self.logs / "program.err").open("w+") as stderr:
            process = subprocess.Popen(
                [sys.executable, PROGRAM, *arguments, *(f"{key}={value}" for key, value in targets.items())],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert process.stdin is not None
            assert process.stderr is not None
            with process:
                for name, set_up in phases.items():
                    set_up()
                    process.stdin.write(f"{name}\n")
                    process.stdin.flush()
                    for line in process.stderr:
                        stderr.write(line)
                        if line.startswith("did "):
                            break
                process.stdin.close()
                stderr.write(process.stderr.read())
        assert process.returncode == 0, (self.logs / "program.err").read_text()[-3000:]

    def left(self) -> dict[str, object]:
        """All of it: what was printed, logged, kept and published, but the settings themselves."""
        files = {name: text for name, text in written(self.folder).items() if not name.startswith("private/")}
        return {**self.said, **files}


@pytest.fixture
def life(tree: Mapping[str, Any], tmp_path: Path) -> Life:
    return Life(tmp_path, tree)


@pytest.fixture
def secrets(four: Any) -> Iterator[set[str]]:
    """The secrets as they are made up; those of before a renewal stay in it."""
    known: set[str] = set()
    yield known
    known |= four.secrets()


def phases_of(four: Any, secrets: set[str]) -> dict[str, Callable[[], object]]:
    """What happens to the services, one after the other."""

    def faults(fault: Fault, *globs: str) -> Callable[[], object]:
        def plant() -> None:
            secrets.update(four.secrets())
            four.well()
            for service in four.all:
                for glob in globs:
                    service.fault(glob, fault)

        return plant

    def expire() -> None:
        faults(Fault())()
        four.deezer.sessions.end_sessions()
        four.deezer.sessions.end_licenses()
        four.tidal.accounts.expire()
        four.qobuz.expire()

    def revoke() -> None:
        faults(Fault())()
        four.deezer.revoke()
        four.qobuz.expire()
        four.tidal.accounts.revoke()
        four.hifi.login = (four.user, f"planted-{uuid4()}")

    return {
        "all is well": faults(Fault()),
        "three in trouble": lambda: (faults(Fault())(), four.trouble()),
        "logins expire": expire,
        "refused": faults(Fault(status=401), *API),
        "forbidden bytes": faults(Fault(status=403), "/m*/*", "/file"),
        "pages": faults(Fault(html=True), *API),
        "half of JSON": faults(Fault(status=400, body=b'{"a'), *API),
        "out of order": faults(Fault(status=500), *API),
        "cut": faults(Fault(reset=True), "*"),
        "logged out": revoke,
    }


@pytest.mark.timeout(180)
def test_a_program_that_does_everything_shows_no_secret(four: Any, life: Life, secrets: set[str]) -> None:
    """Reprs, exceptions, tracebacks, events, logs of every library at DEBUG, journal, state, file names."""
    login = four.hifi.login
    try:
        life.program(four.targets(), phases_of(four, secrets))
    finally:
        four.hifi.login = login
    secrets |= four.secrets()
    told = life.left()
    assert len(secrets) > 60
    for word in ("Completed", "not-entitled", "authentication-failed", "unexpected-response", "Traceback"):
        assert word.encode() in b"".join(value for value in told.values() if isinstance(value, bytes)), word
    log = told["logs/program.log"]
    assert isinstance(log, bytes)
    assert [
        name for name in (b"httpx", b"httpcore", b"tidalapi", b"cratedig.source") if name not in log
    ] == []
    assert leaks(secrets, told) == []


@pytest.mark.timeout(180)
def test_the_command_shows_no_secret(four: Any, life: Life, secrets: set[str]) -> None:
    """Every command that looks at sources and records, as text and as JSON, well and in trouble."""
    wish = f"{four.artist} - {four.title}"
    assert "The Crossing" in life.command("search", wish, "-vv")
    life.command("login", "tidal", "-vv")
    four.trouble()
    got = life.command("get", wish, "--source", "deezer", "--source", "hifi", "--json", "-vv")
    assert "Completed" in got
    four.qobuz.expire()
    four.tidal.accounts.revoke()
    four.deezer.revoke()
    for words in (
        ("doctor",),
        ("doctor", "--json"),
        ("config", "--all"),
        ("config", "--json"),
        ("sources", "--json"),
        ("downloads", "--json"),
        ("get", f"qobuz:{four.targets()['qobuz']}"),
    ):
        assert life.command(*words, "-vv", "--debug"), words
    wrong = f"planted-{uuid4()}"
    secrets.add(wrong)
    variables = ("DEEZER__STRIPE_SECRET", "DEEZER__ARL", "QOBUZ__APP_SECRET", "QOBUZ__USER_AUTH_TOKEN")
    wrongs = {f"CRATEDIG_{name}": wrong for name in (*variables, "TIDAL__REFRESH_TOKEN")}
    wrongs["CRATEDIG_HIFI__INSTANCES"] = f'["{four.hifi.base_url.replace("://", f"://me:{wrong}@")}/a b"]'
    for words in (("doctor",), ("config", "--json"), ("search", wish)):
        assert life.command(*words, "-vv", "--debug", **wrongs), words
    secrets |= four.secrets()
    assert leaks(secrets, life.left()) == []
