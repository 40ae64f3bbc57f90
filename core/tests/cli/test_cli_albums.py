"""Albums by `get`: as a whole, put together from tracks, complete or with a list of what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cratedig_emulators.catalogue import Album, Track

SONGS = Album.of(
    "Lena Farrow", "Small Hours", 2018, ("Kitchen Light", "Wet Wool", "Third Stair"), registrant="SH1"
).tracks
ASKED = ("get", "--artist", "Lena Farrow", "--album", "Small Hours")
NAMES = ["01 - Kitchen Light.mp3", "02 - Wet Wool.mp3", "03 - Third Stair.mp3"]


@pytest.fixture(autouse=True)
def songs(collect: Callable[[Sequence[Track]], Path]) -> Path:
    """A source of single tracks that has them all."""
    return collect(SONGS)


def test_an_album_is_not_put_together_unless_asked_for(shell: Any) -> None:
    """A source of tracks does not deliver albums; nothing is downloaded."""
    done = shell.json(*ASKED, code=4)
    (one,) = done["downloads"]
    assert (one["kind"], one["state"]) == ("album", "Errored")
    assert shell.files() == []


def test_across_puts_it_together_and_the_summary_counts_its_files(shell: Any) -> None:
    """One row, one folder, all of its files."""
    done = shell.run(*ASKED, "--across")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 files:" in done.stdout
    row = next(line for line in done.stdout.splitlines() if line.startswith("Lena Farrow - Small Hours"))
    assert row.split()[-1] == "3"
    assert shell.files() == ["Lena Farrow - Small Hours"]
    assert sorted(path.name for path in (shell.music / "Lena Farrow - Small Hours").iterdir()) == NAMES
    (record,) = shell.downloads()
    assert (record["kind"], len(record["files"]), record["missing"]) == ("album", 3, [])


def test_partial_takes_what_there_is_and_lists_what_is_missing(shell: Any, songs: Path) -> None:
    """In words and as JSON; without it the album is not there, and the gap is named all the same."""
    (songs / "02.mp3").unlink()
    whole = shell.run(*ASKED, "--across")
    assert whole.returncode != 0
    assert "track 2" in whole.stdout
    assert shell.files() == []
    shown = shell.run(*ASKED, "--across", "--partial")
    assert shown.returncode == 0, shown.stdout
    assert "missing: track 2" in shown.stdout
    (told,) = shell.json(*ASKED, "--across", "--partial", "--force")["downloads"]
    assert (told["kind"], told["missing"], len(told["files"])) == ("album", ["track 2"], 2)
