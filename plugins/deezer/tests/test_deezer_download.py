"""A download brings the whole track in the best format that is wanted and granted, or says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cratedig import Download, DownloadEngine, DownloadState, Quality, QualityPreference
from cratedig_emulators.catalogue import Track
from cratedig_emulators.playing import play
from cratedig_emulators.server import Fault

TITLE = "Copper Rain"
CD = Quality(codec="flac", bit_depth=16, sample_rate=44_100)
MP3_320 = Quality(codec="mp3", bitrate=320)
ODD = Track(artist="Zed Quill", title="Odd One", album="Odd", isrc="QZZQ12400001", seconds=10)
OTHER = Track(artist="Zed Quill", title="Odd One (Other Release)", album="Odd", seconds=10)


def formats_asked(bench: Any) -> list[list[str]]:
    bodies = [json.loads(seen.body) for seen in bench.service.log.all("/v1/get_url")]
    return [[one["format"] for media in body["media"] for one in media["formats"]] for body in bodies]


@pytest.mark.parametrize("searched", [True, False], ids=["searched", "by number"])
@pytest.mark.parametrize(
    ("quality", "codec", "got"),
    [
        ("FLAC", "flac", "FLAC 16/44.1"),
        ("mp3_320", "mp3", "MP3 320"),
        ("MP3_128", "mp3", "MP3 128"),
    ],
)
def test_whole_track_in_each_format(bench: Any, quality: str, codec: str, got: str, searched: bool) -> None:
    """The file plays from its beginning to its end, in the format that was granted, under its name."""
    record = bench.download(TITLE, quality=quality, searched=searched)
    assert (record.state, record.detail) == (DownloadState.COMPLETED, "")
    heard = play(record.file_path)
    assert (heard.codec, heard.sample_rate) == (codec, 44_100)
    assert heard.seconds == pytest.approx(16, abs=0.2)
    assert (str(record.quality_got), record.file_path.stem) == (got, "The Brass Lanterns - Copper Rain")
    assert record.file_path.read_bytes() == bench.service.song(TITLE).audio(quality.upper())


def test_alias_is_as_good_as_the_name(bench: Any) -> None:
    """Older programs' name works for searches, chains, downloads and cancels."""

    async def use(engine: DownloadEngine) -> tuple[int, Download]:
        found = await engine.search_with_fallback(TITLE, ["deezer_dl"])
        target = ("deezer_dl", found.results[0].target_id)
        job = await engine.dispatch_download(target, dest_dir=bench.music)
        chained = await engine.download_with_fallback(TITLE, ["deezer_dl"], dest_dir=bench.folder / "chain")
        assert (await engine.wait(chained)).state is DownloadState.COMPLETED
        return len(found.results), await engine.wait(job)

    count, record = bench(use)
    assert (count, record.state, record.source) == (1, DownloadState.COMPLETED, "deezer")


def test_two_api_requests_for_a_download(bench: Any) -> None:
    """One look-up and one address, once somebody is logged in."""
    bench.download(TITLE)
    assert [seen.path for seen in bench.service.requests[:-1]] == [
        "/ajax/gw-light.php",
        "/ajax/gw-light.php",
        "/v1/get_url",
    ]


@pytest.mark.parametrize(
    ("high", "lossless", "asked", "got"),
    [
        (True, True, ["FLAC", "MP3_320", "MP3_128"], "FLAC 16/44.1"),
        (True, False, ["MP3_320", "MP3_128"], "MP3 320"),
        (False, False, ["MP3_128"], "MP3 128"),
    ],
)
def test_formats_go_by_the_subscription(
    bench: Any, high: bool, lossless: bool, asked: list[str], got: str
) -> None:
    """What the account may not have is not even asked for."""
    bench.service.account.high, bench.service.account.lossless = high, lossless
    assert str(bench.download(TITLE).quality_got) == got
    assert formats_asked(bench) == [asked]


def test_formats_without_a_file_are_not_asked_for(bench: Any) -> None:
    """A size of zero means that there is no file; the next lower format comes, and the record tells."""
    bench.service.plant(ODD, formats=("MP3_320", "MP3_128"))
    record = bench.download("Odd One", searched=True)
    assert formats_asked(bench) == [["MP3_320", "MP3_128"]]
    assert (str(record.quality_offered), str(record.quality_got)) == ("FLAC 16/44.1", "MP3 320")
    assert "lower quality than offered" in record.detail
    wanted = bench.download("Odd One", searched=True, wish=QualityPreference(codecs=["mp3"]))
    assert (str(wanted.quality_got), wanted.detail) == ("MP3 320", "")


