"""Files are converted when the person's options ask for it, and never otherwise."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import mutagen
import pytest

from cratedig._errors import NotConfigured
from cratedig_emulators.youtube import YouTubeEmulator

TO_MP3 = [{"key": "FFmpegExtractAudio", "preferredcodec": "mp3", "preferredquality": "128"}]

TRANSCODER = """#!{python}
import sys
import av

args = sys.argv[1:]
if "-bsfs" in args or "-version" in args:
    print("ffmpeg version 7.1 of the tests")
elif "-show_streams" in args:
    print("codec_name=opus\\ncodec_type=audio")
else:
    source, target = (arg.removeprefix("file:") for arg in (args[args.index("-i") + 1], args[-1]))
    with av.open(source) as reader, av.open(target, "w", format="mp3") as writer:
        stream = writer.add_stream("libmp3lame", rate=48000)
        for frame in reader.decode(audio=0):
            writer.mux(stream.encode(frame))
        writer.mux(stream.encode(None))
"""


@pytest.fixture
def ffmpeg(tmp_path: Path) -> Path:
    """Fill a folder with as much of ffmpeg as the conversion asks for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("ffmpeg", "ffprobe"):
        (folder / name).write_text(TRANSCODER.format(python=sys.executable))
        (folder / name).chmod(0o755)
    return folder


def test_a_conversion_that_was_asked_for_is_done(
    bench: Any, first: str, tmp_path: Path, ffmpeg: Path, silent: Any
) -> None:
    """The file that comes out is delivered, the one that went in is gone, and no quality is claimed."""
    into = tmp_path / "staging"
    into.mkdir()

    async def use(ytdlp: Any, _lane: Any) -> Any:
        return await ytdlp.download(first, into, silent)

    delivered = bench(use, options={"postprocessors": TO_MP3, "ffmpeg_location": str(ffmpeg)})
    assert delivered.path.suffix == ".mp3"
    assert list(into.iterdir()) == [delivered.path]
    assert type(mutagen.File(delivered.path)).__name__ == "MP3"
    assert delivered.quality is None


def test_without_ffmpeg_a_conversion_is_refused_before_the_first_byte(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, silent: Any
) -> None:
    """The error says what is missing and what to do; nothing was downloaded in vain."""

    async def use(ytdlp: Any, _lane: Any) -> None:
        with pytest.raises(NotConfigured, match=r"ffmpeg not found.*install it") as caught:
            await ytdlp.download(first, tmp_path, silent)
        assert "--ffmpeg-location" not in str(caught.value)

    empty = tmp_path / "empty"
    empty.mkdir()
    bench(use, options={"postprocessors": TO_MP3, "ffmpeg_location": str(empty)})
    assert yt.requests == []


def test_an_unknown_postprocessor_is_a_matter_of_settings(
    bench: Any, first: str, tmp_path: Path, silent: Any
) -> None:
    """A name that yt-dlp does not have, or parameters that it does not take."""
    mistakes: list[Any] = [[{"key": "Nonsense"}], [{"key": "FFmpegExtractAudio", "bitrate": 1}], [{}], "mp3"]
    for wrong in mistakes:

        async def use(ytdlp: Any, _lane: Any) -> None:
            with pytest.raises(NotConfigured, match=r"options"):
                await ytdlp.download(first, tmp_path, silent)

        bench(use, options={"postprocessors": wrong})
