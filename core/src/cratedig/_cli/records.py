"""Finding a record by the beginning of its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cratedig._errors import UnknownDownload

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine


async def full_ids(engine: DownloadEngine, beginnings: tuple[str, ...]) -> list[str]:
    """The whole id of each.

    :raises UnknownDownload: no record's id begins so.
    :raises click.UsageError: several do.
    """
    ids = [download.id for download in await engine.get_all_downloads()]
    return list(dict.fromkeys(_full(ids, beginning) for beginning in beginnings))


def _full(ids: list[str], beginning: str) -> str:
    found = [one for one in ids if one.startswith(beginning.lower())]
    if beginning in found:
        return beginning
    if not found:
        raise UnknownDownload(beginning)
    if len(found) > 1:
        raise click.UsageError(
            f"{len(found)} downloads have an id that begins with {beginning!r}; give more of it"
        )
    return found[0]
