"""What a person can set under ``[sources.folder]``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from attrs import field, frozen

from cratedig import SourceSettings


class DeliveryKind(StrEnum):
    """How a file gets from the collection to where it is wanted."""

    COPY = "copy"
    LINK = "link"
    """A hard link, which takes no room; a copy where the file system cannot link."""


@frozen(kw_only=True)
class FolderSettings(SourceSettings):
    """``paths`` is needed."""

    paths: list[Path] = field(factory=list)
    """Folders with music, searched with everything below them; ``~`` is the home folder."""
    delivery: DeliveryKind = DeliveryKind.COPY
    """``copy`` or ``link``."""
