"""Pain 6: the other program has finished, and the engine never notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import files, until
from core.tests.otherprogram import Program, delegating, final, shown

from cratedig import DownloadState, SourceContext, Unavailable
from cratedig._downloads import parked


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The other program; a stream that has broken off is opened again soon."""
    monkeypatch.setattr(parked, "FIRST_PAUSE", 0.05)
    return Program(tmp_path / "there")


def test_what_finishes_while_the_program_cannot_be_asked_is_found(program: Program, tmp_path: Path) -> None:
    """Its announcement is lost; the next stream asks for what is open, and finds it complete."""
    announced: asyncio.Queue[Any] = asyncio.Queue()

    async def announces(context: SourceContext) -> AsyncIterator[Any]:
        for one in context.transfers():
            yield program.news(one.transfer_id)
        while (news := await announced.get()) is not None:
            yield news
        raise Unavailable("connection reset")

    async def main() -> None:
        async with delegating(program) as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await shown(engine, ident, "waiting for the other program")
            await until(lambda: program.open == 1)
            program.bring("job-a")
            announced.put_nowait(None)
            assert (await final(engine, ident)).state is DownloadState.COMPLETED

    program.watch = announces
    asyncio.run(main())
    assert files(tmp_path / "music") == ["song.wav"]
    assert program.most_open == 1


def test_what_begins_while_a_stream_closes_is_followed(program: Program, tmp_path: Path) -> None:
    """The last transfer ends, the next begins in the same moment: none falls between two streams."""

    async def main() -> None:
        async with delegating(program) as engine:
            for number in range(60):
                ident = await engine.dispatch_download(("fake", str(number)), dest_dir=tmp_path / "music")
                await until(lambda job=f"job-{number}": job in program.jobs)  # type: ignore[misc]
                if number % 3 == 2:
                    await engine.cancel_download(ident)
                else:
                    program.bring(f"job-{number}", 0.1, f"{number}.wav")
                    assert (await final(engine, ident)).state is DownloadState.COMPLETED
            await until(lambda: program.open == 0)

    asyncio.run(main())
    assert program.most_open == 1
    assert len(files(tmp_path / "music")) == 40
