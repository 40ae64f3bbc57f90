"""Processes that a test has killed in the middle, forked from one that has imported everything already.

Starting an interpreter and importing the engine takes longer than what such a test does with it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Ended(NamedTuple):
    """How a process has ended: its return code, negative for a signal, what it told, and its errors."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Ended]


@contextmanager
def forks(module: str) -> Iterator[Run]:
    """Yields what runs the function ``process`` of a module, given texts, in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    with subprocess.Popen(
        [sys.executable, "-m", "core.tests.forks", module],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=kept,
        process_group=0,
    ) as server:  # fmt: skip
        asking, answering = server.stdin, server.stdout
        assert asking is not None
        assert answering is not None

        def run(*arguments: str) -> Ended:
            asking.write(json.dumps(arguments) + "\n")
            asking.flush()
            return Ended(*json.loads(answering.readline()))

        try:
            yield run
        finally:
            # With the process that is under way, if there is one: it hangs.
            os.killpg(server.pid, signal.SIGKILL)


def _serve(process: Callable[..., str]) -> None:
    """Fork a process for each line of arguments, and tell how it has ended."""
    for line in sys.stdin:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if not child:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                _be(process, *json.loads(line))
            _, status = os.waitpid(child, 0)
            written = []
            for file in (out, err):
                file.seek(0)
                written.append(file.read().decode())
        sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), *written]) + "\n")
        sys.stdout.flush()


def _be(process: Callable[..., str], *arguments: str) -> None:
    """Do that, tell what it returns, and end."""
    code = 1
    try:
        sys.stdout.write(process(*arguments))
        code = 0
    except BaseException:  # noqa: BLE001 - this process ends here, whatever happens
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(import_module(sys.argv[1]).process)
