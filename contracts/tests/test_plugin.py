"""The pytest plugin costs nothing where no source is tested."""

from __future__ import annotations

import subprocess
import sys


def test_the_plugin_brings_nothing_along() -> None:
    """Loading it imports neither the engine nor hypothesis: it is loaded in every run of pytest."""
    program = (
        "import sys, pytest; before = set(sys.modules); import cratedig_contracts.plugin;"
        "print(sorted(m for m in set(sys.modules) - before if not m.startswith('cratedig_contracts')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
