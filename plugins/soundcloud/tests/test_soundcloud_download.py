"""A download brings the whole track in the best stream that is wanted and granted, or says why not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState, Quality, QualityPreference
from cratedig_emulators.catalogue import Track
from cratedig_emulators.playing import play
from cratedig_emulators.server import Fault
from cratedig_emulators.soundcloud import Playlist, Policy, Sound, SoundCloudEmulator, of_track
from cratedig_emulators.soundcloud.media import media, original, segments, streamed

SHORT = Track(artist="Zed Quill", title="Odd One", album="Odd", isrc="QZZQ12400001", seconds=10)
LONG = Track(artist="Zed Quill", title="Long One", album="Odd", seconds=75)
ALL = ("aac_256k", "aac_160k", "mp3_hls", "mp3", "opus")


@pytest.mark.parametrize(
    ("streams", "codec", "got", "ending"),
    [
        (("aac_160k", "mp3_hls", "mp3", "opus"), "aac", "AAC", ".m4a"),
        (("mp3_hls", "mp3", "opus"), "mp3", "MP3 128", ".mp3"),
        (("mp3_hls",), "mp3", "MP3 128", ".mp3"),
        (("opus",), "opus", "OPUS", ".opus"),
        (("aac_96k", "mp3"), "mp3", "MP3 128", ".mp3"),
        (("ctr", "abr", "mp3"), "mp3", "MP3 128", ".mp3"),
    ],
)
def test_best_stream_is_delivered_as_it_is(
    bench: Any, sc: SoundCloudEmulator, streams: tuple[str, ...], codec: str, got: str, ending: str
) -> None:
    """HLS or one file: byte for byte what the service has, whole and playable, under the recording's name."""
    sound = sc.plant(of_track(SHORT, streams=streams))
    record = bench.download(sound)
    assert (record.state, record.detail) == (DownloadState.COMPLETED, "")
    heard = play(record.file_path)
    assert (heard.codec, record.file_path.name) == (codec, f"Zed Quill - Odd One{ending}")
    assert heard.seconds == pytest.approx(10, abs=0.3)
    assert str(record.quality_got).startswith(got)
    assert record.file_path.read_bytes() in {
        media(sound, key) if key == "mp3" else streamed(sound, key) for key in streams if key != "ctr"
    }


def test_one_file_goes_before_segments_of_the_same_rate(bench: Any, sc: SoundCloudEmulator) -> None:
    """A file can be gone on with in its middle."""
    bench.download(sc.plant(of_track(SHORT, streams=("mp3_hls", "mp3"))))
    assert sc.log.all("/progressive/*")
    assert not sc.log.all("/segments/*")


def test_searched_track_is_delivered(bench: Any) -> None:
    """From words to a file: the search's promises hold."""

    async def use(engine: DownloadEngine) -> Download:
        found = await engine.search("brass lanterns copper rain", sources=["soundcloud"])
        return await engine.wait(await engine.dispatch_download(found.results[0], dest_dir=bench.music))

    record = bench(use)
    assert (record.state, record.detail) == (DownloadState.COMPLETED, "")
    assert record.file_path.name == "The Brass Lanterns - Copper Rain.m4a"
    assert play(record.file_path).seconds == pytest.approx(16, abs=0.3)


def test_requests_of_a_download(bench: Any, sc: SoundCloudEmulator, first: Sound) -> None:
    """Three for the client id, once; then the track, its streams and its bytes. No artwork."""
    bench.journal = bench.folder / "journal.db"
    for _ in range(2):
        bench.download(first)
        asked = [seen.path for seen in sc.requests if not seen.path.startswith("/segments")]
        sc.log.clear()
    streams = [f"/media/soundcloud:tracks:{first.id}/{key}/stream" for key in first.streams]
    assert [path.rpartition("/")[0] for path in asked] == [
        "/tracks",
        *streams,
        f"/playlist/{first.id}/aac_160k.160.m4a",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "{permalink}",
        "{permalink}?in=somebody/sets/x",
        "https://m.soundcloud.com/nowhere-records/{slug}",
        "https://api.soundcloud.com/tracks/{id}",
    ],
)
def test_an_address_is_as_good_as_a_number(bench: Any, first: Sound, address: str) -> None:
    """What people paste; addresses of the API are the service's own business."""
    target = address.format(permalink=first.permalink, slug=first.permalink.rpartition("/")[2], id=first.id)
    record = bench.download(target)
    expected = "not-found" if "//api." in address else ""
    assert record.code == expected