@pytest.mark.parametrize(
    ("wish", "setting", "result"),
    [
        (QualityPreference(floor=CD), "FLAC", "FLAC 16/44.1"),
        (QualityPreference(ceiling=MP3_320), "FLAC", "MP3 320"),
        (QualityPreference(codecs=["mp3"]), "FLAC", "MP3 320"),
        (QualityPreference(codecs=["opus"]), "FLAC", "quality-unavailable"),
        (QualityPreference(floor=CD), "MP3_320", "quality-unavailable"),
        (QualityPreference(floor=MP3_320), "MP3_128", "quality-unavailable"),
        (QualityPreference(), "MP3_128", "MP3 128"),
    ],
)
def test_wish_and_setting_bound_the_ladder(
    bench: Any, wish: QualityPreference, setting: str, result: str
) -> None:
    """Nothing below the floor or above the setting is asked for."""
    record = bench.download(TITLE, wish=wish, quality=setting)
    assert (record.code or str(record.quality_got)) == result


def test_floor_is_kept_where_the_file_is_lower(bench: Any) -> None:
    """No MP3 comes in place of a FLAC that was insisted on, and no byte is fetched."""
    bench.service.plant(ODD, formats=("MP3_320", "MP3_128"))
    assert bench.download("Odd One", wish=QualityPreference(floor=CD)).code == "quality-unavailable"
    exact = QualityPreference(accept_lower=False)
    assert bench.download("Odd One", wish=exact).code == "quality-unavailable"
    assert not bench.service.log.all("/media/*")


def test_subscription_below_the_floor_says_so(bench: Any) -> None:
    """The reason is the account, not the track."""
    bench.service.account.lossless = False
    record = bench.download(TITLE, wish=QualityPreference(floor=CD))
    assert record.code == "quality-unavailable"
    assert "subscription does not include FLAC" in record.detail


def test_subscription_that_shrinks_at_work(bench: Any) -> None:
    """A licence that is refused is renewed; the new one has fewer formats, and the best of them comes."""

    async def use(engine: DownloadEngine) -> Download:
        await engine.search(TITLE, sources=["deezer"])
        bench.service.account.lossless = False
        bench.service.sessions.end_licenses()
        return await engine.wait(
            await engine.dispatch_download(("deezer", bench.number(TITLE)), dest_dir=bench.music)
        )

    assert str(bench(use).quality_got) == "MP3 320"
    assert formats_asked(bench) == [["FLAC", "MP3_320", "MP3_128"], ["MP3_320"]]


def refuse_license(bench: Any, times: int | None) -> None:
    body = json.dumps({"errors": [{"code": 1002, "message": "License token has no sufficient rights"}]})
    answer = Fault(status=403, body=body.encode(), content_type="application/json", times=times)
    bench.service.fault("/v1/get_url", answer)


def test_licence_refused_for_the_better_formats(bench: Any) -> None:
    """After a renewal each format is asked for by itself, downwards, whatever the account says."""
    refuse_license(bench, 2)
    assert str(bench.download(TITLE).quality_got) == "MP3 320"
    assert formats_asked(bench) == [["FLAC", "MP3_320", "MP3_128"], ["FLAC"], ["MP3_320"]]


def test_licence_refused_for_every_format(bench: Any) -> None:
    """Then it is the account that may not have it."""
    refuse_license(bench, None)
    record = bench.download(TITLE)
    assert record.code == "not-entitled"
    assert "subscription" in record.detail
    assert len(formats_asked(bench)) == 4


def test_substitute_of_a_blocked_track(bench: Any) -> None:
    """Deezer's substitute comes with its own number, and so with its own key."""
    other = bench.service.plant(OTHER)
    bench.service.plant(ODD, geo_blocked=True, fallback=other.number)
    record = bench.download("Odd One")
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 1)
    assert record.file_path.read_bytes() == other.audio("FLAC")
    assert record.file_path.stem == "Zed Quill - Odd One"


def test_substitute_that_is_only_named(bench: Any) -> None:
    """A substitute without a token is looked up first."""
    other = bench.service.plant(OTHER)
    bench.service.plant(ODD, geo_blocked=True, fallback=other.number, brief_fallback=True)
    assert bench.download("Odd One").state is DownloadState.COMPLETED
    assert len(bench.calls("song.getData")) == 2


@pytest.mark.parametrize("odd", [{"geo_blocked": True}, {"removed": True}, {"empty_media": True}])
def test_substitute_that_cannot_be_had_either(bench: Any, odd: dict[str, bool]) -> None:
    """The reason that is told is the track's own."""
    other = bench.service.plant(OTHER, **odd)
    bench.service.plant(ODD, geo_blocked=True, fallback=other.number, brief_fallback=True)
    record = bench.download("Odd One")
    assert record.code == "not-entitled"
    assert "not released" in record.detail


