"""A lane's HTTP client is closed to the last connection, whatever happens to who asked for that."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cratedig._engine.services import LaneServices


def test_cancel_during_a_reload_leaves_no_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that is cancelled while its login is renewed does not stop the old client's closing."""
    closed: list[str] = []

    async def main() -> None:
        lane: Any = SimpleNamespace(thread=SimpleNamespace(at_end=lambda _: None))
        services = LaneServices("planted", lambda: lane, cast("Any", None), lambda: None, lambda: 1.0)
        client = services.http()
        aclose = client.aclose

        async def slowly() -> None:
            await asyncio.sleep(0.05)
            await aclose()
            closed.append("all")

        monkeypatch.setattr(client, "aclose", slowly)
        renewing = asyncio.create_task(services.renew())
        await asyncio.sleep(0.01)
        renewing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await renewing
        await asyncio.sleep(0.1)

    asyncio.run(main())
    assert closed == ["all"]
