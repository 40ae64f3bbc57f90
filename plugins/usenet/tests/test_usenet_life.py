"""An album's whole life: found, handed over, followed, taken over, tidied up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import av

from cratedig import DownloadEngine, DownloadState, Kind


def test_album_is_found_downloaded_and_decodes(bench: Any) -> None:
    """Search, job, and a folder of playable files of the right length and format."""
    done = bench.download()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert done.kind is Kind.ALBUM
    assert [file.path.suffix for file in done.files] == [".flac"] * 4
    for file in done.files:
        with av.open(str(file.path)) as container:
            frames = sum(frame.samples for frame in container.decode(audio=0))
            assert abs(frames / container.streams.audio[0].rate - file.duration) < 0.1
    assert {file.quality.codec for file in done.files} == {"flac"}
    assert done.file_path.parent == bench.dest
