"""What stands behind one source's context: the lane's HTTP client, permits, threads and transfers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from cratedig._errors import UnexpectedResponse
from cratedig._plugins import blocking
from cratedig._runtime import permits
from cratedig._runtime.permits import Permits

if TYPE_CHECKING:
    import httpx

    from cratedig._http.options import HttpOptions
    from cratedig._plugins import OpenTransfer
    from cratedig._plugins.hooks import Progress
    from cratedig._redaction import Redactor
    from cratedig._runtime.lane import Lane
    from cratedig._runtime.limiter import RateLimiter

T = TypeVar("T")

RETIREMENT = 60.0
"""Seconds that a client's last requests get to end; the end of its loop closes it in any case."""


class Followed(Protocol):
    """A record that waits for a transfer at the other program."""

    @property
    def wanted(self) -> bool:
        """Whether it still waits."""
        ...

    def as_seen(self) -> OpenTransfer:
        """Return the transfer as its source gets to see it."""
        ...


class LaneServices:
    """Implements the context's services on one lane.

    ``loaded`` are the source's settings as they are now; ``followers`` the records that wait for a transfer
    at the other program, by its id.
    """

    def __init__(self, lane: Lane, limiter: RateLimiter, redactor: Redactor) -> None:
        self.lane = lane
        self.loaded: Any = None
        self.stall_timeout = 60.0
        self.followers: dict[str, list[Any]] = {}
        self._limiter = limiter
        self._redactor = redactor
        self._client: httpx.AsyncClient | None = None
        self._client_loop: asyncio.AbstractEventLoop | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def settings(self) -> Any:
        """The settings as they are now."""
        return self.loaded

    def transfers(self) -> tuple[OpenTransfer, ...]:
        """Return what is waited for at the other program, each transfer once, whoever follows it."""
        waiting = (_first_wanted(followers) for followers in list(self.followers.values()))
        return tuple(one.as_seen() for one in waiting if one is not None)

    def conceal(self, *texts: str) -> None:
        """Keep them out of everything that is written."""
        self._redactor.plant(*texts)

    def http(self) -> httpx.AsyncClient:
        """The client of the loop that is running; made at the first use and after a reload."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._client_loop is not loop:
            from cratedig._http.clients import make_client  # noqa: PLC0415 - httpx is loaded when first used

            self._client = make_client(self.options(), before_request=self.permit)
            self._client_loop = loop
            self.lane.thread.at_end(self._client.aclose)
        return self._client

    async def renew(self) -> None:
        """Let the next request make a client from the settings of then; the present one is closed later.

        A request that is just connecting does so in a client that is closed meanwhile, too, and nobody would
        close that connection.
        """
        client, self._client = self._client, None
        loop = asyncio.get_running_loop()
        if client is not None and self._client_loop is loop:
            loop.call_later(RETIREMENT, self._retire, client)

    def _retire(self, client: httpx.AsyncClient) -> None:
        task = asyncio.get_running_loop().create_task(self._closed(client))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _closed(self, client: httpx.AsyncClient) -> None:
        await client.aclose()
        self.lane.thread.done_before(client.aclose)

    async def permit(self) -> None:
        """Take a permit, or use up the one that was taken for the hook call."""
        call = permits.current.get() or Permits(self._limiter, self.lane.name)
        await call.take()

    async def run_blocking(self, func: Callable[[], T]) -> T:
        """Run in one of the lane's threads."""
        return await blocking.run_blocking(self.lane.pool, func)

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """One request and its answer; that there is none is a SourceError."""
        import httpx  # noqa: PLC0415 - loaded when first used

        from cratedig._http.errors import translate  # noqa: PLC0415

        try:
            return await self.http().request(method, url, **options)
        except httpx.HTTPError as error:
            raise translate(error) from error

    async def request_json(self, method: str, url: str, **options: Any) -> Any:
        """One API request, its status checked, its JSON body parsed."""
        from cratedig._http.errors import translate  # noqa: PLC0415 - httpx is loaded when first used
        from cratedig._http.urls import shown_url  # noqa: PLC0415

        answer = await self.request(method, url, **options)
        if not answer.is_success:
            raise translate(answer)
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:  # the latter for lists in lists in lists
            kind = answer.headers.get("content-type", "no content type")
            raise UnexpectedResponse(
                f"{method} {shown_url(url)} answered {answer.status_code} with {kind} in place of JSON",
                hint="the service may be in maintenance, or the address may point at something else",
            ) from error

    async def fetch(
        self,
        url: str,
        name: str,
        *,
        dest_dir: Path,
        progress: Progress,
        headers: Any = None,
        hosts: Collection[str] | None = None,
        **options: Any,
    ) -> Path:
        """Stream one file into ``dest_dir``."""
        from cratedig._transfer.fetch import fetch  # noqa: PLC0415 - httpx is loaded when first used
        from cratedig._transfer.request import FetchRequest  # noqa: PLC0415

        request = FetchRequest(url=url, path=_path(dest_dir, name), headers=dict(headers or {}), **options)
        clients = partial(self._sync_client, hosts)
        return await fetch(request, clients=clients, progress=progress, **self._how())

    async def fetch_segments(
        self, urls: Sequence[str], name: str, *, dest_dir: Path, progress: Progress, headers: Any = None
    ) -> Path:
        """Stream segments into one file in ``dest_dir``."""
        from cratedig._transfer.fetch import fetch_segments  # noqa: PLC0415 - httpx is loaded when first used
        from cratedig._transfer.request import SegmentsRequest  # noqa: PLC0415

        request = SegmentsRequest(urls=urls, path=_path(dest_dir, name), headers=dict(headers or {}))
        return await fetch_segments(request, clients=self._sync_client, progress=progress, **self._how())

    def options(self) -> HttpOptions:
        """How this source's requests are sent."""
        from cratedig._http.options import HttpOptions  # noqa: PLC0415 - httpx is loaded when first used

        settings = self.loaded
        return HttpOptions(
            proxy=getattr(settings, "proxy", None), verify_tls=getattr(settings, "verify_tls", True)
        )

    def _how(self) -> dict[str, Any]:
        return {"pool": self.lane.pool, "stall_timeout": self.stall_timeout}

    def _sync_client(self, hosts: Collection[str] | None = None) -> httpx.Client:
        from cratedig._http.clients import make_sync_client  # noqa: PLC0415 - httpx is loaded when first used

        return make_sync_client(self.options(), hosts=hosts)


def _first_wanted(followers: Iterable[Followed]) -> Followed | None:
    return next((one for one in followers if one.wanted), None)


def _path(dest_dir: Path, name: str) -> Path:
    from cratedig._transfer.names import safe_name  # noqa: PLC0415 - only downloads need it

    stem, extension = os.path.splitext(name)  # noqa: PTH122 - Path() would take a hostile name apart
    return Path(dest_dir) / safe_name(stem, extension)
