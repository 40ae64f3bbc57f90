"""A source answers to its name and its aliases wherever a name is taken; nobody gets another's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from core.tests.fakes import Fake, forever, running, until

from cratedig import (
    DownloadEngine,
    NameTaken,
    Rate,
    RateLimits,
    SettingsError,
    SourceState,
    UnknownSource,
    Wanted,
    hookimpl,
)

Ship = Callable[..., None]
ALIAS = "@hookimpl\ndef aliases(self): return ('old_name', 'older_name')"


class Renamed(Fake):
    """A source that was called otherwise once."""

    @hookimpl
    def aliases(self) -> tuple[str, ...]:
        """Its former name."""
        return ("former",)


def test_an_alias_works_wherever_a_name_does(tmp_path: Path) -> None:
    """Search, chain, dispatch, listing, client, checks, limiter and reload take it; records have the name."""
    source = Renamed("fake", limits=RateLimits(requests=Rate(6, 0.2)))

    async def main() -> None:
        async with running(source) as engine:
            assert engine.client("former") is source
            assert list((await engine.search("song", sources=["former"])).outcomes) == ["fake"]
            assert list((await engine.search_with_fallback("song", ["former"])).outcomes) == ["fake"]
            assert await engine.check_connections(["former"]) == {"fake": True}
            done = await engine.wait(await engine.dispatch_download(("former", "1"), dest_dir=tmp_path))
            assert done.source == "fake"
            listed = await engine.get_all_downloads(source="former")
            assert [download.id for download in listed] == [done.id]
            wish = Wanted(artist="Artist", title="Song", duration=1.0)
            again = await engine.wait(
                await engine.download_with_fallback(wish, ["former"], dest_dir=tmp_path)
            )
            assert again.source == "fake"
            await engine.reload_settings("former")
            assert source.reloads == 1
            started = time.monotonic()
            for name in ["fake", "former"] * 4:
                await engine.rate_limiter.acquire(name)
            assert time.monotonic() - started > 0.15

    asyncio.run(main())


def test_a_cancel_by_id_finds_what_was_dispatched_by_alias(tmp_path: Path) -> None:
    """The record knows only the canonical name."""

    async def main() -> None:
        source = Renamed("fake", download=forever)
        async with running(source) as engine:
            download_id = await engine.dispatch_download(("former", "1"), dest_dir=tmp_path)
            await until(lambda: source.asked("download"))
            assert await engine.cancel_download(download_id)
            (cancelled,) = await engine.get_all_downloads(source="former")
            assert cancelled.state == "Cancelled"

    asyncio.run(main())


def test_settings_under_an_alias_count(ship: Ship) -> None:
    """A settings file that was written for the old name keeps working; the new name has the last word."""
    ship("new_name", more=ALIAS)

    async def state(**sections: bool) -> SourceState:
        sources = {name: {"enabled": enabled} for name, enabled in sections.items()}
        async with DownloadEngine.open({"sources": sources}) as engine:
            return engine.sources()[0].state

    assert asyncio.run(state(old_name=False)) is SourceState.DISABLED
    assert asyncio.run(state(old_name=False, new_name=True)) is SourceState.READY


def test_aliases_of_installed_sources_are_known_before_they_are_used(ship: Ship) -> None:
    """The first thing that a program asks for may be the alias."""
    ship("new_name", more=ALIAS)

    async def main() -> None:
        async with DownloadEngine.open({}) as engine:
            report = await engine.search("song", sources=["older_name"])
            assert list(report.outcomes) == ["new_name"]

    asyncio.run(main())


def test_one_name_in_two_distributions_names_both(ship: Ship) -> None:
    """The first keeps it; the second is listed as broken, with who has the name."""
    ship("twin", dist="cratedig-one", version="1.0")
    ship("twin", dist="cratedig-two", version="2.0")

    async def main() -> None:
        async with DownloadEngine.open({}) as engine:
            first, second = engine.sources()
            assert (first.usable, second.state) == (True, SourceState.BROKEN)
            assert first.distribution in second.reason
            assert second.distribution in second.reason
            assert {first.version, second.version} == {"1.0", "2.0"}
            assert "uninstall one" in second.hint

    asyncio.run(main())


def test_one_alias_for_two_names_both(ship: Ship) -> None:
    """The alias belongs to one of them; the other says whose it is."""
    ship("one", more=ALIAS)
    ship("two", more=ALIAS)

    async def main() -> None:
        async with DownloadEngine.open({}) as engine:
            statuses = engine.sources()
            (broken,) = [status for status in statuses if not status.usable]
            assert "wants the alias 'old_name'" in broken.reason
            assert all(status.distribution in broken.reason for status in statuses)

    asyncio.run(main())


def test_registering_by_hand_refuses_a_name_that_is_taken() -> None:
    """As a name, as an alias, and as somebody's alias; nothing of the refused one is left."""

    async def main() -> None:
        async with running(Renamed("first")) as engine:
            with pytest.raises(NameTaken, match="first"):
                engine.register_plugin(Fake("first"))
            with pytest.raises(NameTaken, match="former"):
                engine.register_plugin(Fake("former"))
            with pytest.raises(NameTaken, match="first"):
                engine.register_plugin(Fake("second"), aliases=("mine", "first"))
            assert [status.name for status in engine.sources()] == ["first"]
            with pytest.raises(UnknownSource):
                engine.client("mine")
            engine.register_plugin(Fake("second"), aliases=("mine",))
            assert engine.client("mine").name == "second"

    asyncio.run(main())


