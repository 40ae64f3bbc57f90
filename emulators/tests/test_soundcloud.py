"""The real yt-dlp, with nothing patched, takes the emulated SoundCloud for the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from yt_dlp import YoutubeDL
from yt_dlp.extractor.soundcloud import SoundcloudBaseIE
from yt_dlp.networking.exceptions import HTTPError
from yt_dlp.utils import DownloadError

from cratedig_emulators.catalogue import Track
from cratedig_emulators.playing import play
from cratedig_emulators.server import Fault
from cratedig_emulators.soundcloud import Playlist, Policy, Sound, SoundCloudEmulator, of_track
from cratedig_emulators.soundcloud.media import STREAMS, media, original, streamed

SHORT = Track(artist="Zed Quill", title="Odd One", album="Odd", isrc="QZZQ12400001", seconds=9)
LONG = Track(artist="Zed Quill", title="Long One", album="Odd", seconds=75)


@pytest.fixture
def sc(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundCloudEmulator]:
    # yt-dlp keeps a login on the class of its extractors.
    monkeypatch.setattr(SoundcloudBaseIE, "_HEADERS", {})
    with SoundCloudEmulator() as emulator:
        yield emulator
        assert emulator.errors == []
        assert emulator.strays == []


def yt_dlp(sc: SoundCloudEmulator, **params: Any) -> Any:
    """Set up yt-dlp as anybody would set it up for a proxy."""
    defaults = {
        "proxy": sc.proxy_url,
        "nocheckcertificate": True,
        "cachedir": False,
        "quiet": True,
        "no_warnings": True,
        "noprogress": True,
        "retries": 0,
        "extractor_retries": 0,
        "fragment_retries": 0,
        "socket_timeout": 300,
        "fixup": "never",
    }
    return YoutubeDL({**defaults, **params})  # type: ignore[no-untyped-call]


def login(sc: SoundCloudEmulator) -> dict[str, str]:
    return {"username": "oauth", "password": sc.oauth_token}


def extracted(sc: SoundCloudEmulator, sound: Sound, **params: Any) -> Any:
    with yt_dlp(sc, **params) as ydl:
        return ydl.extract_info(f"https://api.soundcloud.com/tracks/{sound.id}", download=False)


def downloaded(sc: SoundCloudEmulator, sound: Sound, folder: Path, **params: Any) -> bytes:
    with yt_dlp(sc, outtmpl=str(folder / "%(id)s.%(ext)s"), **params) as ydl:
        [done] = ydl.extract_info(f"https://api.soundcloud.com/tracks/{sound.id}")["requested_downloads"]
    return Path(done["filepath"]).read_bytes()


def test_a_search_finds_the_client_id_first(sc: SoundCloudEmulator) -> None:
    """The page, its scripts from the last to the first, the search, and a HEAD for each hit's artwork."""
    with yt_dlp(sc, extract_flat=True) as ydl:
        entries = list(ydl.extract_info("scsearch2:brass slow tram home", download=False)["entries"])
    paths = [(seen.method, seen.path) for seen in sc.requests]
    assert paths[:4] == [
        ("GET", "/"),
        ("GET", "/assets/1-vendor.js"),
        ("GET", "/assets/0-app.js"),
        ("GET", "/search/tracks"),
    ]
    assert [method for method, _ in paths[4:]] == ["HEAD", "HEAD"]
    first = entries[0]
    assert (first["title"], first["artists"], first["duration"]) == (
        "The Brass Lanterns - Slow Tram Home",
        ["The Brass Lanterns"],
        13,
    )
    assert not first.get("formats")
    assert entries[1].get("artists") is None


def test_a_search_goes_on_with_the_next_page(sc: SoundCloudEmulator) -> None:
    """A page holds as many as were asked for, and says where the next one is."""
    with yt_dlp(sc, extract_flat=True) as ydl:
        entries = list(ydl.extract_info("scsearchall:brass lanterns", download=False)["entries"])
        assert len(entries) == len([one for one in sc.sounds.values() if "brass lanterns" in one.words])


