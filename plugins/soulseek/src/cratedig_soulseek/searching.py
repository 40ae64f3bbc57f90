"""One search's life at slskd: begun, waited for, read, deleted."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

from cratedig import NotFound, SourceContext, SourceError, Unavailable, UnexpectedResponse
from cratedig.reading import flag, require_mapping, text
from cratedig_soulseek.client import Slskd
from cratedig_soulseek.settings import SoulseekSettings

_SIGNS = re.compile(r"[\W_]+")
_LONGEST = 200
_END = 5.0
"""Seconds that slskd may take to end a search, or to answer when it is told to."""


def words(query: str) -> str:
    """Return the words alone: a minus would exclude what follows it, and peers know no other signs."""
    said = [word for word in _SIGNS.sub(" ", query).split() if len(word) > 1 or not word.isascii()]
    kept = " ".join(said)
    return kept if len(kept) <= _LONGEST else kept[:_LONGEST].rpartition(" ")[0]


async def search(context: SourceContext, slskd: Slskd, query: str) -> Any:
    """Return what peers have answered; ``[]`` where there is nothing to look for.

    :raises SourceError: slskd does not search, or not now.
    """
    if not (said := words(query)):
        return []
    # Made here, so that the search can be deleted even when slskd's answer to it is lost.
    search_id = str(uuid4())
    try:
        await slskd.ask(
            "POST", "/searches", json={"id": search_id, "searchText": said, **_terms(context.settings)}
        )
        return await _read(context, slskd, f"/searches/{search_id}")
    finally:
        await _delete(context, slskd, f"/searches/{search_id}")


def _terms(settings: SoulseekSettings) -> dict[str, Any]:
    return {
        "searchTimeout": round(settings.search_quiet * 1000),
        "responseLimit": 250,
        "fileLimit": 25_000,
        "filterResponses": True,
        "minimumResponseFileCount": 1,
        "maximumPeerQueueLength": settings.max_queue,
        "minimumPeerUploadSpeed": settings.min_speed,
    }


async def _read(context: SourceContext, slskd: Slskd, path: str) -> Any:
    try:
        await _ended(context, slskd, path)
        return await slskd.json("GET", f"{path}/responses")
    except NotFound as error:
        raise Unavailable("slskd has lost the search; was it restarted?") from error


async def _ended(context: SourceContext, slskd: Slskd, path: str) -> None:
    """Wait for its end: until then slskd shows no response."""
    settings: SoulseekSettings = context.settings
    stop_at = time.monotonic() + settings.search_time
    async for _ in context.ticks(settings.poll_interval):
        found = require_mapping(await slskd.json("GET", path), "search")
        state = text(found.get("state"))
        if not state:
            raise UnexpectedResponse("slskd tells no state of its search")
        if "Errored" in state:
            raise Unavailable("slskd's search failed", hint="look at slskd's own page or log")
        if flag(found.get("isComplete")) or "Completed" in state:
            return
        if time.monotonic() > stop_at + _END:
            raise Unavailable(f"slskd's search does not end; it is {state}")
        if time.monotonic() > stop_at:
            await slskd.ask("PUT", path, passes=(404,))


async def _delete(context: SourceContext, slskd: Slskd, path: str) -> None:
    """Stop it, where it runs, and remove its record; slskd would keep it for a week."""
    try:
        for method in ("PUT", "DELETE"):
            await slskd.ask(method, path, passes=(404,), timeout=_END)
    except SourceError as error:
        context.log.debug("a search stays at slskd: %s", error)
