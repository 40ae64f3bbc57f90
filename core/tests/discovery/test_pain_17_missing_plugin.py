"""Pain 17: a silently missing plugin ruins a run. `require=` ends it before any work is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from cratedig import DownloadEngine, SourceBroken

Ship = Callable[..., None]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (None, "needed is required: no source is called 'needed'"),
        ({"top": "import not_there_at_all"}, "No module named 'not_there_at_all'"),
        ({"more": "@hookimpl\ndef is_configured(self): return 1 / 0"}, "ZeroDivisionError"),
    ],
    ids=["not installed", "import", "settings"],
)
def test_the_engine_does_not_open_without_what_is_required(
    how: dict[str, str] | None, said: str, ship: Ship, tmp_path: Path
) -> None:
    """Not a search, not a record, not a journal file: the error comes first and says what is missing."""
    ship("good")
    if how is not None:
        ship("needed", **how)
    journal = tmp_path / "journal.db"

    async def main() -> None:
        async with DownloadEngine.open({}, journal=journal, require=["good", "needed"]):
            raise AssertionError("it opened")

    with pytest.raises(SourceBroken, match=said.replace("(", r"\(")):
        asyncio.run(main())
    assert not journal.exists()


def test_required_by_its_alias_is_required(ship: Ship) -> None:
    """Aliases are names here, too."""
    ship("needed", more="@hookimpl\ndef aliases(self): return ('old',)")

    async def main() -> None:
        async with DownloadEngine.open({}, require=["old"]) as engine:
            assert engine.configured_sources() == ["needed"]

    asyncio.run(main())
