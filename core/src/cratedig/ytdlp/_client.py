"""Extraction through yt-dlp, for one source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cratedig._errors import NotConfigured, NotEntitled, NotFound, UnexpectedResponse
from cratedig._plugins import Delivery
from cratedig.reading import items, mapping
from cratedig.ytdlp._bytes import Job, brought_in, delivery
from cratedig.ytdlp._memory import Memory
from cratedig.ytdlp._sayings import COMMON, Saying

if TYPE_CHECKING:
    from cratedig._plugins.context import SourceContext
    from cratedig._plugins.hooks import Progress
    from cratedig.ytdlp._traffic import Traffic
    from cratedig.ytdlp._worker import LentYoutubeDL

T = TypeVar("T")
Info = Mapping[str, Any]
Formats = str | Callable[[Sequence[Info]], Info]

_OURS: Mapping[str, Any] = {
    "format": "bestaudio/best",
    "quiet": True,
    "noprogress": True,
    "color": "never",
    "noplaylist": True,
    "retries": 0,
    "fragment_retries": 0,
    "extractor_retries": 0,
    "file_access_retries": 0,
    "skip_unavailable_fragments": False,
    "fixup": "never",
    "updatetime": False,
    "warn_when_outdated": False,
}
"""The engine retries and transfers; yt-dlp does neither, and prints nothing."""


class YtDlp:
    """yt-dlp at the service of one source.

    ``params`` are the source's own parameters for yt-dlp, ``options`` the person's, which may replace
    them but not the engine's. ``sayings`` put the service's texts before the common ones. ``cookies_file``
    is the path of a Netscape cookie file; it is read for each extraction and never written. ``range_size``
    asks for the bytes in ranges of that many, for services that throttle longer ones. ``unneeded`` is a
    regular expression for addresses whose answers nobody needs (artwork): they are never asked for.

    Every method raises :class:`~cratedig.SourceError`, and for a stream's bytes what ``context.fetch`` and
    ``context.http`` raise. Cancelling the task that awaits one closes yt-dlp's connection at once; its
    thread ends with it, or with the conversion that it is at.
    """

    def __init__(
        self,
        context: SourceContext,
        params: Mapping[str, Any],
        *,
        options: Mapping[str, Any] | None = None,
        sayings: Sequence[Saying] = (),
        cookies_file: str | None = None,
        range_size: int | None = None,
        unneeded: str | None = None,
    ) -> None:
        self._context = context
        self._unneeded = unneeded
        self._own = params
        self._options = options or {}
        self._sayings = (*sayings, *COMMON)
        self._cookies_file = cookies_file
        self._range_size = range_size
        self._memory = Memory(context.state)

    async def entries(self, url: str, *, flat: bool = True) -> list[Info]:
        """List what ``url`` stands for, in the service's order.

        The entries of a search or a list are not resolved where ``flat`` holds, so they have no formats, and
        some services' no titles. A single recording is a list of one.
        """
        found = await self._extract(url, extract_flat=flat)
        if found.get("entries") is None:
            return [found]
        return [mapping(entry) for entry in items(found["entries"])]

    async def info(self, url: str, *, formats: Formats | None = None) -> Info:
        """Resolve the one recording at ``url``, with the chosen format's fields at the top level.

        ``formats`` chooses for this once: a selection in yt-dlp's language, or a function that gets the
        formats, the best last, and returns one or raises. The person's selection goes before it.
        """
        found = await self._extract(url, **({} if formats is None else {"format": _selection(formats)}))
        if found.get("entries") is not None:
            raise NotFound("it is a list and not a recording")
        if not found.get("url") or found.get("requested_formats"):
            raise NotConfigured("options.format must choose one stream, such as bestaudio")
        return found

    async def download(
        self,
        url: str,
        dest_dir: Path,
        progress: Progress,
        *,
        accept: Callable[[Info], None] | None = None,
        formats: Formats | None = None,
    ) -> Delivery:
        """Put the recording at ``url`` into ``dest_dir``, as it is unless ``options`` ask for conversion.

        ``accept`` looks at what :meth:`info` gives for ``url`` and ``formats``, and raises to refuse it
        before the first byte.
        """
        info = await self._accepted(url, accept, formats)
        try:
            path = await self._bring_in(info, dest_dir, progress)
        except (NotEntitled, NotFound):
            # Media addresses are signed and expire; services also refuse one at random. A new one settles it.
            info = await self._accepted(url, accept, formats)
            path = await self._bring_in(info, dest_dir, progress)
        return delivery(path, info)

    async def _accepted(
        self, url: str, accept: Callable[[Info], None] | None, formats: Formats | None
    ) -> Info:
        info = await self.info(url, formats=formats)
        if accept is not None:
            accept(info)
        return info

    async def _bring_in(self, info: Info, dest_dir: Path, progress: Progress) -> Path:
        job = Job(
            context=self._context,
            info=info,
            dest_dir=dest_dir,
            progress=progress,
            range_size=self._range_size,
        )
        path = await brought_in(job, self._work)
        if self._options.get("postprocessors"):
            path = await self._work(lambda ydl: ydl.converted(path, info))
        return path

    async def _extract(self, url: str, **params: Any) -> Info:
        found = await self._work(lambda ydl: ydl.plain_info(url), **params)
        if not isinstance(found, Mapping):
            raise UnexpectedResponse("yt-dlp found nothing there")
        return found

    async def _work(self, task: Callable[[LentYoutubeDL], T], **params: Any) -> T:
        """``task`` with a yt-dlp of its own, in a thread; its connections end with the awaiting task."""
        from cratedig.ytdlp._traffic import Traffic  # noqa: PLC0415 - httpx takes a tenth of a second

        return await self._context.run_blocking(
            self._in_thread, task, Traffic(self._context, self._unneeded), params
        )

    def _in_thread(
        self, task: Callable[[LentYoutubeDL], T], traffic: Traffic, params: Mapping[str, Any]
    ) -> T:
        from cratedig.ytdlp._extraction import Extraction  # noqa: PLC0415 - yt-dlp takes a quarter of a second

        return Extraction(
            params={**_OURS, **self._own, **params},
            options=self._options,
            sayings=self._sayings,
            cookies_file=self._cookies_file,
            traffic=traffic,
            memory=self._memory,
            log=self._context.log,
        ).run(task)


def _selection(formats: Formats) -> Any:
    """What yt-dlp takes for ``format``."""
    if isinstance(formats, str):
        return formats
    return lambda known: [formats(known["formats"])]
