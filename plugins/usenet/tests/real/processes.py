"""Programs that run beside a test and end with it."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cratedig_contracts.patience import blocking_until

PATIENCE = 60.0
"""Seconds that anything may take on a busy machine."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What ``what`` returns as soon as that is true."""
    found: Any = None

    def look() -> bool:
        nonlocal found
        found = what()
        return bool(found)

    assert blocking_until(look, patience), f"not within {patience} s"
    return found


class Process:
    """A program that listens on ``port`` and keeps everything below ``folder``. A context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._output = folder / "output.log"
        self._running: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """How it is started, in the foreground."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it is up."""
        raise NotImplementedError

    def start(self) -> Self:
        """Start it, on the same port as before, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._output.open("ab") as output:
            self._running = subprocess.Popen(
                self.command(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        until(self._up)
        return self

    def _up(self) -> bool:
        assert self._running is not None
        assert self._running.poll() is None, self._output.read_text(errors="replace")[-2000:]
        return self.answers()

    def kill(self) -> None:
        """Like a power cut: it has no time to write anything down."""
        if self._running is not None:
            self._running.kill()
            self._running.wait(PATIENCE)
            self._running = None

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.kill()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
