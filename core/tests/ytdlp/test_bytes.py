"""The bytes come in through the engine's transfer, as they are."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cratedig._errors import NotEntitled
from cratedig.ytdlp import _bytes
from cratedig.ytdlp._bytes import Job, brought_in
from cratedig_emulators.server import Fault
from cratedig_emulators.youtube import YouTubeEmulator
from cratedig_emulators.youtube.videos import media


def test_the_file_is_what_the_service_has(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, silent: Any
) -> None:
    """Byte for byte, with what the service said of it."""

    async def use(ytdlp: Any, _lane: Any) -> Any:
        return await ytdlp.download(first, tmp_path, silent)

    delivered = bench(use)
    video = next(iter(yt.videos.values()))
    assert delivered.path.read_bytes() == media(video, 251)
    assert delivered.path.parent == tmp_path
    assert (delivered.duration, delivered.name) == (13, "The Brass Lanterns - Slow Tram Home")
    assert str(delivered.quality) == "OPUS 133"


def test_progress_counts_bytes(bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path) -> None:
    """It ends with the size that the service promised."""
    told: list[tuple[int, int | None]] = []

    async def use(ytdlp: Any, _lane: Any) -> Any:
        return await ytdlp.download(first, tmp_path, lambda done, total=None, *_: told.append((done, total)))

    size = bench(use).path.stat().st_size
    assert told[-1] == (size, size)


def test_ranges_are_asked_for_one_after_the_other(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, silent: Any
) -> None:
    """A service that throttles long answers is asked for short ones."""

    async def use(ytdlp: Any, _lane: Any) -> Any:
        return await ytdlp.download(first, tmp_path, silent)

    size = bench(use, range_size=50_000).path.stat().st_size
    asked = yt.log.all("/videoplayback")
    assert len(asked) >= size / 50_000
    assert all(seen.sent <= 50_000 for seen in asked)
    assert asked[0].headers["range"] == "bytes=0-49999"


def test_the_player_that_was_posed_as_asks_for_the_bytes(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, silent: Any
) -> None:
    """Headers that the extractor wants sent with the format are sent."""

    async def use(ytdlp: Any, _lane: Any) -> Any:
        info = await ytdlp.info(first)
        await ytdlp.download(first, tmp_path, silent)
        return info["http_headers"]["User-Agent"]

    agent = bench(use)
    assert {seen.headers["user-agent"] for seen in yt.log.all("/videoplayback")} == {agent}


def test_one_refused_address_is_replaced(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, silent: Any
) -> None:
    """A 403 on the media is answered by a new extraction, once."""
    yt.fault("/videoplayback", Fault(status=403, times=1))

    async def use(ytdlp: Any, _lane: Any) -> Any:
        return await ytdlp.download(first, tmp_path, silent)

    assert bench(use).path.exists()
    assert len(yt.log.all("/youtubei/v1/player")) == 2


def test_an_address_that_stays_refused_is_given_up(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, silent: Any
) -> None:
    """The second 403 is the answer."""
    yt.fault("/videoplayback", Fault(status=403))

    async def use(ytdlp: Any, _lane: Any) -> None:
        with pytest.raises(NotEntitled):
            await ytdlp.download(first, tmp_path, silent)

    bench(use)
    assert len(yt.log.all("/youtubei/v1/player")) == 2


def test_a_refused_recording_costs_no_byte(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, silent: Any
) -> None:
    """What ``accept`` raises comes out before the media is asked for."""

    def accept(info: Any) -> None:
        raise NotEntitled(f"not {info['id']}")

    async def use(ytdlp: Any, _lane: Any) -> None:
        with pytest.raises(NotEntitled, match="not "):
            await ytdlp.download(first, tmp_path, silent, accept=accept)

    bench(use)
    assert not yt.log.all("/videoplayback")


def test_a_broken_body_is_resumed(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, silent: Any
) -> None:
    """A connection that drops in the middle costs what was not yet there."""
    yt.fault("/videoplayback", Fault(truncate_at=100_000, times=1))

    async def use(ytdlp: Any, _lane: Any) -> Any:
        return await ytdlp.download(first, tmp_path, silent)

    video = next(iter(yt.videos.values()))
    assert bench(use).path.read_bytes() == media(video, 251)
    assert sum(seen.sent for seen in yt.log.all("/videoplayback")) < len(media(video, 251)) + 20_000


def test_an_id_from_outside_cannot_leave_the_folder(tmp_path: Path, silent: Any) -> None:
    """Whatever a service calls its recording."""
    info = {"id": "../../x/y", "format_id": "a\\b", "ext": "m4a"}
    job = Job(context=None, info=info, dest_dir=tmp_path, progress=silent, range_size=None)  # type: ignore[arg-type]
    assert (tmp_path / job.name).resolve().parent == tmp_path.resolve()
    assert job.name.endswith(".m4a")


def test_a_stream_that_opens_later_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an advertisement would have run first, the record says what it waits for."""
    told: list[tuple[int, int | None, str]] = []
    now, opens = 1_000_000.0, 1_000_002
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(_bytes, "time", SimpleNamespace(time=lambda: now))
    monkeypatch.setattr(_bytes, "asyncio", SimpleNamespace(sleep=sleep))

    class Context:
        async def fetch(self, *_: Any, **__: Any) -> Path:
            asked.append(now)
            return tmp_path

    job = Job(
        context=Context(),  # type: ignore[arg-type]
        info={"url": "https://a.invalid/", "available_at": opens},
        dest_dir=tmp_path,
        progress=lambda *args: told.append(args),
        range_size=None,
    )
    asyncio.run(brought_in(job, None))  # type: ignore[arg-type]
    assert asked == [opens]
    assert "opens the stream in 2 s" in told[0][2]
