"""What is asked of a transfer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from attrs import field, frozen
from attrs.validators import ge, instance_of, min_len, optional

Progress = Callable[[int, "int | None"], None]
"""``progress(transferred, total)`` in bytes, called on the transfer's thread; raising ends the transfer."""

Bytes = bytes | bytearray | memoryview
"""What a transform is fed and may hand back."""


class Transform(Protocol):
    """Changes bytes on their way to the file, decrypting them for instance, on the transfer's thread.

    ``boundary`` is the distance, in bytes, at which it can begin afresh; 0 means only at the beginning,
    and then a broken transfer starts over. With a boundary, it hands out as many bytes as it is fed, the
    last ones perhaps later. ``size`` counts the bytes that come in, ``digest`` those that are written.
    """

    boundary: int

    def start(self, offset: int) -> None:
        """Forget everything; the next byte is the one at ``offset``, a multiple of ``boundary``."""
        ...

    def feed(self, data: Bytes) -> Bytes:
        """Return what can be written now; a mutable ``data`` may be changed in place and returned.

        ``data`` is reused after the call, so what is held back has to be copied.
        """
        ...

    def finish(self) -> Bytes:
        """Return what was held back: the last byte has come."""
        ...


@frozen(kw_only=True)
class FetchRequest:
    """One body to bring into the file ``path``. Sizes are in bytes.

    ``size`` is what was promised, ``digest`` ``md5:``, ``sha1:``, ``sha256:`` or ``sha512:`` and hex
    digits. ``range_size`` asks for the body in successive ranges of that many bytes.
    """

    url: str = field(validator=instance_of(str))
    path: Path = field(converter=Path)
    headers: Mapping[str, str] = field(factory=dict)
    size: int | None = field(default=None, validator=optional(ge(0)))
    digest: str | None = None
    transform: Transform | None = None
    range_size: int | None = field(default=None, validator=optional(ge(1)))


def _as_tuple(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(urls)


@frozen(kw_only=True)
class SegmentsRequest:
    """Bodies to append, in order, to the file ``path``."""

    urls: tuple[str, ...] = field(converter=_as_tuple, validator=min_len(1))
    path: Path = field(converter=Path)
    headers: Mapping[str, str] = field(factory=dict)
