"""The engine's own settings, ``[engine]`` in the file and ``CRATEDIG_ENGINE__…`` in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import Attribute, field, frozen
from attrs.validators import and_, ge, gt, le

from cratedig._model import Quality, QualityPreference
from cratedig._settings.places import default_download_dir, default_state_dir
from cratedig._settings.quality import parse_quality


def _names_a_quality(_instance: object, attribute: Attribute[Any], value: str) -> None:
    """Empty, or what :func:`parse_quality` reads."""
    try:
        _quality(value)
    except ValueError as error:
        raise ValueError(f"{attribute.name}: {error}") from None


def _quality(text: str) -> Quality | None:
    return parse_quality(text) if text.strip() else None


@frozen(kw_only=True)
class QualitySettings:
    """Which qualities are welcome when nobody says otherwise; ``[engine.quality]``."""

    floor: str = field(default="", validator=_names_a_quality)
    """The lowest welcome quality, e.g. ``mp3 256``; empty for any."""
    ceiling: str = field(default="", validator=_names_a_quality)
    """The highest welcome quality, e.g. ``flac 16/44.1``; empty for any."""
    codecs: tuple[str, ...] = field(default=(), converter=tuple)
    """The welcome codecs, e.g. ``["flac", "mp3"]``; empty for any."""
    accept_lower: bool = True
    """Keep a file that is worse than offered, if it is not below the floor."""
    accept_unknown: bool = True
    """Welcome results that do not tell their quality."""

    def preference(self) -> QualityPreference:
        """The same as the engine reads it."""
        return QualityPreference(
            floor=_quality(self.floor),
            ceiling=_quality(self.ceiling),
            codecs=self.codecs,
            accept_lower=self.accept_lower,
            accept_unknown=self.accept_unknown,
        )


@frozen(kw_only=True)
class EngineSettings:
    """What holds for every source. Times are in seconds."""

    download_dir: Path = field(factory=default_download_dir, converter=Path)
    """Where files are published to when a download does not say."""
    state_dir: Path = field(factory=default_state_dir, converter=Path)
    """Where records and tokens are kept."""
    search_timeout: float = field(default=30.0, validator=gt(0))
    """How long a search waits for its slowest source."""
    search_cache_ttl: float = field(default=300.0, validator=ge(0))
    """How long an answer to the same search is used again; 0 asks every time."""
    minimum_match: float = field(default=0.75, validator=and_(ge(0), le(1)))
    """The match score, 0 to 1, that a result needs to be downloaded without anybody looking at it."""
    retries: int = field(default=3, validator=ge(0))
    """How often one candidate is tried again after a failure that may pass."""
    outage_patience: float = field(default=3600.0, validator=ge(0))
    """How long a download waits for a source that is down before it goes on to the next one."""
    queue_patience: float = field(default=86400.0, validator=ge(0))
    """How long a download may stand in a queue at the other side."""
    duration_tolerance: float = field(default=5.0, validator=ge(0))
    """How much longer or shorter than promised a recording may be."""
    breaker_failures: int = field(default=5, validator=ge(1))
    """Failures in a row after which a source is left alone."""
    breaker_pause: float = field(default=60.0, validator=gt(0))
    """How long it is left alone at first."""
    quality: QualitySettings = field(factory=QualitySettings)
    """Which qualities are welcome."""

    @property
    def preference(self) -> QualityPreference | None:
        """The quality that holds where a caller names none; ``None`` where any will do."""
        return None if self.quality == QualitySettings() else self.quality.preference()
