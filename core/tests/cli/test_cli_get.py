"""What `get` takes, what it makes of it, and what it tells."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cratedig_emulators.archive import ArchiveEmulator
from cratedig_emulators.catalogue import Album, Track
from cratedig_emulators.server import Fault

SONGS = Album.of(
    "Lena Farrow", "Small Hours", 2018, ("Kitchen Light", "Wet Wool", "Third Stair"), registrant="SH1"
).tracks
Collect = Callable[[Sequence[Track]], Path]


@pytest.fixture
def songs(collect: Collect) -> Sequence[Track]:
    """Three songs in the folder source."""
    collect(SONGS)
    return SONGS


@pytest.mark.usefixtures("songs")
def test_free_text_and_fields_find_the_song(shell: Any) -> None:
    """Words in quotes and --artist with --title name the same recordings."""
    done = shell.json("get", "Lena Farrow - Kitchen Light", "--artist", "Lena Farrow", "--title", "Wet Wool")
    assert [one["state"] for one in done["downloads"]] == ["Completed", "Completed"]
    assert shell.files() == ["Lena Farrow - Kitchen Light.mp3", "Lena Farrow - Wet Wool.mp3"]


@pytest.mark.usefixtures("songs")
def test_a_number_is_a_row_of_the_last_search(shell: Any) -> None:
    """`get 1` downloads what `search` listed first; a number that it has not is a usage error."""
    (first, *_) = shell.json("search", "Lena Farrow Third Stair")["results"]
    (got,) = shell.json("get", "1")["downloads"]
    assert (got["source"], got["target_id"]) == (first["source"], first["target_id"])
    beyond = shell.run("get", "99")
    assert beyond.returncode == 2
    assert "99 is no result" in beyond.stderr


@pytest.mark.usefixtures("songs")
def test_a_key_is_a_source_and_its_target(shell: Any) -> None:
    """`get source:target` needs no search before it."""
    key = shell.json("search", "Lena Farrow Wet Wool")["results"][0]["key"]
    (shell.state / "last-search.json").unlink()
    (got,) = shell.json("get", key)["downloads"]
    assert got["state"] == "Completed"


@pytest.mark.usefixtures("songs")
@pytest.mark.parametrize(
    "text",
    [
        "# three\n\nLena Farrow - Kitchen Light\nLena Farrow - Wet Wool\nLena Farrow - Third Stair\n",
        'artist,title\nLena Farrow,Kitchen Light\nLena Farrow,"Wet Wool"\nLena Farrow,Third Stair\n',
        "\n".join(json.dumps({"artist": song.artist, "title": song.title}) for song in SONGS),
    ],
    ids=["text", "csv", "json"],
)
def test_a_list_has_one_item_a_line(shell: Any, text: str) -> None:
    """--from takes plain lines with comments, CSV with a header, and JSON objects."""
    (shell.home / "list").write_text(text, encoding="utf-8")
    done = shell.json("get", "--from", "list", "--dest", "there")
    assert [one["state"] for one in done["downloads"]] == ["Completed"] * 3
    assert len(list((shell.home / "there").iterdir())) == 3


def test_a_line_that_cannot_be_read_is_named(shell: Any) -> None:
    """A mistake in a list stops the command before any work, with the line's number."""
    (shell.home / "list").write_text('a - b\n{"artits": "x"}\n', encoding="utf-8")
    done = shell.run("get", "--from", "list")
    assert done.returncode == 2
    assert "line 2: artits: expected" in done.stderr
    assert shell.downloads() == []


@pytest.mark.usefixtures("songs")
def test_pain_08_asking_again_makes_no_second_file(shell: Any) -> None:
    """The same wish, number or key again is the same file, even when the records were forgotten."""
    shell.run("search", "Lena Farrow Wet Wool")
    for what in ("1", "Lena Farrow - Wet Wool", "Lena Farrow - Wet Wool"):
        assert shell.run("get", what).returncode == 0
    assert shell.run("downloads", "--clear").returncode == 0
    assert shell.downloads() == []
    assert "was there already" in shell.run("get", "1").stdout
    assert shell.files() == ["Lena Farrow - Wet Wool.mp3"]


@pytest.mark.usefixtures("songs")
def test_pain_20_force_downloads_again(shell: Any) -> None:
    """What is there is not downloaded again unless --force says so, and then nothing is overwritten."""
    shell.run("search", "Lena Farrow Wet Wool")
    assert [shell.run("get", "1").returncode for _ in range(2)] == [0, 0]
    assert len(shell.files()) == 1
    assert shell.run("get", "1", "--force").returncode == 0
    assert len(shell.files()) == 2


def test_pain_21_quality_is_told(shell: Any, archive: ArchiveEmulator) -> None:
    """The summary says what quality was asked for, offered and got; what is too good is refused."""
    (got,) = shell.json("get", "The Paper Cranes - Two Rivers", "--quality", "flac")["downloads"]
    assert got["quality_asked"] == "at least FLAC"
    assert got["quality_got"]["codec"] == "flac"
    shown = shell.run("get", "The Paper Cranes - Three Bells")
    assert "asked" in shown.stdout
    assert "FLAC 16/44.1" in shown.stdout
    refused = shell.run("get", "The Paper Cranes - Four Doors", "--quality", "..mp3 320")
    assert refused.returncode == 4
    assert "at most MP3 320" in refused.stdout
    assert archive.errors == []


def test_pain_22_every_attempt_is_told(shell: Any, archive: ArchiveEmulator, collect: Collect) -> None:
    """The summary has each attempt with source, outcome and reason, not just that something failed."""
    track = Track(artist="The Paper Cranes", title="Two Rivers", album="Counting Out", seconds=2)
    folder = collect([track])
    shell.configure(
        {"archive": {"base_url": archive.base_url}, "folder": {"paths": [str(folder)]}}, retries=0
    )
    archive.fault("/12/items/*", Fault(status=503))
    done = shell.run("get", "The Paper Cranes - Two Rivers", "--source", "archive", "--source", "folder")
    assert done.returncode == 0, done.stdout
    attempts = [line for line in done.stdout.splitlines() if line.startswith(("  1.", "  2."))]
    assert "archive" in attempts[0]
    assert "503" in attempts[0]
    assert "folder" in attempts[1]
    assert "completed" in attempts[1]


@pytest.mark.usefixtures("songs")
def test_what_nobody_has_ends_with_4(shell: Any) -> None:
    """`search` and `get` say so in words and with an exit code of its own."""
    assert shell.run("search", "zyzzyva nobody has").returncode == 4
    assert shell.run("get", "zyzzyva nobody has").returncode == 4
