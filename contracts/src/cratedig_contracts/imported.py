"""What importing a source costs, measured in an interpreter of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen

PROGRAM = """
import importlib, json, sys, threading, time
import cratedig
for public in cratedig.__all__:
    getattr(cratedig, public)
import cratedig.reading
before, started = set(sys.modules), time.process_time()
module, _, attribute = sys.argv[1].partition(":")
imported = importlib.import_module(module)
for name in attribute.split("."):
    imported = getattr(imported, name)
took = time.process_time() - started
threads = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
more = sorted(set(sys.modules) - before)
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump({"took": took, "modules": more, "threads": threads}, file)
"""

_PATIENCE = 300.0
"""Seconds after which an import hangs, on the slowest of machines."""


@frozen
class Imported:
    """Seconds of the processor, the modules that came along, the threads that run now, what was printed."""

    took: float
    modules: tuple[str, ...]
    threads: tuple[str, ...]
    printed: str
    error: str = ""


@lru_cache(maxsize=8)
def import_alone(value: str, path: tuple[str, ...]) -> Imported:
    """Import what an entry point's ``value`` names, with everything public of cratedig imported before.

    Two checks look at the outcome, so it is kept. ``path`` is where modules are looked for.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder) / "imported.json"
        done = subprocess.run(  # noqa: S603 - the interpreter that runs this, on a program of ours
            [sys.executable, "-c", PROGRAM, value, str(report)],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))},
        )
        if done.returncode:
            reason = done.stderr.strip()[-2000:] or "the interpreter has ended"
            return Imported(0.0, (), (), done.stdout, reason)
        told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return Imported(told["took"], tuple(told["modules"]), tuple(told["threads"]), done.stdout + done.stderr)
