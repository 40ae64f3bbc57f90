"""The real `cratedig` command with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("cratedig")


class Command:
    """``run(*arguments)`` is what a person types; ``tree`` is the settings file."""

    def __init__(self, home: Path, tree: Mapping[str, Any]) -> None:
        self.home = home
        self.journal = home / "journal.sqlite"
        self._config = home / "config.toml"
        others = {point.name for point in entry_points(group="cratedig.sources")} - set(tree["sources"])
        sources = {**{name: {"enabled": False} for name in others}, **tree["sources"]}
        lines = (f"{key} = {_toml(value)}" for key, value in {**tree, "sources": sources}.items())
        self._config.write_text("\n".join(lines), encoding="utf-8")

    def run(self, *arguments: str, code: int = 0) -> str:
        """What it prints when it ends with ``code``."""
        done = subprocess.run(
            self._line(arguments),
            env=self._variables(),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start it; it is killed (-9) on leaving, if it still runs."""
        with (self.home / "command.log").open("ab") as log:
            process = subprocess.Popen(
                self._line(arguments),
                env=self._variables(),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait(20)

    def _line(self, arguments: tuple[str, ...]) -> list[str]:
        return [str(PROGRAM), *arguments, "--journal", str(self.journal)]

    def _variables(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CRATEDIG_", "XDG_", "COVERAGE"))}
        return {**kept, "HOME": str(self.home), "CRATEDIG_CONFIG": str(self._config), "COLUMNS": "400"}


def _toml(value: object) -> str:
    """A value as TOML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
