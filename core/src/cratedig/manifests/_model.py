"""What every kind of manifest is read into."""

from __future__ import annotations

from attrs import field, frozen

from cratedig.reading import text

_WHOLE_SONG = 0.85
_NAMES = (
    ("flac", "flac"),
    ("mp4a.40.34", "mp3"),
    ("mp4a.69", "mp3"),
    ("mp4a.6b", "mp3"),
    ("mp4a", "aac"),
    ("ec-3", "eac3"),
    ("ac-3", "ac3"),
    ("ac-4", "ac4"),
)


@frozen(kw_only=True)
class Manifest:
    """Where a recording's bytes are: one file, or segments to be appended in order.

    ``init`` is the segment that goes before ``urls``, empty where there is none. ``codec`` is named as in
    :class:`~cratedig.Quality`, ``encryption`` in the manifest's own words; both are empty where nothing is
    told. ``duration`` is in seconds, ``sample_rate`` in Hz.
    """

    urls: tuple[str, ...] = field(repr=False)
    init: str = field(default="", repr=False)
    codec: str = ""
    mime_type: str = ""
    encryption: str = ""
    duration: float | None = None
    sample_rate: int | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """All addresses in the order in which their bytes make the file."""
        return (self.init, *self.urls) if self.init else self.urls

    def covers(self, seconds: float | None) -> bool:
        """Whether it lasts for about so many seconds. A preview does not, whatever else is said of it."""
        return not (seconds and self.duration is not None and self.duration < _WHOLE_SONG * seconds)


def codec_of(told: object) -> str:
    """The codec behind the first entry of a list as RFC 6381 has it."""
    first = text(told).partition(",")[0].strip().lower()
    return next((name for start, name in _NAMES if first.startswith(start)), first[:20])
