"""The real yt-dlp, with nothing patched, takes the emulated YouTube for the real one."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import pytest
from yt_dlp import YoutubeDL
from yt_dlp.utils import DownloadCancelled, DownloadError

from cratedig_emulators.catalogue import Track
from cratedig_emulators.certificate import authority_pem
from cratedig_emulators.playing import play
from cratedig_emulators.server import Fault
from cratedig_emulators.youtube import Playability, Video, YouTubeEmulator, topic, upload
from cratedig_emulators.youtube.videos import STREAMS, media


@pytest.fixture
def yt() -> Iterator[YouTubeEmulator]:
    with YouTubeEmulator() as emulator:
        yield emulator
        assert emulator.errors == []


def yt_dlp(yt: YouTubeEmulator, **params: Any) -> Any:
    """Set up yt-dlp as anybody would set it up for a proxy."""
    defaults = {
        "proxy": yt.proxy_url,
        "nocheckcertificate": True,
        "cachedir": False,
        "quiet": True,
        "no_warnings": True,
        "noprogress": True,
        "retries": 0,
        "extractor_retries": 0,
        "socket_timeout": 300,
        "format": "bestaudio",
        "fixup": "never",
    }
    return YoutubeDL({**defaults, **params})  # type: ignore[no-untyped-call]


def watch(video: Video) -> str:
    return f"https://www.youtube.com/watch?v={video.id}"


def first(yt: YouTubeEmulator) -> Video:
    return next(iter(yt.videos.values()))


def ask(yt: YouTubeEmulator, url: str, context: ssl.SSLContext) -> bytes:
    opener = build_opener(ProxyHandler({"https": yt.proxy_url}), HTTPSHandler(context=context))
    with opener.open(url) as answer:
        return bytes(answer.read())


def test_a_search_takes_two_requests(yt: YouTubeEmulator) -> None:
    """Label audio, an upload, a live version, a cover, a live stream and a premiere turn up."""
    with yt_dlp(yt, extract_flat=True) as ydl:
        entries = list(ydl.extract_info("ytsearch10:slow tram home brass", download=False)["entries"])
    assert [seen.path for seen in yt.requests] == ["/", "/youtubei/v1/search"]
    assert entries[0]["channel"] == "The Brass Lanterns - Topic"
    assert {entry["live_status"] for entry in entries} == {None, "is_live", "is_upcoming"}
    assert entries[0]["view_count"] == 90_000
    assert entries[0]["duration"] == 13


def test_a_minus_excludes(yt: YouTubeEmulator) -> None:
    """As at the real service, a word with a minus before it must not occur."""
    with yt_dlp(yt, extract_flat=True) as ydl:
        entries = ydl.extract_info("ytsearch10:slow tram home brass -cover -topic", download=False)["entries"]
        channels = {entry["channel"] for entry in entries}
    assert channels == {"The Brass Lanterns Official", "Endless Radio"}


def test_youtube_music_has_the_labels_audio(yt: YouTubeEmulator) -> None:
    """Its search gives songs only."""
    with yt_dlp(yt, extract_flat=True) as ydl:
        info = ydl.extract_info("https://music.youtube.com/search?q=copper+rain#songs", download=False)
        assert [entry["title"] for entry in info["entries"]] == ["Copper Rain"]


def test_label_audio_says_what_it_is(yt: YouTubeEmulator) -> None:
    """Track, artist, album and year are in the description of a topic upload."""
    with yt_dlp(yt) as ydl:
        info = ydl.extract_info(watch(first(yt)), download=False)
    said = (info["track"], info["artists"], info["album"], info["release_year"])
    assert said == ("Slow Tram Home", ["The Brass Lanterns"], "Slow Tram Home", 2021)
    assert {(f["format_id"], f["acodec"]) for f in info["formats"] if f["acodec"] != "none"} == {
        ("140", "mp4a.40.2"),
        ("251", "opus"),
    }
    assert yt.strays == []


@pytest.mark.parametrize("itag", [139, 140, 249, 251])
def test_formats_are_real_audio(yt: YouTubeEmulator, itag: int, tmp_path: Path) -> None:
    """Every format downloads byte for byte, plays for as long as it says, and has the codec it names."""
    video = yt.plant(topic(Track(artist="A", title="B", seconds=9), itags=(itag,)))
    with yt_dlp(yt, outtmpl=str(tmp_path / "%(id)s.%(ext)s")) as ydl:
        [done] = ydl.extract_info(watch(video))["requested_downloads"]
    data = Path(done["filepath"]).read_bytes()
    assert data == media(video, itag)
    heard = play(data)
    assert heard.codec == STREAMS[itag].codec.removesuffix("-webm")
    assert heard.seconds == pytest.approx(9, abs=0.2)


def test_m4a_is_fragmented_as_at_the_real_service(yt: YouTubeEmulator) -> None:
    """Its length is in the fragments; a reader that looks at the header alone finds none."""
    data = media(first(yt), 140)
    assert data[4:12] == b"ftypdash"
    assert b"moof" in data


@pytest.mark.parametrize(
    ("playability", "text"),
    [
        (Playability.UPCOMING, "This live event will begin"),
        (Playability.AGE_GATED, "Sign in to confirm your age"),
        (Playability.MEMBERS_ONLY, "members-only content"),
        (Playability.PRIVATE, "Private video"),
        (Playability.REMOVED, "Video unavailable. This video has been removed"),
        (Playability.COUNTRY, "has not made this video available in your country"),
        (Playability.BOT_CHECK, "Sign in to confirm you\u2019re not a bot"),
        (Playability.RATE_LIMITED, "has been rate-limited by YouTube for up to an hour"),
        (Playability.NO_FORMATS, "No video formats found"),
    ],
)
def test_refusals_read_as_they_do_at_the_real_service(
    yt: YouTubeEmulator, playability: Playability, text: str
) -> None:
    """yt-dlp says the same of one video, and of the whole service."""
    video = first(yt)
    yt.playability = playability
    with yt_dlp(yt) as ydl, pytest.raises(DownloadError, match=text):
        ydl.extract_info(watch(video), download=False)
    yt.playability = None
    yt.change(video.id, playability=playability)
    with yt_dlp(yt) as ydl, pytest.raises(DownloadError, match=text):
        ydl.extract_info(watch(video), download=False)
    assert yt.strays == []


def test_a_live_stream_is_live(yt: YouTubeEmulator) -> None:
    """It plays, but has no length and no audio alone."""
    [video] = [one for one in yt.videos.values() if one.playability is Playability.LIVE][:1]
    with yt_dlp(yt, format="best") as ydl:
        info = ydl.extract_info(watch(video), download=False)
    assert (info["live_status"], info["protocol"]) == ("is_live", "m3u8_native")


def test_a_removed_video_is_unknown(yt: YouTubeEmulator) -> None:
    """Ids that nothing was uploaded under."""
    with yt_dlp(yt) as ydl, pytest.raises(DownloadError, match="Video unavailable"):
        ydl.extract_info("https://www.youtube.com/watch?v=ZZZZZZZZZZZ", download=False)


def test_a_short_file_hides_behind_a_long_video(yt: YouTubeEmulator) -> None:
    """The player says one length and the media has another, as a preview has."""
    video = yt.plant(upload(Track(artist="A", title="B", seconds=60), served_seconds=8))
    with yt_dlp(yt) as ydl:
        info = ydl.extract_info(watch(video), download=False)
    assert info["duration"] == 60
    assert len(media(video, 251)) < len(media(topic(Track(artist="A", title="B", seconds=60)), 251)) / 4


def test_a_429_is_a_warning_only(yt: YouTubeEmulator) -> None:
    """The status of the player endpoint shows in no exception."""
    yt.fault("/youtubei/v1/player", Fault(status=429))
    with yt_dlp(yt) as ydl, pytest.raises(DownloadError) as caught:
        ydl.extract_info(watch(first(yt)), download=False)
    assert "429" not in str(caught.value)


def test_media_can_be_refused_once(yt: YouTubeEmulator, tmp_path: Path) -> None:
    """The 403 of an address that has expired; the next one works."""
    yt.fault("/videoplayback", Fault(status=403, times=1))
    options = {"outtmpl": str(tmp_path / "%(id)s.%(ext)s")}
    with yt_dlp(yt, **options) as ydl, pytest.raises(DownloadError, match="HTTP Error 403"):
        ydl.extract_info(watch(first(yt)))
    with yt_dlp(yt, **options) as ydl:
        assert ydl.extract_info(watch(first(yt)))


def test_a_forged_address_is_refused(yt: YouTubeEmulator) -> None:
    """Media is handed out only under the signature that the player gave."""
    context = ssl._create_unverified_context()
    url = f"https://rr1---sn-x.googlevideo.com/videoplayback?id={first(yt).id}&itag=251&sig=other"
    with pytest.raises(URLError, match="403"):
        ask(yt, url, context)


def test_a_slow_download_can_be_cancelled_and_resumed(yt: YouTubeEmulator, tmp_path: Path) -> None:
    """What has come stays; the rest is asked for with a Range and the whole is right."""
    yt.fault("/videoplayback", Fault(drip=(8192, 0.02), times=1))

    def cancel(at: dict[str, Any]) -> None:
        if at["downloaded_bytes"] > 30_000:
            raise DownloadCancelled

    options = {"outtmpl": str(tmp_path / "%(id)s.%(ext)s")}
    with yt_dlp(yt, progress_hooks=[cancel], **options) as ydl, pytest.raises(DownloadCancelled):
        ydl.extract_info(watch(first(yt)))
    with yt_dlp(yt, **options) as ydl:
        [done] = ydl.extract_info(watch(first(yt)))["requested_downloads"]
    assert Path(done["filepath"]).read_bytes() == media(first(yt), 251)
    assert not yt.log.all("/videoplayback")[-1].headers["range"].startswith("bytes=0-")


def test_foreign_hosts_are_answered_404_and_listed(yt: YouTubeEmulator) -> None:
    """Proof that nothing leaves the machine."""
    with pytest.raises(URLError, match="404"):
        ask(yt, "https://example.invalid/leak", ssl._create_unverified_context())
    assert yt.strays == ["GET example.invalid/leak"]


def test_the_certificate_can_be_verified(yt: YouTubeEmulator) -> None:
    """A client that trusts the authority needs no exception for the emulator."""
    context = ssl.create_default_context(cadata=authority_pem().decode())
    assert b"ytcfg" in ask(yt, "https://www.youtube.com/", context)
    assert ask(yt, "https://i.ytimg.com/vi/x/hqdefault.jpg", context)[:2] == b"\xff\xd8"


def test_stopping_ends_open_tunnels(yt: YouTubeEmulator) -> None:
    """Keep-alive connections inside TLS do not hold the emulator up."""
    with yt_dlp(yt) as ydl:
        ydl.extract_info(watch(first(yt)), download=False)
        yt.stop()
    yt.start()
    with yt_dlp(yt) as ydl:
        assert ydl.extract_info(watch(first(yt)), download=False)
