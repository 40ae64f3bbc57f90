"""A lane's HTTP client is closed to the last connection, and not under the requests that are under way."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from core.tests.fakes import until

from cratedig._redaction import Redactor
from cratedig._runtime import services as module
from cratedig._runtime.services import LaneServices
from cratedig_emulators.server import Request, Response, Service, route


class Slow(Service):
    """Answers when it is thawed."""

    @route("/slow")
    def slow(self, _request: Request) -> Response:
        return Response(body=b"whole")


def test_a_reload_cuts_no_request_off_and_leaves_no_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is under way ends with the old client, the next request has a new one, and the old is closed."""
    bodies: list[bytes] = []

    async def main(service: Slow) -> None:
        open_still: list[Any] = []
        thread = SimpleNamespace(at_end=open_still.append, done_before=open_still.remove)
        lane: Any = SimpleNamespace(name="planted", thread=thread)
        limiter: Any = SimpleNamespace(acquire=lambda _: asyncio.sleep(0))
        services = LaneServices(lane, limiter, Redactor())
        old = services.http()
        request = asyncio.create_task(old.get(f"{service.base_url}/slow"))
        await until(service.log.all)
        loop, timers = asyncio.get_running_loop(), []
        with monkeypatch.context() as patched:
            patched.setattr(loop, "call_later", lambda *timer: timers.append(timer))
            await services.renew()
        [(seconds, retire, client)] = timers
        assert (seconds, client) == (module.RETIREMENT, old)
        new = services.http()
        service.thaw()
        bodies.append((await request).content)
        assert not old.is_closed
        retire(client)
        await until(lambda: old.is_closed and len(open_still) == 1)
        assert (old.is_closed, new.is_closed, new is old) == (True, False, False)
        assert open_still == [new.aclose]
        await new.aclose()

    with Slow() as service:
        service.freeze()
        asyncio.run(main(service))
    assert bodies == [b"whole"]


def test_a_cancelled_reload_closes_the_old_client_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that is cancelled while its login is renewed does not stop the old client's closing."""
    monkeypatch.setattr(module, "RETIREMENT", 0.02)

    async def main() -> None:
        lane: Any = SimpleNamespace(thread=SimpleNamespace(at_end=lambda _: None, done_before=lambda _: None))
        services = LaneServices(lane, cast("Any", None), Redactor())
        client = services.http()
        renewing = asyncio.create_task(services.renew())
        await asyncio.sleep(0)
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        await until(lambda: client.is_closed)

    asyncio.run(main())
