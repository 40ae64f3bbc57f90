"""A search leads to a file of the right length and format, whatever the manifest."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import DownloadState, Wanted
from cratedig_emulators.hifi import Recipe
from cratedig_emulators.playing import play

WANTED = Wanted(artist="The Brass Lanterns", title="Copper Rain")


@pytest.mark.parametrize(
    ("quality", "codec", "extension", "offered"),
    [
        ("HI_RES_LOSSLESS", "flac", ".flac", "FLAC 24/44.1"),
        ("LOSSLESS", "flac", ".flac", "FLAC 16/44.1"),
        ("HIGH", "aac", ".m4a", "AAC 320"),
        ("low", "aac", ".m4a", "AAC 96"),
    ],
)
@pytest.mark.parametrize("legacy", [False, True])
def test_search_download_play(
    bench: Any, quality: str, codec: str, extension: str, offered: str, *, legacy: bool
) -> None:
    """Each tier, by playlist or MPD or one file, ends as a file that plays for as long as it should."""
    bench.service.legacy = legacy

    async def use(engine: Any) -> Any:
        report = await engine.search(WANTED, sources=["hifi"])
        best = report.results[0]
        assert str(best.quality) == offered
        return await engine.wait(await engine.dispatch_download(best, dest_dir=bench.folder / "music"))

    record = bench(use, quality=quality)
    assert record.state is DownloadState.COMPLETED
    assert record.file_path.name == f"The Brass Lanterns - Copper Rain{extension}"
    heard = play(record.file_path)
    assert heard.codec == codec
    assert heard.seconds == pytest.approx(16.0, abs=0.2)
    if quality == "HI_RES_LOSSLESS":
        assert str(record.quality_got) == "FLAC 24/96"


@pytest.mark.parametrize("recipe", [Recipe(data_uri=True), Recipe(master=False)], ids=["data", "media"])
def test_playlist_in_any_place(bench: Any, recipe: Recipe) -> None:
    """A playlist in the answer itself, or without a master before it, is read as well."""
    bench.service.default = recipe
    record = bench.download(quality="HI_RES_LOSSLESS")
    assert str(record.quality_got) == "FLAC 24/96"
