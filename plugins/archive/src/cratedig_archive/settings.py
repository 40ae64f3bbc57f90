"""What a person can set under ``[sources.archive]``."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import ge, le, matches_re

from cratedig import SourceSettings
from cratedig_archive.formats import PREFERRED


def _without_slash(address: str) -> str:
    return address.rstrip("/")


@frozen(kw_only=True)
class ArchiveSettings(SourceSettings):
    """Nothing here is needed; public items ask for no login."""

    base_url: str = field(
        default="https://archive.org",
        converter=_without_slash,
        validator=matches_re(r"https?://[^\s/?#]+(/[^\s?#]*)?"),
    )
    """The Archive's address, or that of a mirror."""
    contact: str = ""
    """An e-mail address or a page that the Archive may turn to; it is sent with every request."""
    collections: list[str] = field(factory=list)
    """Search only in these collections; empty means all."""
    exclude_collections: list[str] = field(factory=lambda: ["podcasts", "librivoxaudio"])
    """Collections to leave out: by default what is spoken."""
    formats: list[str] = field(factory=lambda: list(PREFERRED))
    """The Archive's names of file formats, the best first; of each track the first that exists is offered."""
    lookups: int = field(default=4, validator=[ge(1), le(20)])
    """How many items of a search are opened to see their tracks; each takes a request."""
