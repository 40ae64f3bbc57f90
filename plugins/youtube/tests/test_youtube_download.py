"""Downloading from YouTube through the engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cratedig import DownloadEngine, DownloadState, Quality, QualityPreference
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Fault
from cratedig_emulators.youtube import Playability, Video, YouTubeEmulator, upload
from cratedig_emulators.youtube.videos import media


def test_the_best_audio_is_delivered_as_it_is(bench: Any, first: Video) -> None:
    """Opus in WebM, byte for byte, under the recording's name; nothing else is left."""
    done = bench.download(first)
    assert (done.state, done.code) == (DownloadState.COMPLETED, "")
    assert done.file_path.read_bytes() == media(first, 251)
    assert done.file_path.name == "The Brass Lanterns - Slow Tram Home.webm"
    assert done.quality_got.codec == "opus"
    assert list(bench.music.iterdir()) == [done.file_path]


def test_aac_is_delivered_where_it_is_wanted(bench: Any, first: Video) -> None:
    """yt-dlp's format option chooses; fragmented MP4 is verified like any other file."""
    done = bench.download(first, options={"format": "bestaudio[ext=m4a]"})
    assert (done.state, done.detail) == (DownloadState.COMPLETED, done.detail)
    assert done.file_path.read_bytes() == media(first, 140)


@pytest.mark.parametrize(
    ("wish", "got"),
    [
        (QualityPreference(codecs=["aac"]), "AAC"),
        (QualityPreference(ceiling=Quality(codec="aac", bitrate=128)), "AAC"),
        (QualityPreference(floor=Quality(codec="opus", bitrate=60)), "OPUS"),
        (QualityPreference(floor=Quality(codec="mp3", bitrate=320)), "quality-unavailable"),
        (QualityPreference(codecs=["flac"]), "quality-unavailable"),
    ],
)
def test_wish_bounds_what_is_chosen(
    bench: Any, yt: YouTubeEmulator, first: Video, wish: QualityPreference, got: str
) -> None:
    """Nothing that is not welcome is fetched; what there is is told."""

    async def use(engine: DownloadEngine) -> Any:
        job = await engine.dispatch_download(("youtube", first.id), dest_dir=bench.music, quality=wish)
        return await engine.wait(job)

    record = bench(use)
    assert (record.code or str(record.quality_got)).startswith(got)
    if record.code:
        assert "AAC 128, OPUS 133" in record.detail
        assert not yt.log.all("/videoplayback")


def test_an_address_is_as_good_as_an_id(bench: Any, first: Video) -> None:
    """What people paste."""
    assert bench.download(f"https://www.youtube.com/watch?v={first.id}").state is DownloadState.COMPLETED


@pytest.mark.parametrize(
    ("playability", "code", "words"),
    [
        (Playability.LIVE, "not-entitled", "live stream"),
        (Playability.UPCOMING, "not-entitled", "will begin"),
        (Playability.AGE_GATED, "not-entitled", "cookies_file"),
        (Playability.MEMBERS_ONLY, "not-entitled", "cookies_file"),
        (Playability.PRIVATE, "not-entitled", "Private video"),
        (Playability.REMOVED, "not-found", "removed by the uploader"),
        (Playability.COUNTRY, "not-entitled", "your country"),
        (Playability.NO_FORMATS, "quality-unavailable", "pip install -U yt-dlp"),
    ],
)
def test_every_refusal_has_its_reason(
    bench: Any, yt: YouTubeEmulator, first: Video, playability: Playability, code: str, words: str
) -> None:
    """The record ends with the class and the words; no media is asked for."""
    yt.change(first.id, playability=playability)
    done = bench.download(first)
    assert (done.state, done.code) == (DownloadState.ERRORED, code)
    assert words in done.detail
    assert not yt.log.all("/videoplayback")


@pytest.mark.parametrize("playability", [Playability.BOT_CHECK, Playability.RATE_LIMITED])
def test_a_ban_pauses_the_source_for_an_hour(
    bench: Any, yt: YouTubeEmulator, first: Video, playability: Playability, pauses: list[float]
) -> None:
    """Nothing more is asked of a service that has had enough."""
    yt.playability = playability

    async def use(engine: DownloadEngine) -> tuple[int, str]:
        job = await engine.dispatch_download(("youtube", first.id), dest_dir=bench.music)
        await bench.seen(engine, job, lambda record: record.attempts)
        asked = len(yt.requests)
        await asyncio.sleep(0.3)
        record = await engine.get_download_status(job)
        assert record is not None
        assert not record.state.terminal
        await engine.cancel_download(job)
        return len(yt.requests) - asked, record.attempts[0].code

    assert bench(use) == (0, "rate-limited")
    assert pauses == [3600]


