"""Another program's paths, read by its system's rules and found on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig import NotFound
from cratedig.pathmap import PathMap


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("/downloads/Album/01.flac", "/mnt/a/Album/01.flac"),
        ("/downloads", "/mnt/a"),
        ("/downloads/music/Album", "/mnt/b/Album"),
        ("/downloadsX/Album", "/downloadsX/Album"),
        ("/elsewhere/x", "/elsewhere/x"),
        (r"C:\Music\Album\01.flac", "/mnt/c/Album/01.flac"),
        (r"c:\MUSIC\Album", "/mnt/c/Album"),
        ("C:/Music/Album", "/mnt/c/Album"),
        (r"\\nas\share\Album", "/mnt/d/Album"),
        (r"/downloads/AC\DC/x.flac", r"/mnt/a/AC\DC/x.flac"),
        ("/downloads/it's [a] (b)/ü.flac", "/mnt/a/it's [a] (b)/ü.flac"),
    ],
)
def test_the_longest_prefix_of_whole_names_wins(there: str, here: str) -> None:
    """Windows paths without regard to case; a path that nobody maps is the same here."""
    folders = {
        "/downloads": "/mnt/a",
        "/downloads/music": "/mnt/b",
        r"C:\Music": "/mnt/c",
        r"\\nas\share": "/mnt/d",
    }
    assert PathMap(folders).local(there) == Path(here)


@pytest.mark.parametrize("there", ["/downloads/../etc/passwd", r"C:\Music\..\..\x", "/downloads/.."])
def test_no_path_leads_out_of_its_folder(there: str) -> None:
    """The other program repeats names that strangers gave."""
    with pytest.raises(NotFound, match="elsewhere"):
        PathMap({"/downloads": "/mnt/a", r"C:\Music": "/mnt/c"}).local(there)


@given(st.text(max_size=80))
def test_any_text_gives_a_path_or_the_error(there: str) -> None:
    """A hostile name is no reason to fall over."""
    try:
        assert isinstance(PathMap({"/downloads": "/mnt/a"}).local(f"/downloads/{there}"), Path)
    except NotFound as error:
        assert "elsewhere" in error.message  # noqa: PT017 - only some texts raise


def test_a_file_that_is_not_here_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """Both paths, and which setting to change."""
    with pytest.raises(NotFound) as caught:
        PathMap({"/downloads": tmp_path}).found("/downloads/Album/01.flac")
    assert str(tmp_path / "Album" / "01.flac") in str(caught.value)
    assert "/downloads/Album/01.flac" in str(caught.value)
    assert "path_map" in str(caught.value)


def test_the_map_is_proven_by_a_file_of_the_same_size(tmp_path: Path) -> None:
    """A file of that name that is another one is no proof."""
    (tmp_path / "01.flac").write_bytes(b"12345")
    proven = PathMap({"/downloads": tmp_path})
    assert proven.prove("/downloads/01.flac", 5).ok
    assert not proven.prove("/downloads/01.flac", 6).ok
    missing = proven.prove("/downloads/02.flac")
    assert not missing.ok
    assert "path_map" in missing.hint
