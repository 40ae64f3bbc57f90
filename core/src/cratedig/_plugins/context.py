"""What the engine lends a source."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cratedig._model import QualityPreference, RawSearchResult
from cratedig._plugins.blocking import present_call
from cratedig._plugins.lending import Services, State, present_job

if TYPE_CHECKING:
    import httpx

    from cratedig._errors import SourceError
    from cratedig._plugins.delivery import OpenTransfer
    from cratedig._plugins.hooks import Progress

T = TypeVar("T")


class SourceContext:
    """Lent to a source when it is built as ``Source(context)``; valid as long as the engine is open.

    All of it is to be used on the lane's event loop, that is from inside the hooks, except where a method
    says otherwise.
    """

    def __init__(self, name: str, log: logging.Logger, state: State, services: Services) -> None:
        self.name = name
        self.log = log
        """A logger; known secrets are taken out of what it is given."""
        self.state = state
        """A private store for tokens and the like, readable by its owner only."""
        self._services = services

    def __repr__(self) -> str:
        """Only the name: settings and state may hold secrets."""
        return f"<SourceContext {self.name}>"

    @property
    def settings(self) -> Any:
        """The source's settings, an instance of its ``settings_class``.

        They are known once ``source_info`` has been asked, so not yet in the source's ``__init__``.
        """
        return self._services.settings()

    @property
    def http(self) -> httpx.AsyncClient:
        """A ready client: time-outs, TLS, proxy and user agent set; each request takes one permit."""
        return self._services.http()

    @property
    def promise(self) -> RawSearchResult | None:
        """Inside ``download_raw``: the search result that the download was made from, if there was one."""
        job = present_job.get()
        return job.promise if job else None

    @property
    def preference(self) -> QualityPreference | None:
        """Inside ``download_raw``: the quality that the person asked for, if any."""
        job = present_job.get()
        return job.preference if job else None

    @property
    def download_id(self) -> str:
        """Inside ``download_raw``: the record's id, a UUID that stays the same over attempts and restarts."""
        job = present_job.get()
        return job.download_id if job else ""

    def transfers(self) -> tuple[OpenTransfer, ...]:
        """The transfers at the other program that the engine waits for, also those of before a restart."""
        return self._services.transfers()

    async def ticks(self, interval: float) -> AsyncIterator[None]:
        """Pace ``watch_raw`` where it has to ask: at once, then ``interval`` seconds after each round."""
        while True:
            yield
            await asyncio.sleep(interval)

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """One request and its answer, whatever its status; for sources that look at the answer themselves.

        The engine translates what ``http`` raises only at the end of a hook; here it is done at once, for
        a source that goes on after one failed request out of several.

        :raises SourceError: there is no answer; ``Unavailable`` in nearly all cases.
        """
        return await self._services.request(method, url, **options)

    async def request_json(self, method: str, url: str, **options: Any) -> Any:
        """One API request and its JSON answer; ``options`` are those of ``httpx.AsyncClient.request``.

        :raises SourceError: what the answer stands for: 401 ``AuthenticationFailed``, 403 ``NotEntitled``,
            404 and 410 ``NotFound``, 429 ``RateLimited``, 5xx and no answer ``Unavailable``, other 4xx and
            anything that is not JSON ``UnexpectedResponse``.
        """
        return await self._services.request_json(method, url, **options)

    def meaning(self, problem: httpx.Response | httpx.HTTPError) -> SourceError:
        """Say which error an answer that is no success, or what ``http`` raised, stands for.

        For sources that look at an answer themselves, because its body says more, or because another server
        of the same service may do better. ``Retry-After`` is read.
        """
        from cratedig._http.errors import translate  # noqa: PLC0415 - httpx is loaded when first used

        return translate(problem)

    async def fetch(
        self,
        url: str,
        name: str,
        *,
        dest_dir: Path | None = None,
        progress: Progress | None = None,
        headers: Mapping[str, str] | None = None,
        size: int | None = None,
        digest: str | None = None,
        transform: Any = None,
        range_size: int | None = None,
        hosts: Collection[str] | None = None,
    ) -> Path:
        """Stream ``url`` into the download's staging folder and return the file.

        ``dest_dir`` and ``progress`` default to the present download's. The body is resumed after a drop
        and checked against ``size`` (bytes) and ``digest`` (``md5:…``, ``sha1:…``, ``sha256:…``).
        ``transform`` changes the bytes on the way, off the loop. ``range_size`` asks for the body in ranges
        of that many bytes. ``hosts``, patterns like ``*.example.org``, are the only ones that the address and
        its redirects may lead to.

        :raises SourceError: as for :meth:`request_json`, and ``CorruptDownload`` for a failed check.
        """
        dest_dir, progress = self._where(dest_dir, progress)
        return await self._services.fetch(
            url,
            name,
            dest_dir=dest_dir,
            progress=progress,
            headers=headers,
            size=size,
            digest=digest,
            transform=transform,
            range_size=range_size,
            hosts=hosts,
        )

    async def fetch_segments(
        self,
        urls: Sequence[str],
        name: str,
        *,
        dest_dir: Path | None = None,
        progress: Progress | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Path:
        """Stream segments (HLS, DASH) one after the other into one file and return it.

        :raises SourceError: as for :meth:`fetch`.
        """
        dest_dir, progress = self._where(dest_dir, progress)
        return await self._services.fetch_segments(
            urls, name, dest_dir=dest_dir, progress=progress, headers=headers
        )

    def conceal(self, *texts: str) -> None:
        """Treat these as secrets from now on: addresses with a key in them, tokens that a service hands out.

        They are masked in logs, messages and records, like the secrets in settings and state. Callable from
        any thread.
        """
        self._services.conceal(*texts)

    async def permit(self) -> None:
        """Take one rate-limit permit, for libraries that send their own requests."""
        await self._services.permit()

    async def run_blocking(self, func: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run blocking code in a thread of the lane and return what it returns.

        The present download stays known inside it. When the waiting task is cancelled, the thread goes on
        until ``func`` returns, but nobody waits for it.
        """
        return await self._services.run_blocking(functools.partial(func, *args, **kwargs))

    def from_thread(self, func: Callable[..., Coroutine[Any, Any, T]], *args: Any, **kwargs: Any) -> T:
        """From inside :meth:`run_blocking`: run a coroutine function on the lane's loop, wait for it.

        :raises concurrent.futures.CancelledError: the download was cancelled meanwhile.
        """
        call = present_call.get()
        if call is None:
            raise RuntimeError("from_thread works only in code started by run_blocking")
        return call.run(func(*args, **kwargs))

    def _where(self, dest_dir: Path | None, progress: Progress | None) -> tuple[Path, Progress]:
        job = present_job.get()
        if job is not None:
            return dest_dir or job.dest_dir, progress or job.progress
        if dest_dir is None:
            raise ValueError("outside of download_raw, fetch needs dest_dir")
        return dest_dir, progress or _no_progress


def _no_progress(_transferred: int, _total: int | None = None, _detail: str = "") -> None:
    pass
