"""The results of the last search, so that a person can name one by its number."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from cratedig._journal import codec
from cratedig._model import SearchResult

FILE = "last-search.json"


def keep(state_dir: Path, results: Iterable[SearchResult]) -> None:
    """Replace what the last search found. Readable by its owner only: it tells what a person looks for."""
    state_dir.mkdir(parents=True, exist_ok=True)
    text = "[" + ",\n".join(map(codec.dumps, results)) + "]"
    with tempfile.NamedTemporaryFile("w", dir=state_dir, suffix=".new", delete=False) as file:
        file.write(text)
    os.replace(file.name, state_dir / FILE)  # noqa: PTH105 - atomic, on every platform


def last(state_dir: Path) -> list[SearchResult]:
    """The results, best first; none when there was no search, or its file cannot be read."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        kept = json.loads((state_dir / FILE).read_text("utf-8"))
        return [codec.loads(SearchResult, json.dumps(one)) for one in kept]
    return []
