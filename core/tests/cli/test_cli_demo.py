"""The demo, which is the first thing that a stranger runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any


def test_the_demo_downloads_an_album_while_a_source_fails(shell: Any) -> None:
    """Eight verified files, some of them from whoever took over; nothing else is left."""
    told = shell.json("demo", "--dest", "there")
    assert told["verified"] == 8
    assert [one["state"] for one in told["downloads"]] == ["Completed"] * 8
    sources = {one["source"] for one in told["downloads"]}
    assert told["failed_source"] in sources
    assert len(sources) > 1
    assert {outcome["status"] for outcome in told["search"]["outcomes"]} == {"ok"}
    tries = [attempt for one in told["downloads"] for attempt in one["attempts"]]
    assert any(attempt["outcome"] == "failed" and attempt["reason"] for attempt in tries)
    folder = shell.home / "there"
    assert sorted(map(str, folder.iterdir())) == sorted(one["file_path"] for one in told["downloads"])


def test_the_demo_keeps_off_the_persons_own_things(shell: Any) -> None:
    """No settings of the person's are used, no records written; the table and the files are shown."""
    shell.extra["CRATEDIG_ARCHIVE__BASE_URL"] = "http://127.0.0.1:9"
    done = shell.run("demo")
    assert done.returncode == 0, done.stderr
    assert "match" in done.stdout
    assert "8 of 8 files are verified" in done.stdout
    assert not shell.state.exists()
    assert not shell.music.exists()
    folder = Path(done.stdout.rstrip().rpartition(" and in ")[2])
    assert len(list(folder.iterdir())) == 8
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.parent.rmdir()


def test_without_the_emulators_the_demo_says_what_to_install() -> None:
    """The services are a distribution of their own."""
    code = "import sys; sys.modules['cratedig_emulators'] = None\nfrom cratedig._cli.main import main\n"
    code += "sys.argv = ['cratedig', 'demo']; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "pip install cratedig-emulators" in done.stderr
