"""A person's options reach yt-dlp, except those that would break the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cratedig._errors import NotConfigured
from cratedig.ytdlp._options import checked


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("outtmpl", "folder and name"),
        ("paths", "folder and name"),
        ("retries", "the engine retries"),
        ("ratelimit", "through the engine"),
        ("proxy", "`proxy`"),
        ("nocheckcertificate", "`verify_tls`"),
        ("cookiefile", "`cookies_file`"),
        ("logger", "listens"),
        ("noplaylist", "one recording"),
        ("download_archive", "records"),
        ("writethumbnail", "alone"),
    ],
)
def test_what_would_break_the_engine_is_refused(key: str, why: str) -> None:
    """The error names the key and says who does it instead."""
    with pytest.raises(NotConfigured, match=rf"options\.{key} cannot be set: .*{why}"):
        checked({"format": "bestaudio", key: 1})


def test_an_unknown_key_is_refused_with_a_near_one() -> None:
    """yt-dlp would ignore it without a word."""
    with pytest.raises(NotConfigured, match=r"options\.fromat .* did you mean format\?"):
        checked({"fromat": "bestaudio"})


def test_a_near_key_that_is_refused_is_no_advice() -> None:
    """Nobody is sent from one error to the next."""
    with pytest.raises(NotConfigured) as caught:
        checked({"user_agent": "x", "outtmp": "y"})
    assert "outtmpl" not in str(caught.value)


def test_harmless_options_pass() -> None:
    """What yt-dlp knows and the engine does not do is the person's to set."""
    options = {
        "format": "bestaudio",
        "extractor_args": {"youtube": {}},
        "postprocessors": [],
        "js_runtimes": {},
    }
    assert checked(options) == options


@pytest.mark.parametrize("browser", ["firefox", ["firefox"], "lynx"])
def test_a_browser_without_cookies_is_a_matter_of_settings(
    bench: Any, first: str, tmp_path: Path, monkeypatch: Any, browser: Any
) -> None:
    """A settings file says it as a text or a list; the error names the option."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    async def use(ytdlp: Any, _lane: Any) -> None:
        with pytest.raises(NotConfigured, match=r"options\.cookiesfrombrowser"):
            await ytdlp.info(first)

    bench(use, options={"cookiesfrombrowser": browser})


def test_options_go_before_the_sources_parameters(bench: Any, first: str) -> None:
    """The person's format is the one that is chosen, also where the source asks for another for this once."""

    async def use(ytdlp: Any, _lane: Any) -> tuple[str, str]:
        return (await ytdlp.info(first))["format_id"], (await ytdlp.info(first, formats="251"))["format_id"]

    assert bench(use, params={"format": "251"}, options={"format": "140"}) == ("140", "140")
    assert bench(use, params={"format": "140"}) == ("140", "251")
