"""Looks for secrets in all that people and other programs can read.

A test plants made-up values, lets a source do everything that it can, collects what that left behind (texts,
log lines, files), and asks :func:`leaks` where one of the values can be read::

    with everything_logged() as logged:
        record = bench.download("Copper Rain")
    assert leaks(secrets, {"log": logged, "record": record, **written(tmp_path)}) == []
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

PRIVATE = "sources"
"""The folder of the state folder in which sources keep their tokens, readable by their owner only."""


def leaks(secrets: Iterable[str], told: Mapping[str, object]) -> list[str]:
    """Where a secret can be read, as names in ``told`` with some words around it, the secret left out.

    What is told are texts, bytes, lists, or any object: then its ``repr`` and its ``str`` are looked at. A
    secret is known in each of the ways in which addresses, JSON and headers write it.
    """
    spellings = {spelling: None for secret in secrets if secret for spelling in spelled(secret)}
    texts = {where: _text(one) for where, one in told.items()}
    return [
        f"{where}: {_around(text, spelling)}"
        for where, text in texts.items()
        for spelling in spellings
        if spelling in text
    ]


def spelled(secret: str) -> set[str]:
    """The ways in which a secret is written; of base64 the part that does not depend on its neighbours."""
    data = secret.encode("utf-8", "surrogatepass")
    shifted = (base64.b64encode(b"x" * shift + data).decode() for shift in range(3))
    inside = {text[4:-4] for text in shifted if len(data) > _SHORT}
    plain = {secret, data.decode("latin-1"), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return {*plain, quote(data, safe=""), quote(data), quote_plus(data), *inside}


def written(folder: Path, *, private: str = PRIVATE) -> dict[str, bytes]:
    """Every file below ``folder`` by its path, with its path and its bytes; the private stores left out."""
    files = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.as_posix(): bytes(path) + b"\n" + (folder / path).read_bytes()
        for path in files
        if private not in path.parts[:-1]
    }


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """Every line that is logged anywhere, down to DEBUG, with traceback and arguments."""
    lines: list[str] = []
    handler = logging.Handler()
    formatter = logging.Formatter("%(name)s %(message)s")
    handler.emit = lambda record: lines.append(  # type: ignore[method-assign]
        f"{formatter.format(record)} {record.args!r}"
    )
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


_SHORT = 8
_CONTEXT = 60


def _text(one: object) -> str:
    if isinstance(one, bytes):
        return one.decode("latin-1")
    if isinstance(one, str):
        return one
    if isinstance(one, list | tuple | set | frozenset):
        return "\n".join(map(_text, one))
    return f"{one!r}\n{one!s}"


def _around(text: str, spelling: str) -> str:
    at = text.index(spelling)
    shown = text[max(0, at - _CONTEXT) : at + len(spelling) + _CONTEXT].replace(spelling, "<secret>")
    return " ".join(shown.split())
