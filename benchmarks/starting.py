"""What it costs to start: the import, and the command's help beside yt-dlp's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import Line, in_turn, seconds

ROUNDS = 11


def _time(*command: str) -> float:
    return seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def run() -> list[Line]:
    """Milliseconds."""
    python = sys.executable
    full, bare = in_turn(
        lambda: _time(python, "-c", "import cratedig"), lambda: _time(python, "-c", ""), ROUNDS
    )
    host = "from cratedig import DownloadEngine"
    engine, _ = in_turn(lambda: _time(python, "-c", host), lambda: _time(python, "-c", ""), ROUNDS)
    scripts = Path(python).parent
    ours, other = in_turn(
        lambda: _time(str(scripts / "cratedig"), "--help"),
        lambda: _time(str(scripts / "yt-dlp"), "--help"),
        ROUNDS,
    )
    over, engine_over = (full - bare) * 1000, (engine - bare) * 1000
    return [
        Line(
            "import cratedig, ms over bare python", f"{over:.0f} ms", "limit: 150 ms", over / 150, 1.0, False
        ),
        Line(
            "importing the engine, ms over bare python",
            f"{engine_over:.0f} ms",
            "(for hosts)",
            engine_over / 150,
            4.0,
            False,
        ),
        Line(
            "cratedig --help",
            f"{ours * 1000:.0f} ms",
            f"yt-dlp --help: {other * 1000:.0f} ms",
            ours / other,
            1.0,
            False,
        ),
    ]
