"""Files that take long to make, kept in a folder for every process that is told of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

VARIABLE = "CRATEDIG_EMULATORS_CACHE"


def kept(asked: str, make: Callable[[], bytes]) -> bytes:
    """Return what was made for the same ``asked`` before, by the same code; otherwise make and keep it.

    Where the variable names no folder, it is made.
    """
    folder = os.environ.get(VARIABLE)
    if not folder:
        return make()
    path = Path(folder) / sha256(f"{_code()} {asked}".encode()).hexdigest()
    try:
        return path.read_bytes()
    except FileNotFoundError:
        data = make()
    # Under its name at once and whole, for others may be making the same.
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)
    return data


@cache
def _code() -> str:
    """What the files depend on besides: the modules that make them, and the encoders."""
    here = Path(__file__).parent
    sources = [(here / name).read_bytes() for name in ("audio.py", "catalogue.py", "tagging.py", "tones.py")]
    return f"{sha256(b''.join(sources)).hexdigest()} {version('av')} {version('mutagen')}"
