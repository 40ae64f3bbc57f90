"""yt-dlp's requests are the lane's."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cratedig._errors import RateLimited
from cratedig_emulators.youtube import YouTubeEmulator

SEARCH = "ytsearch5:brass lanterns slow tram"


def test_every_request_takes_a_permit(bench: Any, yt: YouTubeEmulator) -> None:
    """A search is two requests at the service and two permits at the lane."""

    async def use(ytdlp: Any, lane: Any) -> int:
        assert await ytdlp.entries(SEARCH)
        return int(lane.permits)

    assert bench(use) == len(yt.requests) == 2


def test_a_search_is_flat(bench: Any, yt: YouTubeEmulator) -> None:
    """Entries come in the service's order and without a request for each."""

    async def use(ytdlp: Any, _lane: Any) -> list[Any]:
        return list(await ytdlp.entries(SEARCH))

    entries = bench(use)
    assert entries[0]["channel"] == "The Brass Lanterns - Topic"
    assert [entry["id"] for entry in entries] == list(yt.videos)[:1] + [e["id"] for e in entries[1:]]
    assert not yt.log.all("/youtubei/v1/player")


def test_a_single_recording_is_a_list_of_one(bench: Any, first: str) -> None:
    """The address of a video in place of a search gives that video."""

    async def use(ytdlp: Any, _lane: Any) -> list[Any]:
        return list(await ytdlp.entries(first))

    [entry] = bench(use)
    assert entry["track"] == "Slow Tram Home"


def test_cookies_are_yt_dlps_and_not_the_lanes(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """What a page sets comes back with the next request of one extraction, and with none of another."""

    async def use(ytdlp: Any, lane: Any) -> list[Any]:
        await ytdlp.info(first)
        await ytdlp.info(first)
        return list(lane.client.cookies.jar)

    assert bench(use) == []
    cookies = ["VISITOR_INFO1_LIVE" in seen.headers.get("cookie", "") for seen in yt.requests]
    assert cookies == [False, True, False, True]


def test_a_cookie_file_is_sent_and_left_as_it_is(bench: Any, yt: YouTubeEmulator, tmp_path: Path) -> None:
    """The person's cookies go to the hosts that they are for; the file is never written."""
    file = tmp_path / "cookies.txt"
    line = "\t".join((".youtube.com", "TRUE", "/", "TRUE", "4102444800", "PLANTED", "value"))
    file.write_text(f"# Netscape HTTP Cookie File\n{line}\n")
    before = file.read_bytes()

    async def use(ytdlp: Any, _lane: Any) -> None:
        await ytdlp.entries(SEARCH)

    bench(use, cookies_file=str(file))
    assert all("PLANTED=value" in seen.headers["cookie"] for seen in yt.requests)
    assert file.read_bytes() == before


def test_nothing_is_left_in_the_home_folder(bench: Any, first: str, tmp_path: Path, monkeypatch: Any) -> None:
    """yt-dlp's cache folder is not used."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    async def use(ytdlp: Any, _lane: Any) -> None:
        await ytdlp.info(first)

    bench(use)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_printed(bench: Any, first: str, capfd: Any) -> None:
    """Neither an extraction nor its failure writes to the terminal."""

    async def use(ytdlp: Any, _lane: Any) -> None:
        await ytdlp.info(first)
        try:
            await ytdlp.info("https://www.youtube.com/watch?v=no-such-vid")
        except Exception:  # noqa: BLE001 - whatever it says
            return

    bench(use)
    assert capfd.readouterr() == ("", "")


def test_what_an_extractor_remembers_is_in_the_sources_state(bench: Any) -> None:
    """One extraction stores it, the next one of the same source finds it."""

    async def use(ytdlp: Any, lane: Any) -> Any:
        await ytdlp._work(lambda ydl: ydl.cache.store("sample", "key", "made-up"))
        assert "made-up" in str(lane.state)
        return await ytdlp._work(lambda ydl: ydl.cache.load("sample", "key"))

    assert bench(use) == "made-up"


def test_an_extractor_cannot_swallow_the_end(bench: Any) -> None:
    """Extractors catch every exception of a request and try the next; here nothing further is tried."""
    tried: list[int] = []

    def stubborn(ydl: Any) -> None:
        for number in range(3):
            tried.append(number)
            with suppress(Exception):
                ydl.urlopen("http://a.invalid/")

    async def use(ytdlp: Any, lane: Any) -> None:
        async def refuse(_request: Any) -> None:
            raise RateLimited(retry_after=5)

        lane.client.event_hooks = {"request": [refuse]}
        with pytest.raises(RateLimited):
            await ytdlp._work(stubborn)

    bench(use)
    assert tried == [0]
