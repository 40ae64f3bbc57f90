"""What a person can set under ``[sources.usenet]``."""

from __future__ import annotations

from urllib.parse import urlsplit

from attrs import field, frozen
from attrs.validators import deep_iterable, ge, in_, instance_of

from cratedig import Secret, SourceSettings
from cratedig.fields import address

_LOGINS = {"": (), "sabnzbd": ("client_api_key",), "nzbget": ("client_username", "client_password")}
"""The clients that there are, each with the settings that it lets somebody in by."""


@frozen(kw_only=True)
class IndexerSettings:
    """One ``[[sources.usenet.indexers]]``."""

    kind: str = field(validator=in_(("newznab", "prowlarr")))
    """``newznab`` for an indexer (or what speaks its API), ``prowlarr`` for all that Prowlarr has."""
    base_url: str = address()
    """Its address, without ``/api``."""
    api_key: Secret
    """The key of your account there."""

    @property
    def host(self) -> str:
        """Host and port of its address, without a login that stands in it."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]


@frozen(kw_only=True)
class UsenetSettings(SourceSettings):
    """Indexers to search at and one client to download with are needed; none is shipped."""

    indexers: list[IndexerSettings] = field(
        factory=list, validator=deep_iterable(instance_of(IndexerSettings))
    )
    """Where to search, the preferred one first."""
    client: str = field(default="", validator=in_(_LOGINS))
    """The program that downloads: ``sabnzbd`` or ``nzbget``."""
    client_base_url: str = address()
    """Its address, e.g. ``http://127.0.0.1:8080`` for SABnzbd, ``http://127.0.0.1:6789`` for NZBGet."""
    client_api_key: Secret | None = None
    """SABnzbd's API key (the full one)."""
    client_username: str = ""
    """NZBGet's ControlUsername."""
    client_password: Secret | None = None
    """NZBGet's ControlPassword."""
    category: str = ""
    """The client's category for these jobs; empty for its default."""
    path_map: dict[str, str] = field(factory=dict)
    """The client's folders, each with where it is on this machine; only where they differ."""
    categories: list[int] = field(factory=lambda: [3000])
    """Newznab categories to search in: 3000 is all audio, 3040 lossless, 3010 MP3."""
    poll_interval: float = field(default=3.0, validator=ge(0.05))
    """Seconds between two looks at the client while something is under way there."""

    def missing(self) -> list[str]:
        """The names of the settings that are needed and not there."""
        needed = ("indexers", "client", "client_base_url", *_LOGINS[self.client])
        missing = [name for name in needed if not getattr(self, name)]
        return missing + ["indexers.base_url" for one in self.indexers if not one.base_url]