def test_track_that_has_moved(bench: Any) -> None:
    """A number that is gone but names its successor leads there."""
    other = bench.service.plant(OTHER)
    bench.service.plant(ODD, removed=True, moved_to=other.number)
    record = bench.download("Odd One")
    assert record.file_path.read_bytes() == other.audio("FLAC")


@pytest.mark.parametrize(
    ("odd", "code", "words"),
    [
        ({"geo_blocked": True}, "not-entitled", "country"),
        ({"removed": True}, "not-found", "no such track"),
        ({"preview_only": True}, "not-entitled", "preview"),
        ({"streamable": False}, "not-entitled", "does not stream"),
        ({"empty_media": True}, "quality-unavailable", "no file"),
        ({"formats": ()}, "quality-unavailable", "no file"),
        ({"removed": True, "moved_to": 5}, "not-found", "no such track"),
    ],
)
def test_what_cannot_be_had(bench: Any, odd: dict[str, Any], code: str, words: str) -> None:
    """Region, removal, previews and missing formats are told apart; no byte is fetched, nothing is left."""
    bench.service.plant(ODD, **odd)
    record = bench.download("Odd One")
    assert (record.state, record.code) == (DownloadState.ERRORED, code)
    assert words in record.detail
    assert not bench.service.log.all("/media/*")
    assert bench.left() == []


@pytest.mark.parametrize("target", ["77", "abc", "-5", "0", "../1", "1" * 30, "9 9"])
def test_numbers_that_are_no_tracks(bench: Any, target: str) -> None:
    """What is no number is not even asked for."""

    async def use(engine: DownloadEngine) -> Download:
        return await engine.wait(await engine.dispatch_download(("deezer", target), dest_dir=bench.music))

    assert bench(use).code == "not-found"
    assert bool(bench.calls("song.getData")) == (target == "77")


def test_preview_under_a_full_label_is_refused(bench: Any) -> None:
    """30 seconds that are called FULL, in full quality, are not the song; the file is not published."""
    bench.service.plant(Track(artist="A", title="Half a Minute", seconds=60), served_seconds=30)
    record = bench.download("Half a Minute")
    assert (record.state, record.code) == (DownloadState.ERRORED, "not-entitled")
    assert "preview" in record.detail
    assert bench.left() == []


def test_stream_that_is_not_encrypted(bench: Any) -> None:
    """The answer says so, and the bytes are taken as they are."""
    song = bench.service.plant(ODD, plain=True)
    assert bench.download("Odd One").file_path.read_bytes() == song.audio("FLAC")


def test_track_token_that_is_not_accepted(bench: Any) -> None:
    """It is fetched anew once; if that does not help, the service is at fault."""
    refusal = {"data": [{"errors": [{"code": 2000, "message": "cannot be decoded"}]}]}
    answer = Fault(body=json.dumps(refusal).encode(), content_type="application/json")
    bench.service.fault("/v1/get_url", evolve(answer, times=1))
    assert bench.download(TITLE).state is DownloadState.COMPLETED
    assert len(bench.calls("song.getData")) == 2
    bench.service.fault("/v1/get_url", answer)
    assert bench.download("Glasshouse").code == "unavailable"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"DATA_ERROR": "song::getData"}, "not-found"),
        ({"GATEWAY_ERROR": "something else"}, "unexpected-response"),
        ({"SOMETHING_NEW": "x"}, "unexpected-response"),
    ],
)
def test_errors_of_the_gateway(bench: Any, error: dict[str, str], code: str) -> None:
    """Each of the gateway's words is one of the engine's errors."""
    bench.service.gateway_errors["song.getData"] = [error]
    assert bench.download(TITLE).code == code


def test_quota_pauses_the_source(bench: Any, pauses: list[float]) -> None:
    """QUOTA_ERROR with status 200 is a pause of some seconds and no failure."""
    bench.service.gateway_errors["song.getData"] = [{"QUOTA_ERROR": "Quota exceeded"}]
    record = bench.download(TITLE)
    assert [one.code for one in record.attempts] == ["rate-limited", ""]
    first, second = bench.calls("song.getData")
    assert second.at - first.at >= pauses[0]
    assert 3 < pauses[0] < 10


@pytest.mark.parametrize("path", ["/ajax/*", "/v1/get_url"])
def test_429_pauses_as_long_as_it_says(bench: Any, pauses: list[float], path: str) -> None:
    """Retry-After is honoured wherever it comes from."""
    bench.service.fault(path, Fault(status=429, retry_after=1, times=1))
    assert bench.download(TITLE).state is DownloadState.COMPLETED
    first, second, *_ = bench.service.log.all(path)
    assert second.at - first.at >= 1
    assert pauses == [1]