@pytest.mark.parametrize("form", ["{permalink}/{secret}", "{id}/{secret}"])
def test_a_private_share_is_delivered_to_those_who_know_it(
    bench: Any, sc: SoundCloudEmulator, form: str
) -> None:
    """By the whole address, or the target that a search by it gives."""
    sound = sc.plant(of_track(SHORT, secret="s-abcDEF123"))
    target = form.format(permalink=sound.permalink, id=sound.id, secret=sound.secret)
    assert bench.download(target).state is DownloadState.COMPLETED


@pytest.mark.parametrize("quality", ["flac", "wav", "mp3"])
def test_the_original_is_delivered_to_an_account(bench: Any, sc: SoundCloudEmulator, quality: str) -> None:
    """The file that was uploaded goes before every stream, and needs a login."""
    sound = sc.plant(of_track(SHORT, original=quality))
    record = bench.download(sound, **bench.login())
    assert (record.state, record.quality_got.codec) == (DownloadState.COMPLETED, quality)
    assert record.file_path.read_bytes() == original(sound)
    assert bench.download(sound).quality_got.codec == "aac"


def test_go_plus_is_for_subscribers(bench: Any, sc: SoundCloudEmulator) -> None:
    """With a subscription's token the whole track comes, in Go+ quality."""
    sound = sc.plant(of_track(LONG, policy=Policy.SNIP, streams=("aac_256k", "aac_160k", "mp3")))
    record = bench.download(sound, **bench.login())
    assert (record.state, record.detail) == (DownloadState.COMPLETED, "")
    assert record.file_path.read_bytes() == streamed(sound, "aac_256k")
    assert play(record.file_path).seconds == pytest.approx(75, abs=0.3)


@pytest.mark.parametrize("subscriber", [None, False], ids=["guest", "account without Go+"])
@pytest.mark.parametrize("streams", [("aac_160k",), ("mp3_hls", "mp3"), ("mp3",), ALL])
def test_pain_01_a_preview_is_refused(
    bench: Any, sc: SoundCloudEmulator, streams: tuple[str, ...], subscriber: bool | None
) -> None:
    """Before a byte of it is fetched; the record says what it would take."""
    sc.subscriber = bool(subscriber)
    sound = sc.plant(of_track(LONG, policy=Policy.SNIP, streams=streams))
    record = bench.download(sound, **({} if subscriber is None else bench.login()))
    assert (record.state, record.code) == (DownloadState.ERRORED, "not-entitled")
    assert "preview" in record.detail
    assert "Go+" in record.detail
    assert not [seen for seen in sc.requests if seen.host.startswith(("cf-", "playback."))]


def test_a_preview_that_only_its_host_tells_is_refused(bench: Any, sc: SoundCloudEmulator) -> None:
    """No mark in the data, a length of 30 seconds that fits: the host it comes from is known."""
    sound = sc.plant(of_track(LONG, policy=Policy.SNIP, streams=("mp3",), unmarked=True))
    record = bench.download(sound)
    assert (record.code, bench.left()) == ("not-entitled", [])


@pytest.mark.parametrize(
    ("stream", "words"),
    [("mp3", "preview: 30 s of 75 s"), ("mp3_hls", "lasts 30 s"), ("aac_160k", "lasts 30 s")],
)
def test_a_preview_in_disguise_is_refused(
    bench: Any, sc: SoundCloudEmulator, stream: str, words: str
) -> None:
    """No mark, no host: a playlist tells before a segment comes, a file before it is published."""
    sound = sc.plant(of_track(LONG, streams=(stream,), served_seconds=30))
    record = bench.download(sound)
    assert (record.code, bench.left()) == ("not-entitled", [])
    assert words in record.detail
    assert not sc.log.all("/segments/*")


def test_a_preview_that_somebody_insists_on_is_refused(bench: Any, sc: SoundCloudEmulator) -> None:
    """``options.format`` chooses among streams, not whether a preview is the song."""
    sound = sc.plant(of_track(LONG, policy=Policy.SNIP))
    assert bench.download(sound, options={"format": "http_mp3_0_1_preview"}).code == "not-entitled"


