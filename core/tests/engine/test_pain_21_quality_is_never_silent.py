"""Pain 21: quality silently lowered, or failing in place of lowering. Asked, offered and got are all told."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from core.tests.fakes import Fake, running

from cratedig import Download, DownloadState, Quality, QualityPreference, SearchResult

HIGH = Quality(codec="flac", bit_depth=24, sample_rate=96000)
GOT = "WAV 16/8"


def _offered(quality: Quality | None, **more: Any) -> SearchResult:
    fields: dict[str, Any] = {"title": "Song", "artist": "Artist", "duration": 1.0, "source": "fake"}
    return SearchResult(target_id="1", quality=quality, **{**fields, **more})


def _got(
    found: SearchResult, tmp_path: Path, preference: QualityPreference | None, *others: Fake
) -> Download:
    async def main() -> Download:
        async with running(Fake(), *others, engine={"retries": 0}) as engine:
            return await engine.wait(
                await engine.dispatch_download(found, dest_dir=tmp_path, quality=preference)
            )

    return asyncio.run(main())


def test_a_file_that_is_worse_than_offered_is_kept_and_said_to_be(tmp_path: Path) -> None:
    """By default the file is welcome, and the record says what was offered and what came."""
    done = _got(_offered(Quality(codec="wav", bit_depth=24, sample_rate=96000)), tmp_path, None)
    assert done.state is DownloadState.COMPLETED
    assert str(done.quality_offered) == "WAV 24/96"
    assert str(done.quality_got) == GOT
    assert done.detail == "lower quality than offered: WAV 16/8 in place of WAV 24/96"


def test_who_does_not_accept_less_gets_the_next_candidate(tmp_path: Path) -> None:
    """With `accept_lower` off, the first is a failed attempt with a reason; the second keeps its word."""
    second = _offered(Quality(codec="wav", bit_depth=16, sample_rate=8000), source="b")
    found = _offered(Quality(codec="wav", bit_depth=24, sample_rate=96000), alternates=[second])
    done = _got(found, tmp_path, QualityPreference(accept_lower=False), Fake("b"))
    assert (done.state, done.source, done.detail) == (DownloadState.COMPLETED, "b", "")
    assert [attempt.code for attempt in done.attempts] == ["quality-unavailable", ""]
    assert "got WAV 16/8 where WAV 24/96 was offered" in done.attempts[0].reason


def test_below_the_floor_is_never_accepted(tmp_path: Path) -> None:
    """The floor is what was asked for; nothing below it is published."""
    done = _got(_offered(None), tmp_path, QualityPreference(floor=HIGH))
    assert (done.state, done.code) == (DownloadState.ERRORED, "quality-unavailable")
    assert done.quality_asked == "at least FLAC 24/96"
    assert "below the FLAC 24/96 that was asked for" in done.detail
    assert list(tmp_path.iterdir()) == []


def test_what_was_asked_and_got_is_in_the_record_when_all_is_well(tmp_path: Path) -> None:
    """Nothing to complain of is also said in full."""
    preference = QualityPreference(floor=Quality(codec="mp3", bitrate=128), codecs=("wav",))
    done = _got(_offered(Quality(codec="wav", bit_depth=16, sample_rate=8000)), tmp_path, preference)
    assert (str(done.quality_offered), str(done.quality_got), done.detail) == (GOT, GOT, "")
    assert done.quality_asked == "at least MP3 128, wav"
    assert done.attempts[0].quality == done.quality_got
