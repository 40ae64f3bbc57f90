"""What a person can set under ``[sources.lidarr]``."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import ge, gt

from cratedig import Secret, SourceSettings
from cratedig.fields import address


@frozen(kw_only=True)
class LidarrSettings(SourceSettings):
    """``base_url`` and ``api_key`` are needed. Times are in seconds."""

    base_url: str = address()
    """Lidarr's address with its URL base, if it has one, e.g. ``http://127.0.0.1:8686``."""
    api_key: Secret | None = None
    """The key from Lidarr's page Settings, General."""
    path_map: dict[str, str] = field(factory=dict)
    """Folders by Lidarr's name for them, each with the folder of this machine that it is."""
    root_folder: str = ""
    """The root folder, as Lidarr names it, for artists that are new; empty takes the first."""
    quality_profile: str = ""
    """The name of the quality profile for artists that are new; empty takes the root folder's."""
    metadata_profile: str = ""
    """The name of the metadata profile for artists that are new; empty takes the root folder's."""
    remove_added: bool = False
    """Take albums and artists that this source has added out of Lidarr again; files are never deleted."""
    poll_interval: float = field(default=5.0, validator=ge(0.1))
    """How long to wait between two looks at what Lidarr does."""
    patience: float = field(default=300.0, validator=gt(0))
    """How long Lidarr may be stuck: with an album's tracks, an import, a download that has vanished."""

    @property
    def key(self) -> str:
        """The API key without the white space that copying brings along."""
        return str(self.api_key or "").strip()

    def problem(self) -> str:
        """What is missing or malformed, by name and without its value; "" when all is well."""
        missing = [name for name, value in (("base_url", self.base_url), ("api_key", self.key)) if not value]
        if missing:
            return f"missing: {', '.join(missing)}"
        if "@" in self.base_url:
            return "base_url: expected an address without user and password"
        sound = self.key.isascii() and self.key.isprintable()
        return "" if sound else "api_key: expected letters and digits on one line"