@pytest.mark.parametrize(
    ("wish", "got"),
    [
        (QualityPreference(codecs=["mp3"]), "MP3 128"),
        (QualityPreference(codecs=["opus"]), "OPUS"),
        (QualityPreference(ceiling=Quality(codec="mp3", bitrate=128)), "MP3 128"),
        (QualityPreference(floor=Quality(codec="aac", bitrate=160)), "AAC"),
        (QualityPreference(floor=Quality(codec="mp3", bitrate=320)), "quality-unavailable"),
        (QualityPreference(floor=Quality(codec="flac")), "quality-unavailable"),
        (QualityPreference(codecs=["flac"]), "quality-unavailable"),
    ],
)
def test_wish_bounds_what_is_chosen(
    bench: Any, sc: SoundCloudEmulator, wish: QualityPreference, got: str
) -> None:
    """Nothing that is not welcome is fetched; what there is is told."""
    record = bench.download(sc.plant(of_track(SHORT, streams=ALL)), wish=wish)
    assert (record.code or str(record.quality_got)).startswith(got)
    if record.code:
        assert "MP3 128" in record.detail
        assert not sc.log.all("/segments/*")


def test_options_reach_yt_dlp(bench: Any, sc: SoundCloudEmulator, first: Sound) -> None:
    """Fewer streams looked up, by yt-dlp's own argument."""
    record = bench.download(first, options={"extractor_args": {"soundcloud": {"formats": ["http_mp3"]}}})
    assert str(record.quality_got) == "MP3 128"
    assert len(sc.log.all("/media/*")) == 1


def test_refused_options_say_why(bench: Any, sc: SoundCloudEmulator, first: Sound) -> None:
    """The record names the key; nobody is asked."""
    record = bench.download(first, options={"outtmpl": "x"})
    assert record.code == "not-configured"
    assert "options.outtmpl" in record.detail
    assert sc.requests == []


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"policy": Policy.BLOCK}, "not-entitled", "location"),
        ({"streams": ("ctr",)}, "not-entitled", "DRM"),
        ({"streams": ("cbc", "ctr")}, "not-entitled", "DRM"),
        ({"secret": "s-hidden1"}, "not-found", "private"),
        ({"streams": ()}, "quality-unavailable", "formats"),
    ],
)
def test_every_refusal_has_its_reason(
    bench: Any, sc: SoundCloudEmulator, changes: dict[str, Any], code: str, words: str
) -> None:
    """The record ends with the class and the words; no media is asked for."""
    record = bench.download(sc.plant(of_track(SHORT, **changes)))
    assert (record.state, record.code) == (DownloadState.ERRORED, code)
    assert words in record.detail


def test_a_removed_track_is_not_found(bench: Any, sc: SoundCloudEmulator) -> None:
    """A number that nothing was uploaded under."""
    record = bench.download("77")
    assert record.code == "not-found"
    assert "removed or is private" in record.detail


@pytest.mark.parametrize(
    "target",
    [
        "x",
        "../../etc/passwd",
        "1/../2",
        "12/s-",
        "https://example.invalid/a/b",
        "https://soundcloud.com.evil.invalid/a/b",
    ],
)
def test_what_is_no_track_is_not_found(bench: Any, sc: SoundCloudEmulator, target: str) -> None:
    """Nobody is asked for it."""
    assert bench.download(target).code == "not-found"
    assert sc.requests == []


def test_a_set_is_no_track(bench: Any, sc: SoundCloudEmulator, first: Sound) -> None:
    """Its members are found by a search for its address."""
    one = sc.gather(Playlist(title="Night Set", uploader="Mix Tape", sounds=(first.id,)))
    assert bench.download(one.permalink).code == "not-found"


def test_a_stream_that_is_gone_leaves_the_others(bench: Any, sc: SoundCloudEmulator, first: Sound) -> None:
    """404 for the best one; the next comes."""
    sc.fault("/media/*/aac_160k/*", Fault(status=404))
    assert str(bench.download(first).quality_got) == "MP3 128"


@pytest.mark.parametrize("glob", ["/tracks/*", "/media/soundcloud:*"], ids=["track", "stream, raw HTTPError"])
def test_pain_14_a_429_pauses_and_goes_on(
    bench: Any, sc: SoundCloudEmulator, first: Sound, glob: str, pauses: list[float]
) -> None:
    """Retry-After is honoured, also where the status escapes from yt-dlp as it is."""
    sc.fault(glob, Fault(status=429, retry_after=1, times=1))
    record = bench.download(first)
    assert record.state is DownloadState.COMPLETED
    assert record.attempts[0].code == "rate-limited"
    before, after = (seen.at for seen in sc.log.all(glob)[:2])
    assert after - before >= 1
    assert pauses == [1]


