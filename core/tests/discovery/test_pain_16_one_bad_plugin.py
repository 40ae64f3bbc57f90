"""Pain 16: one bad plugin makes the tool unusable, even for uninstalling it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from cratedig import DownloadEngine, SourceState

Ship = Callable[..., None]


def test_a_corpus_of_bad_plugins_at_once_leaves_the_good_one_working(ship: Ship, tmp_path: Path) -> None:
    """Broken at import, construction, registration, info and settings, all installed together."""
    ship("good")
    ship("at_import", top="raise RuntimeError('half installed')")
    ship("at_exit", top="import sys; sys.exit('bye')")
    ship("at_init", more="def __init__(self, context): context.no_such_thing")
    ship("at_register", more="@hookimpl\ndef search(self, query): return []")
    ship("at_info", more="@hookimpl\ndef source_info(self): return None")
    ship("at_config", more="@hookimpl\ndef is_configured(self): return 1 / 0")

    async def main() -> None:
        async with DownloadEngine.open({}) as engine:
            assert [found.source for found in await engine.search("song")] == ["good"]
            statuses = {status.name: status for status in engine.sources()}
            assert engine.configured_sources() == ["good"]
        for name, status in statuses.items():
            if name != "good":
                assert status.state is SourceState.BROKEN
                assert status.distribution == f"cratedig-{name}"
                assert status.version == "1.2.3"
                assert status.reason
                assert status.hint
                assert status.traceback

    asyncio.run(main())


def test_the_command_lists_what_is_broken_and_which_distribution_to_remove(
    ship: Ship, tmp_path: Path
) -> None:
    """`cratedig sources` works with a plugin that cannot be imported, and names its distribution."""
    ship("at_import", top="raise RuntimeError('half installed')")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("CRATEDIG_", "COVERAGE"))},
        "HOME": str(tmp_path),
        "CRATEDIG_CONFIG": str(tmp_path / "config.toml"),
        "PYTHONPATH": str(tmp_path / "site"),
    }
    (tmp_path / "config.toml").write_text("")
    command = [str(Path(sys.executable).with_name("cratedig")), "sources", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "cratedig-at_import" in done.stdout, done.stderr
    assert "half installed" in done.stdout
