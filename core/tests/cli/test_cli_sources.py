"""Sources that are broken, missing or not configured, as a person meets them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cratedig_emulators.catalogue import Track

BROKEN = {
    "import": "raise SystemExit('no such library')\n",
    "construction": "class Source:\n    def __init__(self, context):\n        raise RuntimeError('oh')\n",
    "source_info": "class Source:\n    def __init__(self, context):\n        pass\n",
}
Collect = Callable[[Sequence[Track]], Path]


@pytest.fixture
def install(shell: Any, tmp_path: Path) -> Callable[[str, str], None]:
    """Install a distribution with one source, the way an installer would."""

    def put(name: str, code: str) -> None:
        site = tmp_path / "site"
        info = site / f"cratedig_{name}-1.2.3.dist-info"
        info.mkdir(parents=True)
        (site / f"cratedig_{name}.py").write_text(code, encoding="utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: cratedig-{name}\nVersion: 1.2.3\n")
        (info / "entry_points.txt").write_text(f"[cratedig.sources]\n{name} = cratedig_{name}:Source\n")
        shell.extra["PYTHONPATH"] = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])

    return put


@pytest.mark.parametrize("stage", BROKEN)
def test_pain_16_a_broken_source_leaves_the_command_usable(
    shell: Any, collect: Collect, install: Callable[[str, str], None], stage: str
) -> None:
    """Whatever a plugin does while it is loaded: the others work, and doctor names who ships it."""
    install("wreck", BROKEN[stage])
    collect([Track(artist="The Quiet", title="Nothing Much")])

    assert shell.run("--help").returncode == 0
    shown = shell.run("sources")
    assert shown.returncode == 0
    assert "cratedig-wreck 1.2.3" in shown.stdout
    assert shell.json("get", "The Quiet - Nothing Much")["downloads"][0]["state"] == "Completed"
    doctor = shell.run("doctor", "--offline")
    assert doctor.returncode == 5
    assert f"cratedig-wreck 1.2.3, at {stage}" in doctor.stdout
    assert "update" in doctor.stdout


def test_the_traceback_of_a_broken_source_is_a_v_away(
    shell: Any, install: Callable[[str, str], None]
) -> None:
    """`sources` keeps to a line for each; -v has the traceback."""
    install("wreck", BROKEN["construction"])
    assert "Traceback" not in shell.run("sources").stdout
    assert "RuntimeError: oh" in shell.run("sources", "-v").stdout


def test_pain_17_a_required_source_stops_the_run_before_any_work(
    shell: Any, collect: Collect, install: Callable[[str, str], None]
) -> None:
    """--require ends with 5 for a broken or missing source, with 3 for one without its settings."""
    install("wreck", BROKEN["import"])
    collect([Track(artist="The Quiet", title="Nothing Much")])
    wish = ["get", "The Quiet - Nothing Much"]
    for name, code in (("wreck", 5), ("gramophone", 5), ("youtube", 3)):
        done = shell.run(*wish, "--require", name)
        assert done.returncode == code, done.stderr
        assert name in done.stderr
    assert shell.downloads() == []
    assert shell.files() == []
    assert shell.run(*wish, "--require", "folder").returncode == 0


def test_a_source_without_its_settings_says_which_and_how(shell: Any) -> None:
    """Doctor names the key, the file and the variable."""
    shell.configure({"folder": {}})
    done = shell.run("doctor", "folder", "--offline")
    assert done.returncode == 3
    assert "paths under [sources.folder]" in done.stdout
    assert "CRATEDIG_FOLDER__PATHS" in done.stdout
    assert shell.run("doctor", "--offline").returncode == 0


def test_failed_and_skipped_sources_are_named_below_the_table(shell: Any, collect: Collect) -> None:
    """A search tells of each source that did not answer why; the others' results are there."""
    folder = collect([Track(artist="The Quiet", title="Nothing Much")])
    gone = {"base_url": "http://127.0.0.1:9"}
    shell.configure({"folder": {"paths": [str(folder)]}, "archive": gone}, retries=0)
    done = shell.run(
        "search", "The Quiet", "--source", "archive", "--source", "folder", "--source", "youtube"
    )
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert any("Nothing Much" in line for line in lines)
    assert any(line.startswith("archive failed: ") and "cannot connect" in line for line in lines)
    assert any(line.startswith("youtube skipped: switched off") for line in lines)
