"""From files to tracks: the same recording lies in an item in several formats, and one of them is offered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from attrs import evolve

from cratedig_archive.files import File
from cratedig_archive.formats import is_lossless

_DERIVATIVE = re.compile(r"_(?:vbr|\d{2,3}kb)$")
_NUMBER = re.compile(r"(?P<number>\d{1,3})(?:\s*[-.)_]\s*|\s+)(?P<rest>\S.*)")
WHOLE_ALBUM = 20 * 60
"""Seconds from which the only file of an item is taken for a whole album in one piece."""


def tracks(files: Iterable[File], formats: Sequence[str]) -> list[File]:
    """One file for each track, in the order of the release; ``formats`` has the preferred ones first."""
    open_files = sorted((file for file in files if not file.private), key=_group)
    groups = [list(group) for _, group in groupby(open_files, _group)]
    chosen = [_completed(one, group) for group in groups if (one := _best(group, formats))]
    once = sorted(_without_copies(chosen), key=_order)
    return [] if len(once) == 1 and (once[0].length or 0) >= WHOLE_ALBUM else once


def _group(file: File) -> str:
    """Name what the formats of one track have in common: the original's name without extension."""
    path = PurePosixPath(file.original if file.derived else file.name)
    return str(path.with_name(_DERIVATIVE.sub("", path.stem) or path.name)).casefold()


def _best(group: list[File], formats: Sequence[str]) -> File | None:
    lossy_original = any(not file.derived and not is_lossless(file.format) for file in group)
    lossless_original = any(not file.derived and is_lossless(file.format) for file in group)
    honest = [
        # A lossless file made from a lossy one is no better than that, only larger.
        file
        for file in group
        if not (file.derived and is_lossless(file.format) and lossy_original and not lossless_original)
    ]
    ranked = {name: rank for rank, name in enumerate(formats)}
    wanted = [file for file in honest if file.format in ranked]
    return min(wanted, key=lambda file: (ranked[file.format], file.derived, file.name), default=None)


def _completed(chosen: File, group: list[File]) -> File:
    """Complete the file with what only its siblings say; originals know more."""
    told = sorted(group, key=lambda file: file.derived)
    number = chosen.track or next((file.track for file in told if file.track), None)
    stem = PurePosixPath(_DERIVATIVE.sub("", PurePosixPath(chosen.name).stem)).name
    title = chosen.title or next((file.title for file in told if file.title), stem)
    return evolve(
        chosen,
        track=number,
        title=_clean(
            title or PurePosixPath(_DERIVATIVE.sub("", PurePosixPath(chosen.name).stem)).name, number
        ),
        creator=chosen.creator or next((file.creator for file in told if file.creator), ""),
        album=chosen.album or next((file.album for file in told if file.album), ""),
        length=chosen.length or next((file.length for file in told if file.length), None),
    )


def _clean(title: str, number: int | None) -> str:
    """Return the title without the track number in front of it."""
    found = _NUMBER.fullmatch(title)
    return found["rest"] if found and number is not None and int(found["number"]) == number else title


def _without_copies(files: Iterable[File]) -> list[File]:
    """Leave out copies in sub-folders: they have the number, the title and the length of the first."""
    seen: set[tuple[object, ...]] = set()
    upper_first = sorted(files, key=lambda file: file.name.count("/"))
    return [file for file in upper_first if not _is_copy(file, seen)]


def _is_copy(file: File, seen: set[tuple[object, ...]]) -> bool:
    if file.track is None or file.length is None:
        return False
    key = (file.disc, file.track, file.title.casefold(), round(file.length))
    known = key in seen
    seen.add(key)
    return known


def _order(file: File) -> tuple[int, int, list[tuple[int, str]]]:
    return file.disc, file.track or 10**6, list(_natural(file.name))


def _natural(name: str) -> Iterator[tuple[int, str]]:
    """Numbers in names count as numbers: 2 comes before 10."""
    for part in re.findall(r"\d{1,18}|\D+", name.casefold()):
        yield (int(part), "") if part.isdecimal() else (10**18, part)
