"""A person at a terminal: a home of their own, a settings file, and the command `cratedig`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from cratedig_contracts.rig import GROUP

_OF_OTHERS = ("CRATEDIG_", "XDG_", "COV", "PYTHON")
_PATIENCE = 300.0
"""Seconds after which a command hangs, on the slowest of machines."""


class Person:
    """Runs the command in an empty home, with nothing of this process's environment that could change it.

    ``command`` is the installed command, by default the one beside the running interpreter. ``printed`` has
    everything that the person has seen so far, ``music`` is where files come to.
    """

    def __init__(self, home: Path, command: Path | None = None) -> None:
        self.home = home
        self.music = home / "music"
        self.state = home / "state"
        self.printed = ""
        self._command = command or Path(sys.executable).with_name("cratedig")
        self._settings = home / "config.toml"

    def write(self, sources: Mapping[str, Mapping[str, Any]], **engine: Any) -> None:
        """Write the settings file: the sections of these sources; every other installed one is turned off."""
        general = {"download_dir": str(self.music), "state_dir": str(self.state), "retries": 0, **engine}
        others = {point.name for point in entry_points(group=GROUP)} - sources.keys()
        tables: dict[str, Mapping[str, Any]] = {"engine": general}
        tables |= {f"sources.{name}": own for name, own in sources.items()}
        tables |= {f"sources.{name}": {"enabled": False} for name in sorted(others)}
        self._settings.write_text(toml(tables), encoding="utf-8")
        self._settings.chmod(0o600)

    def run(self, *words: str, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
        """What the command prints; it has to end with ``code``. ``variables`` are set besides.

        :raises AssertionError: it ends otherwise.
        """
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_OF_OTHERS)}
        own = {"HOME": str(self.home), "CRATEDIG_CONFIG": str(self._settings), "COLUMNS": "1000"}
        done = subprocess.run(  # noqa: S603 - the command is what is tested
            [str(self._command), *words],
            env={**kept, **own, **(variables or {})},
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        self.printed += done.stdout + done.stderr
        if done.returncode != code:
            raise AssertionError(f"{' '.join(words)} ends with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout


def toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """A settings file of these tables; values are texts, numbers, booleans, and lists and tables of them."""
    return "".join(
        line
        for name, values in tables.items()
        for line in (f"[{name}]\n", *(f"{key} = {_inline(value)}\n" for key, value in values.items()))
    )


def _inline(value: object) -> str:
    """One value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)