def test_a_429_without_a_time_pauses_for_the_window(
    bench: Any, sc: SoundCloudEmulator, first: Sound, pauses: list[float]
) -> None:
    """SoundCloud counts in ten minutes; until then nothing more is asked."""
    sc.fault("/media/soundcloud:*", Fault(status=429))

    async def use(engine: DownloadEngine) -> tuple[int, Any]:
        job = await engine.dispatch_download(("soundcloud", str(first.id)), dest_dir=bench.music)
        await bench.seen(engine, job, lambda record: record.attempts)
        asked = len(sc.requests)
        await asyncio.sleep(0.3)
        record = await engine.get_download_status(job)
        await engine.cancel_download(job)
        return len(sc.requests) - asked, record

    asked_later, record = bench(use)
    assert (asked_later, record.attempts[0].code) == (0, "rate-limited")
    assert pauses == [600]
    assert not record.state.terminal


@pytest.mark.parametrize("glob", ["/tracks/*", "/media/soundcloud:*", "/", "/assets/*"])
def test_a_service_that_is_down_is_unavailable(
    bench: Any, sc: SoundCloudEmulator, first: Sound, glob: str
) -> None:
    """5xx anywhere on the way, also where yt-dlp makes a warning of it."""
    sc.fault(glob, Fault(status=503))
    assert bench.download(first).code == "unavailable"


def test_a_page_without_client_id_is_unexpected(bench: Any, sc: SoundCloudEmulator, first: Sound) -> None:
    """The hint names what may help."""
    sc.fault("/assets/*", Fault(body=b"var nothing;"))
    record = bench.download(first)
    assert record.code == "unexpected-response"
    assert "pip install -U yt-dlp" in record.detail


def test_a_client_id_is_replaced_when_it_is_refused(bench: Any, sc: SoundCloudEmulator, first: Sound) -> None:
    """No attempt is lost, and the new one outlives the engine."""
    bench.journal = bench.folder / "journal.db"
    bench.download(first)
    sc.rotate()
    record = bench.download(first)
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 1)
    asked = len(sc.log.all("/"))
    bench.download(first)
    assert len(sc.log.all("/")) == asked == 2


@pytest.mark.parametrize("stream", ["aac_160k", "mp3"])
def test_an_expired_address_is_replaced(bench: Any, sc: SoundCloudEmulator, stream: str) -> None:
    """Signed addresses end in the middle: a second look-up, no attempt lost, and the file is whole."""
    sound = sc.plant(of_track(SHORT, streams=(stream,)))
    glob = "/segments/*/4.m4s" if stream == "aac_160k" else "/progressive/*"
    sc.fault(glob, Fault(status=403, times=1))
    record = bench.download(sound)
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 1)
    assert record.file_path.read_bytes() == (
        media(sound, stream) if stream == "mp3" else streamed(sound, stream)
    )
    if stream == "aac_160k":
        assert len(sc.log.all("/segments/*")) == len(segments(sound, stream)) + 1


def test_a_broken_stream_is_gone_on_with(bench: Any, sc: SoundCloudEmulator) -> None:
    """A connection that drops costs what was not yet there."""
    sound = sc.plant(of_track(SHORT, streams=("mp3",)))
    sc.fault("/progressive/*", Fault(truncate_at=0.5, times=1))
    assert bench.download(sound).file_path.read_bytes() == media(sound, "mp3")
    assert sum(seen.sent for seen in sc.log.all("/progressive/*")) < 1.2 * len(media(sound, "mp3"))


def test_a_page_in_place_of_a_segment_is_no_audio(bench: Any, sc: SoundCloudEmulator, first: Sound) -> None:
    """HTML with status 200 never ends up in a file."""
    sc.fault("/segments/*/3.m4s", Fault(html=True))
    record = bench.download(first)
    assert record.state is DownloadState.ERRORED
    assert bench.left() == []


def test_the_service_is_probed(bench: Any, sc: SoundCloudEmulator) -> None:
    """One search for one track."""

    async def use(engine: DownloadEngine) -> Any:
        return (await engine.check_connections())["soundcloud"]

    assert bench(use)
    assert len(sc.log.all("/search/tracks")) == 1
    sc.fault("/search/*", Fault(status=503))
    assert not bench(use)


def test_limits(bench: Any) -> None:
    """Fifty requests a minute on average, three downloads at once; people can set others."""

    async def use(engine: DownloadEngine) -> Any:
        return engine.sources()

    info = next(one.info for one in bench(use) if one.name == "soundcloud")
    assert (info.limits.requests.count, info.limits.requests.period) == (25, 30)
    assert info.limits.concurrent_downloads == 3


def test_nothing_is_left_beside_the_file(bench: Any, first: Sound, tmp_path: Path) -> None:
    """No cache folder, cookie jar or part file."""
    record = bench.download(first)
    assert bench.left() == [record.file_path]
    assert [path.name for path in tmp_path.iterdir()] == ["music"]
