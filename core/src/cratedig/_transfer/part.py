"""A file that is being received, and what is needed to go on with it later.

Beside ``<hash>.part`` lies ``<hash>.part.json`` with the validator and the total length of what the bytes
belong to. Going on is safe because of three things together: ``If-Range`` with the validator, the same
total, and, unless a strong ETag vouches for the bytes within one run, the last 16 KiB are fetched again and
compared with those on disk. Where no total is known, a later run starts over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any, BinaryIO, Self

from cratedig._errors import CorruptDownload
from cratedig._transfer.answer import Answer
from cratedig._transfer.request import Bytes, Transform

OVERLAP = 16 * 1024
"""Bytes that are fetched twice, to see that they are still the same, where no strong ETag vouches."""

_DIGESTS = frozenset({"md5", "sha1", "sha256", "sha512"})


class ChangedError(Exception):
    """The bytes at the service are no longer those that are here."""


class Part:
    """The growing file. Not for more than one thread."""

    def __init__(self, path: Path, key: str, *, digest: str | None, transform: Transform | None) -> None:
        self.path, self._sidecar = part_paths(path)
        self._target = path
        self._key = key
        self._transform = transform
        self._algorithm, self._expected = _parse_digest(digest)
        self.validator = ""
        self.total: int | None = None
        self._fresh = True
        self._received: int | None = None
        self._tail = memoryview(b"")

    def __enter__(self) -> Self:
        """Open it and see what is there already."""
        self._file = self.path.open("r+b" if self._load() else "w+b", buffering=0)
        self.length = self._file.seek(0, os.SEEK_END)
        self._hash = self._hash_file() if self._algorithm else None
        return self

    def __exit__(self, *_: object) -> None:
        """Close it; the bytes stay."""
        self._file.close()

    def _load(self) -> bool:
        note = read_note(self._sidecar)
        total, validator = note.get("total"), note.get("validator")
        usable = (
            note.get("key") == self._key and isinstance(total, int) and isinstance(validator, str)
        ) and (self.path.is_file() and not self.path.is_symlink() and self.path.stat().st_size <= total)
        if usable:
            self.total, self.validator, self._fresh = total, str(validator), False
        else:
            self.path.unlink(missing_ok=True)
        return usable

    @property
    def next_start(self) -> int:
        """The offset to ask the service for."""
        if self._received is not None:
            return self._received
        vouched = self._fresh and self.validator.startswith('"')
        start = max(0, self.length - (0 if vouched else OVERLAP))
        if self._transform is None:
            return start
        boundary = self._transform.boundary
        return start - start % boundary if boundary else 0

    def accept(self, answer: Answer, asked: int) -> None:
        """Get ready for the body that ``answer`` announces; ``asked`` is the offset that was asked for.

        :raises ChangedError: it does not continue what is here.
        """
        if answer.start and (
            answer.start != asked or (self.total is not None and answer.total != self.total)
        ):
            raise ChangedError
        if answer.start == 0:
            self.restart()
        if self._received is None:
            self._tail = memoryview(self._read(answer.start))
            if self._transform is not None:
                self._transform.start(answer.start)
        self._note(answer)
        self._fresh, self._received = True, None

    def pause(self, received: int) -> None:
        """Note that a response came to its proper end, so that the next one goes on at ``received``."""
        self._received = received

    def restart(self) -> None:
        """Forget all bytes."""
        self._file.seek(0)
        self._file.truncate()
        self.length, self.total, self.validator, self._fresh, self._received = 0, None, "", True, None
        self._tail = memoryview(b"")
        self._hash = hashlib.new(self._algorithm, usedforsecurity=False) if self._algorithm else None

    def write(self, data: Bytes) -> None:
        """Take the next bytes of the body.

        :raises ChangedError: they are not those that came here earlier.
        """
        self._append(data if self._transform is None else self._transform.feed(data))

    def finish(self) -> Path:
        """Close the body, check the digest and give the file its name.

        :raises CorruptDownload: the digest is another one; nothing is kept.
        """
        if self._transform is not None:
            self._append(self._transform.finish())
        got = self._hash.hexdigest() if self._hash else self._expected
        if got != self._expected:
            self.restart()
            raise CorruptDownload(f"{self._algorithm} is {got}, promised was {self._expected}")
        self.path.replace(self._target)
        self._sidecar.unlink(missing_ok=True)
        return self._target

    def _append(self, data: Bytes) -> None:
        view = memoryview(data)
        if self._tail:
            known = min(len(self._tail), len(view))
            if self._tail[:known] != view[:known]:
                raise ChangedError
            self._tail, view = self._tail[known:], view[known:]
        if self._hash:
            self._hash.update(view)
        self.length += len(view)
        write_all(self._file, view)

    def _read(self, start: int) -> bytes:
        self._file.seek(start)
        return self._file.read()

    def _note(self, answer: Answer) -> None:
        if (self.validator, self.total) == (answer.validator, answer.total) and self._sidecar.exists():
            return
        self.validator, self.total = answer.validator, answer.total
        note = {"key": self._key, "validator": self.validator, "total": self.total}
        if answer.encoded or answer.total is None:
            self._sidecar.unlink(missing_ok=True)
        else:
            write_note(self._sidecar, note)

    def _hash_file(self) -> hashlib._Hash:
        self._file.seek(0)
        hasher = hashlib.new(self._algorithm, usedforsecurity=False)
        while data := self._file.read(1 << 20):
            hasher.update(data)
        return hasher


def part_paths(path: Path) -> tuple[Path, Path]:
    """Return where ``path`` grows, and its sidecar; hashes, because a longer name might not fit."""
    name = hashlib.sha256(path.name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return path.with_name(f"{name}.part"), path.with_name(f"{name}.part.json")


def write_all(file: BinaryIO, data: Bytes) -> None:
    """Write to an unbuffered file, which may take less than it is given."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def write_note(path: Path, note: dict[str, Any]) -> None:
    """Replace a sidecar as a whole, so that a kill never leaves half of one."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(note), encoding="utf-8")
    fresh.replace(path)


def read_note(path: Path) -> dict[str, Any]:
    """Return what a sidecar says, nothing where it is missing or unreadable."""
    with contextlib.suppress(OSError, ValueError):
        note = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(note, dict):
            return note
    return {}


def _parse_digest(digest: str | None) -> tuple[str, str]:
    algorithm, _, expected = (digest or "").lower().partition(":")
    if digest and (algorithm not in _DIGESTS or not expected):
        raise ValueError(
            f"digest: expected md5:, sha1:, sha256: or sha512: and hex digits, got {algorithm[:20]!r}"
        )
    return algorithm, expected.strip()