@pytest.mark.parametrize("path", ["/ajax/*", "/v1/get_url"])
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=401), "authentication-failed"),
        (Fault(status=403), "not-entitled"),
        (Fault(status=404), "not-found"),
        (Fault(status=503), "unavailable"),
        (Fault(reset=True), "unavailable"),
        (Fault(html=True), "unexpected-response"),
        (Fault(body=b"[" * 100_000, content_type="application/json"), "unexpected-response"),
        (Fault(body=b'{"error": [], "resu', content_type="application/json"), "unexpected-response"),
        (Fault(status=403, body=b"{", content_type="application/json"), "not-entitled"),
        (Fault(body=b"[]", content_type="application/json"), "unexpected-response"),
    ],
)
def test_each_error_of_the_service(bench: Any, path: str, fault: Fault, code: str) -> None:
    """Statuses, outage pages and rubbish are the errors that they stand for, at both services."""
    bench.service.fault(path, fault)
    record = bench.download(TITLE)
    assert (record.state, record.code) == (DownloadState.ERRORED, code)


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(reset=True), Fault(status=500)])
def test_second_host_of_the_bytes_is_asked(bench: Any, fault: Fault) -> None:
    """When the first host is down, the other one delivers; it costs no attempt."""
    bench.service.fault("/media/*", fault)
    record = bench.download(TITLE)
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 1)
    assert bench.service.log.all("/mobile/*")


def test_address_that_has_expired_is_replaced(bench: Any) -> None:
    """One 403 of the host that has the bytes costs a second look-up and no attempt."""
    bench.service.fault("/media/*", Fault(status=403, times=1))
    record = bench.download(TITLE)
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 1)
    assert len(bench.service.log.all("/v1/get_url")) == 2
    bench.service.fault("/m[eo]*/*", Fault(status=403))
    assert bench.download("Glasshouse").code == "not-entitled"


@pytest.mark.parametrize("at", [100_001, 6144 * 20, 300_000])
def test_broken_transfer_goes_on_at_a_stripe(bench: Any, at: int) -> None:
    """What is there is kept: the second request begins at a multiple of 6144, and the file is whole."""
    bench.service.fault("GET /media/*", Fault(truncate_at=at, times=1))
    record = bench.download(TITLE)
    assert record.file_path.read_bytes() == bench.service.song(TITLE).audio("FLAC")
    first, second = bench.service.log.all("/media/*")
    begin = int(second.headers["range"].removeprefix("bytes=").partition("-")[0])
    assert "range" not in first.headers
    assert begin % 6144 == 0
    assert at - 32_768 <= begin <= at


def test_host_without_ranges(bench: Any) -> None:
    """A broken transfer that cannot go on begins again, decryption included."""
    bench.service.fault("GET /media/*", Fault(ignore_range=True))
    bench.service.fault("GET /media/*", Fault(truncate_at=50_000, ignore_range=True, times=1))
    record = bench.download(TITLE)
    assert record.file_path.read_bytes() == bench.service.song(TITLE).audio("FLAC")
    assert len(record.attempts) == 1


def test_wrong_stripe_secret(bench: Any) -> None:
    """It is noticed within the first bytes, the record names the setting, and nothing is published."""
    wrong = "0123456789abcdef"  # not drawn by lot: the noise of one in ten thousand begins like audio
    record = bench.download(TITLE, stripe_secret=wrong)
    assert (record.state, record.code) == (DownloadState.ERRORED, "corrupt-download")
    assert "stripe_secret" in record.detail
    assert wrong not in str(record)
    assert bench.left() == []


def test_resume_in_another_process(bench: Any, tmp_path: Path) -> None:
    """A download that an engine has left half-way is gone on with by the next one, from the bytes there."""
    bench.journal = tmp_path / "journal.db"
    bench.service.fault("GET /m*/*", Fault(stall_at=400_000, times=1))

    async def begin(engine: DownloadEngine) -> str:
        job = await engine.dispatch_download(("deezer", bench.number(TITLE)), dest_dir=bench.music)
        parts: list[int] = []
        while not any(size > 300_000 for size in parts):
            await engine.get_download_status(job)
            parts = [path.stat().st_size for path in bench.music.rglob("*.part")]
        return job

    async def go_on(engine: DownloadEngine) -> Download:
        return await engine.wait(job)

    job = bench(begin)
    record = bench(go_on)
    assert record.state is DownloadState.COMPLETED
    assert record.file_path.read_bytes() == bench.service.song(TITLE).audio("FLAC")
    last = [seen for seen in bench.service.log.all("/m*/*") if seen.method == "GET"][-1]
    begin_at = int(last.headers["range"].removeprefix("bytes=").partition("-")[0])
    assert begin_at > 200_000
    assert begin_at % 6144 == 0