@pytest.mark.parametrize("target", ["x", "../../etc/passwd", "0123456789ab", "https://example.invalid/a"])
def test_what_is_no_video_is_not_found(bench: Any, yt: YouTubeEmulator, target: str) -> None:
    """Nobody is asked for it."""
    assert bench.download(target).code == "not-found"
    assert yt.requests == []


def test_pain_01_a_preview_is_not_the_song(bench: Any, yt: YouTubeEmulator) -> None:
    """Media that plays for 8 seconds where 60 were promised is refused, and nothing is published."""
    video = yt.plant(upload(Track(artist="A", title="B", seconds=60), served_seconds=8))
    done = bench.download(video)
    assert done.state is DownloadState.ERRORED
    assert done.code in ("not-entitled", "corrupt-download")
    assert done.file_path is None
    assert bench.left() == []


def test_pain_14_a_429_pauses_and_goes_on(
    bench: Any, yt: YouTubeEmulator, first: Video, pauses: list[float]
) -> None:
    """Retry-After is honoured, though yt-dlp makes a mere warning of the status."""
    yt.fault("/youtubei/v1/player", Fault(status=429, retry_after=1, times=1))
    done = bench.download(first)
    assert done.state is DownloadState.COMPLETED
    one, two = (seen.at for seen in yt.log.all("/youtubei/v1/player"))
    assert two - one >= 1
    assert pauses == [1]


def test_an_expired_address_is_replaced(bench: Any, yt: YouTubeEmulator, first: Video) -> None:
    """One 403 on the media costs a second extraction and no attempt."""
    yt.fault("/videoplayback", Fault(status=403, times=1))
    done = bench.download(first)
    assert done.state is DownloadState.COMPLETED
    assert len(done.attempts) == 1


@pytest.mark.parametrize(
    ("glob", "fault"),
    [
        ("/watch", Fault(delay=50)),
        ("/youtubei/v1/player", Fault(delay=50)),
        ("/videoplayback", Fault(stall_at=30_000)),
        ("/videoplayback", Fault(drip=(1024, 0.05))),
    ],
    ids=["page", "player", "stalled media", "slow media"],
)
def test_cancel_ends_yt_dlp_at_once(
    bench: Any, yt: YouTubeEmulator, first: Video, glob: str, fault: Fault
) -> None:
    """Wherever it stands, the service sees the connection end, nothing more is asked and nothing is left."""
    yt.fault(glob, fault)

    def reached() -> bool:
        seen = yt.log.all(glob)
        return bool(seen) and bool(seen[-1].sent or fault.delay)

    async def use(engine: DownloadEngine) -> None:
        job = await engine.dispatch_download(("youtube", first.id), dest_dir=bench.music)
        await bench.until(reached)
        await bench.cancel(engine, job, yt)

    bench(use)
    assert [seen.aborted for seen in yt.log.all(glob)] == [True]
    assert list(bench.music.rglob("*")) == []


def test_refused_options_say_why(bench: Any, yt: YouTubeEmulator, first: Video) -> None:
    """The record names the key; nobody is asked."""
    done = bench.download(first, options={"outtmpl": "x"})
    assert done.code == "not-configured"
    assert "options.outtmpl" in done.detail
    assert yt.requests == []


def test_the_player_can_be_chosen(bench: Any, yt: YouTubeEmulator, first: Video) -> None:
    """yt-dlp poses as the client that the setting names."""
    bench.download(first, player_client=["ios"])
    bodies = [seen.body for seen in yt.log.all("/youtubei/v1/player")]
    assert bodies
    assert all(b'"IOS"' in body for body in bodies)


def test_the_service_is_probed_with_one_request(bench: Any, yt: YouTubeEmulator) -> None:
    """Reachable, and then not."""

    async def use(engine: DownloadEngine) -> Any:
        return (await engine.check_connections())["youtube"]

    assert bench(use)
    assert [seen.path for seen in yt.requests] == ["/generate_204"]