@pytest.mark.parametrize(
    ("stream", "format_id", "codec", "rate"),
    [
        ("aac_160k", "hls_aac_160k", "aac", 160),
        ("mp3_hls", "hls_mp3_0_1", "mp3", 128),
        ("mp3", "http_mp3_0_1", "mp3", 128),
        ("opus", "hls_opus_0_0", "opus", 64),
    ],
)
def test_streams_are_real_audio(
    sc: SoundCloudEmulator, tmp_path: Path, stream: str, format_id: str, codec: str, rate: int
) -> None:
    """Every preset comes byte for byte over its protocol, and plays for as long as is said."""
    sound = sc.plant(of_track(SHORT, streams=(stream,)))
    [told] = extracted(sc, sound)["formats"]
    assert (told["format_id"], told["abr"]) == (format_id, rate)
    data = downloaded(sc, sound, tmp_path)
    assert data == (media(sound, stream) if stream == "mp3" else streamed(sound, stream))
    heard = play(data)
    assert heard.codec == codec
    assert heard.seconds == pytest.approx(9, abs=0.3)


def test_aac_comes_with_an_init_segment_and_many_fragments(sc: SoundCloudEmulator, tmp_path: Path) -> None:
    """Fragmented MP4, as the service has it."""
    downloaded(sc, sc.plant(of_track(SHORT, streams=("aac_160k",))), tmp_path)
    asked = [seen.path.rpartition("/")[2] for seen in sc.log.all("/segments/*")]
    assert asked[0] == "init.mp4"
    assert len(asked) >= 7


def test_a_preview_is_what_those_without_go_plus_get(sc: SoundCloudEmulator, tmp_path: Path) -> None:
    """30 seconds, marked as a preview, and yt-dlp takes them for the track; a subscriber has it whole."""
    sound = sc.plant(of_track(LONG, policy=Policy.SNIP, streams=("aac_256k", "mp3_hls", "mp3")))
    info = extracted(sc, sound)
    assert {one["format_id"] for one in info["formats"]} == {"hls_mp3_0_1_preview", "http_mp3_0_1_preview"}
    assert info["duration"] == 30
    assert downloaded(sc, sound, tmp_path, format="http_mp3_0_1_preview") == media(sound, "mp3", preview=True)
    whole = extracted(sc, sound, **login(sc))
    assert {one["format_id"] for one in whole["formats"]} == {"hls_aac_256k", "hls_mp3_0_1", "http_mp3_0_1"}
    assert whole["duration"] == 75


def test_a_subscription_is_more_than_an_account(sc: SoundCloudEmulator) -> None:
    """A login without Go+ hears previews."""
    sc.subscriber = False
    sound = sc.plant(of_track(LONG, policy=Policy.SNIP, streams=("aac_256k", "mp3")))
    assert [one["format_id"] for one in extracted(sc, sound, **login(sc))["formats"]] == [
        "http_mp3_0_1_preview"
    ]


def test_the_original_is_for_those_with_an_account(sc: SoundCloudEmulator, tmp_path: Path) -> None:
    """The file that was uploaded, lossless, beside the streams."""
    sound = sc.plant(of_track(SHORT, original="flac"))
    assert "download" not in {one["format_id"] for one in extracted(sc, sound)["formats"]}
    assert downloaded(sc, sound, tmp_path, format="download", **login(sc)) == original(sound)


@pytest.mark.parametrize("protocol", ["ctr", "cbc"])
def test_protected_streams_are_told(sc: SoundCloudEmulator, protocol: str) -> None:
    """Nothing else there: DRM."""
    with pytest.raises(DownloadError, match="DRM protected"):
        extracted(sc, sc.plant(of_track(SHORT, streams=(protocol,))))


def test_a_blocked_track_has_no_streams(sc: SoundCloudEmulator) -> None:
    """Region."""
    with pytest.raises(DownloadError, match="geo restriction"):
        extracted(sc, sc.plant(of_track(SHORT, policy=Policy.BLOCK)))


