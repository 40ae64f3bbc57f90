"""Run all benchmarks, or those named: ``python -m benchmarks.run dispatch search``."""

from __future__ import annotations

import sys
from importlib import import_module

ALL = ("dispatch", "progress", "search", "isolation", "starting", "bodies", "stripes")


def main(names: list[str]) -> int:
    """Print one line a comparison; the exit code says whether every target was met."""
    met = True
    for name in names or ALL:
        for line in import_module(f"benchmarks.{name}").run():
            print(line, flush=True)
            met = met and line.met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