def test_a_registration_that_fails_leaves_its_aliases_free() -> None:
    """After settings that could not be read, name and aliases can be taken by somebody else."""

    async def main() -> None:
        settings = {"sources": {"picky": {"period": "never"}}}
        async with running(settings=settings) as engine:
            with pytest.raises(SettingsError):
                engine.register_plugin(Fake("picky"), aliases=("mine",))
            with pytest.raises(UnknownSource):
                engine.client("mine")
            engine.register_plugin(Fake("other"), aliases=("mine",))
            assert engine.client("mine").name == "other"

    asyncio.run(main())


def test_a_plugin_must_say_who_it_is() -> None:
    """A class needs a name; an object without `source_info` is no source."""

    async def main() -> None:
        async with running() as engine:
            with pytest.raises(TypeError, match="a class needs a name"):
                engine.register_plugin(Fake)
            with pytest.raises(TypeError, match="SourceInfo"):
                engine.register_plugin(object())

    asyncio.run(main())


def test_an_unknown_name_is_refused_with_what_there_is() -> None:
    """The error names it and lists the sources."""

    async def main() -> None:
        async with running(Fake("one"), Fake("two")) as engine:
            with pytest.raises(UnknownSource, match="no source is called 'three'; known: one, two"):
                await engine.search("song", sources=["one", "three"])
            with pytest.raises(UnknownSource):
                engine.client("three")
            with pytest.raises(UnknownSource):
                await engine.rate_limiter.acquire("three")
            with pytest.raises(UnknownSource):
                await engine.get_all_downloads(source="three")

    asyncio.run(main())


def test_settings_that_were_wrong_and_are_right_bring_the_source_back(ship: Ship, tmp_path: Path) -> None:
    """After `reload_settings` it is ready, and nothing of its failure is left in its status."""
    ship("fussy")
    file = tmp_path / "config.toml"
    file.write_text('[sources.fussy]\nconcurrent_downloads = "many"\n')

    async def main() -> None:
        async with DownloadEngine.open(file) as engine:
            assert engine.sources()[0].state is SourceState.BROKEN
            file.write_text("[sources.fussy]\nconcurrent_downloads = 3\n")
            await engine.reload_settings()
            (status,) = engine.sources()
            assert (status.state, status.stage, status.traceback) == (SourceState.READY, None, "")

    asyncio.run(main())


def test_a_hosts_wrapper_is_round_every_source() -> None:
    """Tracing, metrics or policy of the host sees each call, of sources that come later, too."""
    seen: list[str] = []

    class Tracing:
        @hookimpl(wrapper=True)
        def search_raw(self, query: str) -> object:
            seen.append(query)
            return (yield)

    async def main() -> None:
        async with running(Fake("one")) as engine:
            engine.register_wrapper(Tracing())
            engine.register_plugin(Fake("two"))
            report = await engine.search("song")
            assert len(report.outcomes) == 2
        assert seen == ["song", "song"]

    asyncio.run(main())
