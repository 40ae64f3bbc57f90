"""Albums: every file verified, all of them put together in staging, and the folder published in one rename.

All or nothing, unless the person asked for a partial album; then what it lacks is listed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from cratedig._downloads import survivor
from cratedig._errors import CorruptDownload, NotFound, SourceError
from cratedig._model import FileResult, Kind, Quality, RawSearchResult
from cratedig._plugins import AlbumFile, Delivery

if TYPE_CHECKING:
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._transfer.verify import Tolerance, Verified

EXTRAS = frozenset({".jpg", ".jpeg", ".png", ".cue", ".log", ".lrc"})
"""What is published along with the music when a whole folder is delivered: covers, cue sheets, lyrics."""

ASK_PARTIAL = "another source may have all of it; ask for a partial album to take what there is"

MAX_NAMED = 5


@frozen(kw_only=True)
class Album:
    """A delivered album after the look at its files.

    ``tracks`` are the whole ones, ``extras`` what comes along, ``missing`` the names of what it lacks, and
    ``reasons`` the same with why.
    """

    tracks: tuple[tuple[str, Verified], ...]
    extras: tuple[tuple[str, Path], ...]
    missing: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def quality(self) -> Quality:
        """That of its worst file."""
        return min(verified.quality for _, verified in self.tracks)

    @property
    def remark(self) -> str:
        """What to say of it in the record, empty when it is whole."""
        return f"partial: {_listed(self.reasons)} missing" if self.reasons else ""


def is_album(record: Record, delivery: Delivery) -> bool:
    """Whether a delivery is to be published as an album."""
    return record.kind is Kind.ALBUM or bool(delivery.files) or delivery.path.is_dir()


def look_at(
    record: Record, promise: RawSearchResult | None, delivery: Delivery, root: Path, tolerance: Tolerance
) -> Album:
    """Verify every file of a delivery that lies below ``root``; ``promise`` says how many there should be.

    :raises NotFound: the service did not have all of it, and a partial album is not wanted.
    :raises SourceError: a file is not what was promised, and a partial album is not wanted.
    """
    files = _contents(delivery)
    if not files:
        raise CorruptDownload("there is no audio in what was delivered")
    tracks, problems = _verified(files, root, tolerance)
    missing = (*delivery.missing, *_not_there(files, delivery, promise))
    album = Album(
        tracks=tuple(tracks),
        extras=_extras(delivery),
        missing=(*missing, *problems),
        reasons=(*missing, *(f"{name} ({problem.message})" for name, problem in problems.items())),
    )
    if album.reasons and not (record.plan.partial and tracks):
        raise _incomplete(album, len(files), list(problems.values()))
    return album


def holds_more(record: Record, run: Run) -> bool:
    """Whether a track was asked for and the candidate is an album that it is on."""
    promise = run.candidate.promise
    return record.kind is Kind.TRACK and promise is not None and promise.kind is Kind.ALBUM


def pick(record: Record, delivery: Delivery, root: Path) -> Delivery:
    """The one file of an album that is the track which the record wants.

    :raises NotFound: none of them surely is.
    """
    from cratedig._matching import matches  # noqa: PLC0415 - rapidfuzz is loaded when first used
    from cratedig._transfer.staging import inside  # noqa: PLC0415
    from cratedig._transfer.tags import read_tags  # noqa: PLC0415 - mutagen is loaded when first used

    wanted = record.plan.wanted
    for file in _contents(delivery):
        said = read_tags(inside(file.path, root))
        track = RawSearchResult(target_id=file.name, **said) if said.get("title") else None
        if wanted is not None and track is not None and matches(track, wanted):
            return Delivery(path=file.path, size=file.size, duration=file.duration, quality=file.quality)
    raise NotFound(f"the album was delivered, and {record.display_name!r} is surely none of its files")


def put_together(album: Album, staging: Path) -> Album:
    """Bring the files of an album to their names in :func:`survivor.album_folder`; the album with these."""
    from cratedig._transfer.publish import flush_file, flush_folder  # noqa: PLC0415 - only downloads need it
    from cratedig._transfer.staging import remove  # noqa: PLC0415

    folder = survivor.album_folder(staging)
    remove(folder)
    folder.mkdir()
    folder = folder.resolve()
    placed = []
    for name, verified in album.tracks:
        target = _free(folder, name, verified.extension)
        _place(verified.path, target)
        flush_file(target)
        placed.append((name, evolve(verified, path=target)))
    for name, path in album.extras:
        path.replace(_free(folder, name, path.suffix.lstrip(".")))
    flush_folder(folder)
    return evolve(album, tracks=tuple(placed), extras=())


def give_name(folder: Path, dest_dir: Path, stem: str, staging: Path, missing: tuple[str, ...]) -> Path:
    """Publish the folder under a name that nobody has; atomic, and known to the process after a crash.

    :raises OSError: the destination is full, gone or not writable.
    """
    from cratedig._transfer.publish import flush_folder, targets  # noqa: PLC0415 - only downloads need it

    dest_dir.mkdir(parents=True, exist_ok=True)
    for target in targets(dest_dir, stem, ""):
        survivor.note_album(staging, folder, target, stem, missing)
        try:
            folder.rename(target)
        except OSError:
            if not target.exists():
                raise
            continue
        break
    flush_folder(dest_dir)
    return target


def results(album: Album, together: Path, folder: Path) -> tuple[FileResult, ...]:
    """The files of an album that was put ``together`` and is published as ``folder``."""
    return tuple(
        FileResult(
            path=folder / one.path.relative_to(together.resolve()),
            size=one.size,
            duration=one.duration,
            quality=one.quality,
        )
        for _, one in album.tracks
    )


def _contents(delivery: Delivery) -> list[AlbumFile]:
    if delivery.files:
        return [evolve(file, name=file.name or file.path.stem) for file in delivery.files]
    if not delivery.path.is_dir():
        return [AlbumFile(path=delivery.path, name=delivery.name or delivery.path.stem)]
    return [AlbumFile(path=path, name=_relative(path, delivery.path)) for path in _audio(delivery.path)]


def _audio(folder: Path) -> list[Path]:
    from cratedig._transfer.magic import sniff  # noqa: PLC0415 - only downloads need it

    found = []
    for path in sorted(folder.rglob("*"), key=lambda path: str(path).casefold()):
        if path.is_file() and not path.is_symlink() and path.suffix.lower() not in EXTRAS:
            with path.open("rb") as file:
                if sniff(file) is not None:
                    found.append(path)
    return found


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _extras(delivery: Delivery) -> tuple[tuple[str, Path], ...]:
    if delivery.files or not delivery.path.is_dir():
        return ()
    found = [path for path in sorted(delivery.path.rglob("*")) if path.suffix.lower() in EXTRAS]
    regular = [path for path in found if path.is_file() and not path.is_symlink()]
    return tuple((_relative(path, delivery.path), path) for path in regular)


def _verified(
    files: list[AlbumFile], root: Path, tolerance: Tolerance
) -> tuple[list[tuple[str, Verified]], dict[str, SourceError]]:
    from cratedig._transfer.verify import Promise, verify  # noqa: PLC0415 - mutagen is loaded when first used

    good: list[tuple[str, Verified]] = []
    bad: dict[str, SourceError] = {}
    for file in files:
        promise = Promise(size=file.size, duration=file.duration, quality=file.quality)
        try:
            good.append((file.name, verify(file.path, promise, root, tolerance=tolerance)))
        except SourceError as error:
            bad[file.name] = error
    return good, bad


def _not_there(
    files: list[AlbumFile], delivery: Delivery, promise: RawSearchResult | None
) -> tuple[str, ...]:
    """What a folder lacks of the tracks that the search promised; a listed delivery knows that itself."""
    expected = promise.track_count if promise and promise.kind is Kind.ALBUM else None
    if delivery.files or not expected or _is_image(delivery):
        return ()
    short = expected - len(files) - len(delivery.missing)
    if short <= 0:
        return ()
    numbers = {_number(file.name) for file in files}
    absent = [number for number in range(1, expected + 1) if number not in numbers]
    if None not in numbers and len(absent) == short:
        return tuple(f"track {number}" for number in absent)
    return (f"{short} of {expected} tracks",)


def _is_image(delivery: Delivery) -> bool:
    """Whether one file holds the whole album, with a cue sheet that says where its tracks begin."""
    return delivery.path.is_dir() and any(delivery.path.rglob("*.cue"))


def _number(name: str) -> int | None:
    found = re.match(r"(?:\d-)?(\d{1,3})(?!\d)", name.rpartition("/")[2])
    return int(found.group(1)) if found else None


def _incomplete(album: Album, delivered: int, problems: list[SourceError]) -> SourceError:
    total = delivered + len(album.missing) - len(problems)
    message = (
        f"the album is incomplete, {len(album.tracks)} of {total} tracks: {_listed(album.reasons)} missing"
    )
    kinds = {type(problem) for problem in problems}
    if not problems:
        return NotFound(message, hint=ASK_PARTIAL)
    cls = kinds.pop() if len(kinds) == 1 and not album.tracks else CorruptDownload
    return cls(message, hint=ASK_PARTIAL)


def _place(path: Path, target: Path) -> None:
    """As a second name where that is possible: until the folder is noted, a crash needs the first."""
    try:
        os.link(path, target)
    except OSError:
        path.replace(target)


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - MAX_NAMED
    shown = "; ".join(names[:MAX_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def _free(folder: Path, name: str, extension: str) -> Path:
    """A name in the album's folder that is safe and not taken; slashes in ``name`` make folders."""
    from cratedig._transfer.names import safe_name  # noqa: PLC0415 - only downloads need it
    from cratedig._transfer.publish import targets  # noqa: PLC0415

    *folders, stem = [part for part in name.split("/") if part] or [name]
    inside = folder.joinpath(*(safe_name(part, "") for part in folders))
    inside.mkdir(parents=True, exist_ok=True)
    return next(targets(inside, stem, extension))
