"""Importing the library costs nearly nothing: what is heavy is loaded when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "asyncio", "click", "httpx", "mutagen", "pluggy", "pyrate_limiter", "rapidfuzz", "rich", "sqlite3",
    "typed_settings", "yt_dlp",
)  # fmt: skip
NOT_FOR_AN_ENGINE = {"httpx", "mutagen", "rapidfuzz", "rich", "yt_dlp"}
"""The limiter's library imports sqlite3, the settings' one click where it is installed."""
CONTRACT = (
    "from cratedig import hookimpl, SourceInfo, RawSearchResult, NotFound, Delivery; import cratedig.reading"
)


def _loaded(code: str) -> set[str]:
    program = f"import sys; {code}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def _plugins(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith("cratedig_")}


def test_importing_the_library_loads_nothing_heavy() -> None:
    """No HTTP, no database, no command line, no limiter, no plugin."""
    loaded = _loaded("import cratedig")
    assert loaded & set(HEAVY) == set()
    assert _plugins(loaded) == set()


@pytest.mark.parametrize("code", [CONTRACT, "from cratedig import DownloadEngine"])
def test_what_a_source_or_a_host_imports_loads_no_more_than_it_needs(code: str) -> None:
    """Neither the names of the contract nor the engine bring HTTP, tags, matching or plugins."""
    loaded = _loaded(code)
    assert loaded & NOT_FOR_AN_ENGINE == set()
    assert _plugins(loaded) == set()


def test_an_engine_that_has_nothing_to_do_stays_light() -> None:
    """Opening and closing one loads no HTTP, no tags, no matching, and imports no plugin."""
    code = (
        "import asyncio, cratedig; e = cratedig.DownloadEngine({}); "
        "asyncio.run((lambda: e.__aenter__())()); asyncio.run((lambda: e.__aexit__(None, None, None))())"
    )
    loaded = _loaded(code)
    assert loaded & NOT_FOR_AN_ENGINE == set()
    assert _plugins(loaded) == set()
