"""Forks a process for each command line that comes in, from one that has imported everything already.

Most of what a command costs is its start: the interpreter and a thousand modules. Each command is a process
of its own all the same, with its own environment, folder and output, and it ends like any other.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pkgutil
import signal
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, TextIO

import cratedig
from cratedig._cli.main import main


def _import_all() -> None:
    for module in pkgutil.walk_packages(cratedig.__path__, "cratedig."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for point in entry_points(group="cratedig.sources"):
        point.load()
    for name in ("rich.console", "rich.table", "sqlite3", "yt_dlp"):
        import_module(name)


def _become(argv: list[str], env: dict[str, str], cwd: str, out: str, err: str) -> None:
    """Let this process be the one that was asked for."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    # Whoever runs the tests in the background may have Ctrl-C ignored; a person at a terminal has not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["cratedig", *argv]
    for number, path in enumerate((os.devnull, out, err)):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)


def _serve(answers: TextIO) -> Iterator[dict[str, Any]]:
    """Answer requests; in each process that was forked, yield what it has to be."""
    # Not sys.stdin: a process must not find in its buffer what was meant for the server.
    with contextlib.closing(os.fdopen(os.dup(0), encoding="utf-8")) as requests:
        while line := requests.readline():
            request = json.loads(line)
            if "ask" in request:
                pid, status = os.waitpid(request["ask"], os.WNOHANG)
                answer = os.waitstatus_to_exitcode(status) if pid else None
            else:
                answer = os.fork()
                if not answer:
                    yield request
                    return
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    _import_all()
    gc.freeze()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as told:
        wish = next(_serve(told), None)
    if wish is not None:
        _become(**wish)
        main()