def test_a_private_track_needs_its_secret(sc: SoundCloudEmulator) -> None:
    """By address and by number; without it, it is not there."""
    sound = sc.plant(of_track(SHORT, secret="s-abcDEF123"))
    with yt_dlp(sc) as ydl:
        for address in (
            f"{sound.permalink}/{sound.secret}",
            f"https://api.soundcloud.com/tracks/{sound.id}?secret_token={sound.secret}",
        ):
            assert ydl.extract_info(address, download=False)["id"] == str(sound.id)
        for address in (sound.permalink, f"https://api.soundcloud.com/tracks/{sound.id}"):
            with pytest.raises(DownloadError, match="404"):
                ydl.extract_info(address, download=False)
        assert not list(ydl.extract_info("scsearch5:zed quill", download=False)["entries"])


def test_a_set_is_filled_in(sc: SoundCloudEmulator) -> None:
    """Its first members come whole, of the others the id; yt-dlp asks for those."""
    ids = tuple(sc.sounds)[:4]
    one = sc.gather(Playlist(title="Night Set", uploader="Mix Tape", sounds=ids))
    with yt_dlp(sc) as ydl:
        info = ydl.extract_info(one.permalink, download=False)
        assert [entry["id"] for entry in info["entries"]] == [str(number) for number in ids]


def test_a_wrong_client_id_is_refused_once(sc: SoundCloudEmulator, tmp_path: Path) -> None:
    """After a rotation yt-dlp looks for the new one and asks again."""
    sound = next(iter(sc.sounds.values()))
    for _ in range(2):
        with yt_dlp(sc, cachedir=str(tmp_path)) as ydl:
            assert ydl.extract_info(f"https://api.soundcloud.com/tracks/{sound.id}", download=False)
        sc.rotate()
    assert [seen.status for seen in sc.log.all(f"/tracks/{sound.id}")] == [200, 401, 200]


def test_a_token_that_has_expired_makes_a_guest_of_its_owner(sc: SoundCloudEmulator) -> None:
    """yt-dlp only warns."""
    sound, stale = next(iter(sc.sounds.values())), login(sc)
    sc.expire_login()
    assert extracted(sc, sound, **stale)
    assert [seen.status for seen in sc.log.all("/connect/session")] == [401]
    assert "authorization" not in sc.requests[-1].headers


def test_a_429_on_a_transcoding_escapes_raw(sc: SoundCloudEmulator) -> None:
    """It is no DownloadError."""
    sc.fault("/media/*", Fault(status=429))
    with pytest.raises(HTTPError, match="429"):
        extracted(sc, next(iter(sc.sounds.values())))


# yt-dlp leaves the refused answer's connection to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_stream_that_is_missing_leaves_the_others(sc: SoundCloudEmulator) -> None:
    """404 for one transcoding."""
    sc.fault("/media/*/aac_160k/*", Fault(status=404))
    info = extracted(sc, next(iter(sc.sounds.values())))
    assert {one["format_id"] for one in info["formats"]} == {"hls_mp3_0_1", "http_mp3_0_1"}


def test_an_address_ends(sc: SoundCloudEmulator, tmp_path: Path) -> None:
    """A signed address is refused after its time; a new one works."""
    sound = next(iter(sc.sounds.values()))
    info = extracted(sc, sound, format="http_mp3_0_1")
    sc.end_addresses()
    with yt_dlp(sc) as ydl, pytest.raises(HTTPError, match="403"):
        ydl.urlopen(info["url"])
    assert downloaded(sc, sound, tmp_path)


@pytest.mark.parametrize("key", STREAMS)
def test_every_stream_is_told_as_the_service_does(key: str) -> None:
    """Preset, protocol and type of each are texts that yt-dlp reads."""
    stream = STREAMS[key]
    assert stream.preset.partition("_")[0] in ("aac", "mp3", "opus", "abr")
    assert stream.mime.startswith("audio/")
