"""The index of a collection: what lies under the paths, read once and again only where it has changed."""

from __future__ import annotations

import logging
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attrs import frozen

from cratedig import NotConfigured, Unavailable
from cratedig_folder.tags import Tags, read_tags

EXTENSIONS = frozenset(
    {".aif", ".aiff", ".ape", ".flac", ".m4a", ".mp3", ".oga", ".ogg", ".opus", ".wav", ".webm", ".wv"}
)
_MOST = 50
_ALIKE = 75
"""Of 100; below that a file has too few of the words that are looked for."""


@frozen(kw_only=True)
class Entry:
    """One file. ``stamp`` is what tells that it has changed: modification time and size.

    ``name`` and ``words`` are what it is found by: artist and title, and these with the album.
    """

    path: Path
    stamp: tuple[int, int]
    tags: Tags
    name: str
    words: str

    @property
    def size(self) -> int:
        """Bytes."""
        return self.stamp[1]


class Index:
    """Blocking; every method is for a thread."""

    def __init__(self, paths: Iterable[Path], log: logging.Logger) -> None:
        self._asked = [Path(path).expanduser().absolute() for path in paths]
        self._log = log
        self._known: dict[Path, Entry] = {}

    def roots(self) -> list[Path]:
        """Return the folders that are there, without links.

        :raises NotConfigured: no path is set, or one is a file.
        :raises Unavailable: none of the folders is there.
        """
        if not self._asked:
            raise NotConfigured("paths is empty", hint="name the folders with your music in paths")
        for path in self._asked:
            if path.exists() and not path.is_dir():
                raise NotConfigured(f"paths names {path}, which is no folder")
        there = [path.resolve() for path in self._asked if path.is_dir()]
        if not there:
            missing = ", ".join(map(str, self._asked))
            raise Unavailable(f"no such folder: {missing}", hint="is the disk mounted, and paths right?")
        return list(dict.fromkeys(there))

    def search(self, query: str, isrc: str | None = None) -> list[Entry]:
        """Return the files that have the words of ``query``, misspelt ones too, the likeliest first."""
        entries = self.refresh()
        exact = [entry for entry in entries if isrc and entry.tags.isrc == isrc.replace("-", "").upper()]
        found = {entry.path: entry for entry in (*exact, *_alike(plain(query), entries))}
        return list(found.values())[:_MOST]

    def refresh(self) -> list[Entry]:
        """Look at every file, read those that are new or changed, forget those that are gone."""
        # A search that was given up goes on in its thread: each entry is kept as soon as it is read.
        roots = self.roots()
        paths = (path for path in _files(roots) if not path.is_symlink() or _is_inside(path, roots))
        entries = {path: entry for path in paths if (entry := self._entry(path))}
        self._known = entries
        return list(entries.values())

    def entry(self, path: Path) -> Entry | None:
        """Return what is known of one file; ``None`` when it is not, or no longer, in the collection."""
        known = path.suffix.lower() in EXTENSIONS and _is_inside(path, self.roots())
        return self._entry(path) if known else None

    def _entry(self, path: Path) -> Entry | None:
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                return None
            stamp = (status.st_mtime_ns, status.st_size)
            known = self._known.get(path)
            if known is None or known.stamp != stamp:
                tags = read_tags(path)
                known = self._known[path] = Entry(
                    path=path,
                    stamp=stamp,
                    tags=tags,
                    name=plain(f"{tags.artist} {tags.title}"),
                    words=plain(f"{tags.artist} {tags.title} {tags.album}"),
                )
        except OSError as error:
            self._log.debug("left out: %s: %s", path, error.strerror)
            return None
        return known


def plain(text: str) -> str:
    """Reduce to words in lower case, without accents and punctuation."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in apart if not unicodedata.combining(c)).split())


def _alike(wanted: str, entries: list[Entry]) -> list[Entry]:
    """Those that have all the words, or whose names are spelt much like them; the likeliest first."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 -- only a search needs it

    if not wanted:
        return []
    words, names = [entry.words for entry in entries], [entry.name for entry in entries]
    having = process.extract(wanted, words, scorer=fuzz.token_set_ratio, score_cutoff=_ALIKE, limit=_MOST)
    spelt = process.extract(wanted, names, scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE, limit=_MOST)
    return [entries[place] for _, _, place in sorted([*having, *spelt], key=lambda hit: -hit[1])]


def _files(roots: Sequence[Path]) -> Iterator[Path]:
    """Music files in the order of their names; hidden ones are other programs' and our own staging."""
    for root in roots:
        for folder, folders, names in os.walk(root, followlinks=False):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith(".") and os.path.splitext(name)[1].lower() in EXTENSIONS:  # noqa: PTH122
                    yield Path(folder, name)


def _is_inside(path: Path, roots: Sequence[Path]) -> bool:
    """Whether the file itself, not only a link to it, lies under one of the roots."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # links in a circle
        return False
    return any(real.is_relative_to(root) for root in roots)
