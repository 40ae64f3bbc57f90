"""The look at a file before it is published: is it audio, is it whole, is it the song that was promised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from attrs import field, frozen
from attrs.validators import ge

from cratedig._errors import CorruptDownload, NotEntitled
from cratedig._model import Kind, Quality
from cratedig._transfer.containers.facts import Facts
from cratedig._transfer.containers.flac import inspect_flac
from cratedig._transfer.containers.lossless import inspect_ape, inspect_wavpack
from cratedig._transfer.containers.matroska import inspect_matroska
from cratedig._transfer.containers.mp4 import inspect_mp4
from cratedig._transfer.containers.mpeg import inspect_aac, inspect_mp3
from cratedig._transfer.containers.ogg import inspect_ogg
from cratedig._transfer.containers.riff import inspect_aiff, inspect_wav
from cratedig._transfer.magic import Container, describe, sniff
from cratedig._transfer.staging import inside

_INSPECT: dict[Container, Callable[[Path, BinaryIO, int], Facts]] = {
    Container.FLAC: inspect_flac,
    Container.MP3: inspect_mp3,
    Container.AAC: inspect_aac,
    Container.MP4: inspect_mp4,
    Container.OGG: inspect_ogg,
    Container.MATROSKA: inspect_matroska,
    Container.WAV: inspect_wav,
    Container.AIFF: inspect_aiff,
    Container.APE: inspect_ape,
    Container.WAVPACK: inspect_wavpack,
}

_PREVIEW_FROM = 45.0
_PREVIEW_SHARE = 0.6
_PREVIEW_LENGTH = (27.0, 33.0)


@frozen(kw_only=True)
class Promise:
    """What was said of a file before it came: bytes, seconds, quality.

    Of an ``ALBUM``, size and duration are the whole album's, and no file is held against them.
    """

    size: int | None = None
    duration: float | None = None
    quality: Quality | None = None
    kind: Kind = Kind.TRACK


@frozen(kw_only=True)
class Tolerance:
    """How far a duration may be off: ``seconds`` or ``share`` of the promise, whichever is more."""

    seconds: float = field(default=5.0, validator=ge(0))
    share: float = field(default=0.03, validator=ge(0))

    def allows(self, found: float, promised: float) -> bool:
        """Whether the two may be the same recording."""
        return abs(found - promised) <= max(self.seconds, promised * self.share)


@frozen(kw_only=True)
class Verified:
    """A file that may be published: where it is, its bytes, seconds, quality and proper extension.

    ``warnings`` are findings that did not condemn it, for the record.
    """

    path: Path
    size: int
    duration: float | None
    quality: Quality
    extension: str
    warnings: tuple[str, ...] = ()


def verify(path: Path, promise: Promise, staging: Path, *, tolerance: Tolerance | None = None) -> Verified:
    """Hold the file at ``path`` against what was promised and against its own format. Blocking.

    :raises CorruptDownload: outside ``staging``, missing, empty, of another size or duration, no audio,
        not whole. Which figures disagree is said.
    :raises NotEntitled: it is a preview of the song.
    """
    real = inside(path, staging)
    size = real.stat().st_size
    _check_size(size, promise)
    facts = _inspect(real, size)
    sure = promise.kind is Kind.TRACK and promise.size == size
    _check_whole(facts.cut, sure)
    # A preview is one even where its header gives it away as incomplete.
    _check_durations(facts, promise, tolerance or Tolerance())
    _check_whole(facts.short, sure)
    return Verified(
        path=real,
        size=size,
        duration=facts.duration,
        quality=facts.quality,
        extension=facts.extension,
        warnings=_warnings(facts, promise),
    )


def _check_size(size: int, promise: Promise) -> None:
    if size == 0:
        raise CorruptDownload("the file is empty")
    if promise.kind is Kind.TRACK and promise.size is not None and size != promise.size:
        raise CorruptDownload(f"the file has {size} bytes, promised were {promise.size}")


def _inspect(path: Path, size: int) -> Facts:
    with path.open("rb") as file:
        container = sniff(file)
        if container is None:
            raise CorruptDownload(f"the file is {describe(file)}, not audio")
        try:
            return _INSPECT[container](path, file, size)
        except (ArithmeticError, LookupError, RecursionError, StopIteration, TypeError, ValueError) as error:
            raise CorruptDownload(f"the file is damaged: its {container} structure makes no sense") from error


def _check_whole(missing: str, sure: bool) -> None:
    if missing and not sure:
        raise CorruptDownload(f"the file is not whole: {missing}")


def _check_durations(facts: Facts, promise: Promise, tolerance: Tolerance) -> None:
    if facts.declared is not None and facts.actual is not None:
        _compare(facts.actual, facts.declared, tolerance, "its header says")
    if promise.kind is Kind.TRACK and promise.duration and facts.duration is not None:
        _compare(facts.duration, promise.duration, tolerance, "promised were")


def _compare(found: float, expected: float, tolerance: Tolerance, who: str) -> None:
    if tolerance.allows(found, expected):
        return
    if _is_preview(found, expected):
        raise NotEntitled(
            f"preview: {found:.0f} s of {expected:.0f} s", hint="the account may lack the full song"
        )
    raise CorruptDownload(f"the file plays for {found:.1f} s, {who} {expected:.1f} s")


def _is_preview(found: float, expected: float) -> bool:
    usual = _PREVIEW_LENGTH[0] <= found <= _PREVIEW_LENGTH[1]
    return expected > _PREVIEW_FROM and found < expected and (usual or found < expected * _PREVIEW_SHARE)


def _warnings(facts: Facts, promise: Promise) -> tuple[str, ...]:
    found = [*facts.warnings, facts.cut, facts.short]
    promised = promise.quality
    if promised is not None and promised.codec and promised.codec != facts.quality.codec:
        found.append(f"promised was {promised}, got {facts.quality}")
    return tuple(filter(None, found))
