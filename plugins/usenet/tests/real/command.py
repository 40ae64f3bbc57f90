"""A person whose `cratedig` may be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cratedig_contracts import Person

PROGRAM = Path(sys.executable).with_name("cratedig")


class Killer(Person):
    """A person at a terminal, with a power switch."""

    @contextmanager
    def killing(self, *words: str) -> Iterator[None]:
        """Run the command meanwhile; on leaving it is killed (-9)."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("CRATEDIG_", "COV"))}
        process = subprocess.Popen(
            [PROGRAM, *words, "--config", str(self.home / "config.toml")],
            env={**kept, "HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.kill()
            process.wait(20)
