"""The installed sources, by their entry points; nothing is imported yet."""

from __future__ import annotations

from importlib_metadata import EntryPoint, entry_points

from cratedig._plugins import ENTRY_POINT_GROUP
from cratedig._plugins.entry import Entry


def installed() -> list[Entry]:
    """One entry for each installed source, in the order of their names."""
    return sorted(map(_entry, entry_points(group=ENTRY_POINT_GROUP)), key=lambda entry: entry.name)


def _entry(point: EntryPoint) -> Entry:
    return Entry(
        name=point.name,
        load=point.load,
        distribution=point.dist.name if point.dist else "",
        version=point.dist.version if point.dist else "",
    )
