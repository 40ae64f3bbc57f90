"""An item: a record, a concert or somebody's upload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from cratedig import NotEntitled, NotFound, RawSearchResult, Unavailable
from cratedig.reading import flag, items, number, require_mapping, text, texts, year
from cratedig_archive.files import File, read_file
from cratedig_archive.tracks import tracks

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


@frozen(kw_only=True)
class Item:
    """What the metadata says. ``creators`` are all of them, the first is the artist."""

    identifier: str
    title: str
    creators: tuple[str, ...]
    year: int | None
    license: str
    files: tuple[File, ...]

    def results(self, formats: list[str], popularity: Any = None) -> Iterator[RawSearchResult]:
        """One result for each track."""
        for file in tracks(self.files, formats):
            yield RawSearchResult(
                target_id=f"{self.identifier}/{file.name}",
                title=file.title,
                artist=file.creator or next(iter(self.creators), ""),
                album=file.album or self.title,
                duration=file.length,
                track_number=file.track,
                year=self.year,
                quality=file.quality,
                size=file.size,
                popularity=number(popularity),
                extra={
                    "item": self.title,
                    "creators": list(self.creators),
                    "format": file.format,
                    "derived": file.derived,
                    "license": self.license,
                },
            )

    def file(self, name: str) -> File:
        """Find the file that a target names.

        :raises NotFound: the item has no such audio file, or no longer.
        :raises NotEntitled: it is private.
        """
        found = next((file for file in self.files if file.name == name), None)
        if found is None:
            raise NotFound("the item has no such audio file; it may have been renamed or removed")
        if found.private:
            raise NotEntitled("the file is private", hint="the Archive hands it only to its owners")
        return found


def read_item(identifier: str, answer: Any) -> Item:
    """Read the item out of the answer of ``/metadata/{identifier}``.

    :raises NotFound: there is no such item, or it has been removed.
    :raises NotEntitled: it is restricted, for lending or for streaming only.
    :raises Unavailable: the machines that hold it are down.
    :raises UnexpectedResponse: the answer is no item.
    """
    whole = require_mapping(answer, "item")
    if not whole:
        raise NotFound("there is no such item")
    if flag(whole.get("is_dark")):
        raise NotFound("the item has been removed from the Archive")
    if flag(whole.get("servers_unavailable")):
        raise Unavailable("the machines that hold the item are down")
    about = require_mapping(whole.get("metadata"), "item's metadata")
    restricted = flag(about.get("access-restricted-item")) or "stream_only" in texts(about.get("collection"))
    if restricted or flag(whole.get("nodownload")):
        raise NotEntitled("the item may not be downloaded", hint="it is for lending or for listening only")
    return Item(
        identifier=identifier,
        title=text(about.get("title")) or identifier,
        creators=texts(about.get("creator")),
        year=year(about.get("year")) or year(about.get("date")),
        license=text(about.get("licenseurl")),
        files=tuple(file for row in items(whole.get("files")) if (file := read_file(row))),
    )
