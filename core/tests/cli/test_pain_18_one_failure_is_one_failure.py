"""A failure stays with its item; the batch goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cratedig_emulators.catalogue import Album, Track

TEN = Album.of(
    "The Ten",
    "All of It",
    2011,
    ("Ash", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper"),
    registrant="TN1",
).tracks


def test_ten_items_of_which_two_fail_are_eight_files(
    shell: Any, collect: Callable[[Sequence[Track]], Path]
) -> None:
    """Eight of ten are there and verified, the exit code is 1, and the two are named with their reasons."""
    folder = collect(TEN)
    for number in (3, 7):
        (folder / f"{number:02}.mp3").unlink()
    wishes = [f"{track.artist} - {track.title}" for track in TEN]
    (shell.home / "list.txt").write_text("\n".join(wishes), encoding="utf-8")

    done = shell.run("get", "--from", "list.txt")

    assert done.returncode == 1, done.stderr
    assert len(shell.files()) == 8
    assert "8 files:" in done.stdout
    failed = [one for one in shell.downloads() if one["state"] == "Errored"]
    assert [one["display_name"] for one in failed] == ["The Ten - Cedar", "The Ten - Gorse"]
    assert all(one["detail"] in done.stdout for one in failed)


def test_a_source_that_breaks_in_the_middle_spoils_its_own_items_only(
    shell: Any, collect: Callable[[Sequence[Track]], Path]
) -> None:
    """A file that is no music fails; the others of the same command are published."""
    folder = collect(TEN[:3])
    keys = [row["key"] for row in shell.json("search", "The Ten")["results"]]
    (folder / "02.mp3").write_bytes(b"<html>" + bytes(40_000))
    done = shell.json("get", *keys, code=1)["downloads"]
    assert sorted(one["state"] for one in done) == ["Completed", "Completed", "Errored"]
    assert len(shell.files()) == 2
