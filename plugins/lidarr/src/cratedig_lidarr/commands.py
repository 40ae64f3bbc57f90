"""Lidarr's commands; a search of the indexers is one of them."""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

from cratedig import NotFound, SourceError, Unavailable
from cratedig.reading import items, mapping, require_items, text, whole

LOOK = "RefreshMonitoredDownloads"
_REPORTS = re.compile(r"(\d{1,6}) reports? downloaded")


@frozen(kw_only=True)
class Search:
    """A search for albums; ``found`` is how many releases it has taken, ``None`` while nobody knows."""

    id: int
    albums: frozenset[int]
    status: str
    found: int | None
    said: str

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.status in {"queued", "started"}

    def problem(self) -> SourceError | None:
        """Why nothing comes of it; ``None`` while it goes on, and when it has taken something."""
        if self.active or (self.status == "completed" and self.found != 0):
            return None
        if self.status == "completed":
            return NotFound(
                "none of Lidarr's indexers has the album, or not as its quality profile wants it",
                hint="an interactive search in Lidarr shows what there is, and why it is turned down",
            )
        return Unavailable(
            f"Lidarr's search is {self.status or 'gone'}{f': {self.said}' if self.said else ''}"
        )


@frozen(kw_only=True)
class Commands:
    """The commands of the last minutes. ``last`` is the highest number.

    ``looked`` is that of the last look at the download clients, of those that somebody asked for.
    """

    last: int = 0
    looked: int = 0
    searches: tuple[Search, ...] = ()

    def search(self, album: int, after: int) -> Search | None:
        """The newest search for an album that is under way, or that began after the command ``after``."""
        mine = [one for one in self.searches if album in one.albums and (one.active or one.id > after)]
        return max(mine, key=lambda one: one.id, default=None)


def commands(answer: Any) -> Commands:
    """Read the list of commands.

    :raises UnexpectedResponse: it is no list.
    """
    rows = [mapping(row) for row in require_items(answer, "commands")]
    return Commands(
        last=max((whole(row.get("id")) or 0 for row in rows), default=0),
        looked=max((whole(row.get("id")) or 0 for row in rows if _is_look(row)), default=0),
        searches=tuple(_search(row) for row in rows if text(row.get("name")) == "AlbumSearch"),
    )


def _is_look(row: Any) -> bool:
    """Whether it has ended and was asked for; those that Lidarr begins by itself may have come too early."""
    kind = text(row.get("name")), text(row.get("status")), text(row.get("trigger"))
    return kind == (LOOK, "completed", "manual")


def _search(row: Any) -> Search:
    message = text(row.get("message"))
    count = _REPORTS.search(message)
    numbers = map(whole, items(mapping(row.get("body")).get("albumIds")))
    return Search(
        id=whole(row.get("id")) or 0,
        albums=frozenset(one for one in numbers if one),
        status=text(row.get("status")),
        found=int(count[1]) if count else None,
        said=(text(row.get("exception")) or message)[:300],
    )
