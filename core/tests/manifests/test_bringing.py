"""From an address to a manifest, and from a manifest to a file."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from cratedig import NotEntitled, NotFound, SourceError, Unavailable, UnexpectedResponse
from cratedig._http.errors import translate
from cratedig.manifests import MAX_CHARACTERS, Manifest, fetch_audio, open_manifest
from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.segments import segmented

MEDIA = "#EXTM3U\n#EXTINF:4,\n1.mp4\n#EXT-X-ENDLIST"
MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia/list.m3u8"
AUDIO = make_audio(next(iter(DEFAULT)), seconds=2.0, tagged=False)


class Lent:
    """As much of a source's context as manifests need: answers by path, and fetched files in a folder."""

    def __init__(self, answers: dict[str, bytes], folder: Path | None = None) -> None:
        self.answers = answers
        self.folder = folder or Path()
        transport = httpx.MockTransport(self._answer)
        self.http = httpx.AsyncClient(transport=transport, follow_redirects=True)
        self.log = logging.getLogger("cratedig.test")
        self.meaning: Callable[[Any], SourceError] = translate

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/moved":
            return httpx.Response(302, headers={"location": "/there/list.m3u8"})
        body = self.answers.get(request.url.path)
        return httpx.Response(404) if body is None else httpx.Response(200, content=body)

    async def fetch(self, url: str, name: str, **_: Any) -> Path:
        return await self.fetch_segments([url], name)

    async def fetch_segments(self, urls: Any, name: str, **_: Any) -> Path:
        if "old" in urls[0]:
            raise NotEntitled("the signature has expired")
        path = self.folder / name
        path.write_bytes(b"".join(self.answers[httpx.URL(url).path] for url in urls))
        return path

    async def run_blocking(self, func: Any, *args: Any) -> Any:
        return func(*args)


def opened(answers: dict[str, bytes], address: str) -> Manifest:
    context: Any = Lent(answers)
    return asyncio.run(open_manifest(context, address))


def brought(manifest: Manifest, answers: dict[str, bytes], folder: Path) -> Path:
    context: Any = Lent(answers, folder)
    return asyncio.run(fetch_audio(context, manifest, "song"))


def test_playlist_of_playlists_is_followed() -> None:
    """Addresses are relative to where each playlist was found, redirects included."""
    answers = {"/there/list.m3u8": MASTER.encode(), "/there/media/list.m3u8": MEDIA.encode()}
    assert opened(answers, "http://h/moved").urls == ("http://h/there/media/1.mp4",)


def test_data_address_needs_no_request() -> None:
    """What it holds is the manifest."""
    text = MEDIA.replace("1.mp4", "http://h/1.mp4")
    address = f"data:application/vnd.apple.mpegurl;base64,{base64.b64encode(text.encode()).decode()}"
    assert opened({}, address).urls == ("http://h/1.mp4",)


def test_playlists_that_lead_in_circles_are_left() -> None:
    """A few steps, and no more."""
    with pytest.raises(UnexpectedResponse, match="playlists only"):
        opened({"/a": MASTER.replace("media/list.m3u8", "a").encode()}, "http://h/a")


def test_refused_manifest_is_the_error_that_it_stands_for() -> None:
    """404 is NotFound, as for every request."""
    with pytest.raises(NotFound):
        opened({}, "http://h/gone")


def test_endless_manifest_is_not_read_to_its_end() -> None:
    """What is too long is left."""
    with pytest.raises(UnexpectedResponse, match="too long"):
        opened({"/a": b"x" * (MAX_CHARACTERS + 1)}, "http://h/a")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "data:,", "data:;base64,", "", "ftp://h/x"])
def test_only_the_web_is_asked(address: str) -> None:
    """No other address leads anywhere."""
    with pytest.raises(UnexpectedResponse):
        opened({}, address)


def test_flac_comes_out_of_segments(tmp_path: Path) -> None:
    """Init and segments become MP4, and that a FLAC file with the bytes of the original's frames."""
    files = segmented(AUDIO).files
    answers = {f"/{number}": part for number, part in enumerate(files)}
    urls = tuple(f"http://h/{number}" for number in range(1, len(files)))
    path = brought(Manifest(urls=urls, init="http://h/0", codec="flac"), answers, tmp_path)
    assert path == tmp_path / "song.flac"
    assert path.read_bytes()[-1000:] == AUDIO[-1000:]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("kind", "codec", "name"),
    [
        ("audio/flac", "flac", "song.flac"),
        ("audio/mpeg", "mp3", "song.mp3"),
        ("audio/mp4", "aac", "song.mp4"),
        ("", "flac", "song.mp4"),
    ],
)
def test_one_file_stays_what_it_is(tmp_path: Path, kind: str, codec: str, name: str) -> None:
    """What is no MP4 needs no unwrapping; its name ends as its kind says."""
    manifest = Manifest(urls=("http://h/x",), mime_type=kind, codec=codec)
    path = brought(manifest, {"/x": AUDIO}, tmp_path)
    assert (path.name, path.read_bytes()) == (name, AUDIO)


def test_mp4_under_a_false_name_is_unwrapped(tmp_path: Path) -> None:
    """What a manifest calls FLAC may be MP4 all the same."""
    whole = b"".join(segmented(AUDIO).files)
    manifest = Manifest(urls=("http://h/x",), mime_type="audio/flac", codec="flac")
    path = brought(manifest, {"/x": whole}, tmp_path)
    assert path.read_bytes()[:4] == b"fLaC"
    assert list(tmp_path.iterdir()) == [path]


OLD = Manifest(urls=("http://h/old",), codec="mp3", mime_type="audio/mpeg")


def renewed(manifest: Manifest, folder: Path) -> Path:
    context: Any = Lent({"/x": b"new"}, folder)

    async def renew() -> Manifest:
        return manifest

    return asyncio.run(fetch_audio(context, OLD, "song", renew=renew))


def test_refused_address_is_asked_for_again(tmp_path: Path) -> None:
    """Signatures are good for a while only."""
    fresh = Manifest(urls=("http://h/x",), codec="mp3", mime_type="audio/mpeg")
    assert renewed(fresh, tmp_path).read_bytes() == b"new"


def test_new_address_that_is_refused_is_for_later(tmp_path: Path) -> None:
    """It is asked for once; whether the account may have the track was answered when it was handed out."""
    with pytest.raises(Unavailable):
        renewed(OLD, tmp_path)


def test_refusal_without_another_address_is_a_refusal(tmp_path: Path) -> None:
    """As it is for every fetch."""
    with pytest.raises(NotEntitled):
        brought(OLD, {}, tmp_path)
