"""How much of a manifest is taken in, and which addresses."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from cratedig._errors import UnexpectedResponse

MAX_CHARACTERS = 4 * 1024 * 1024
"""Characters of one manifest."""

MAX_SEGMENTS = 10_000
"""Segments of one recording; at four seconds each, they last for eleven hours."""

MAX_ADDRESS = 8192
"""Characters of one address; signatures make them long."""


def address_of(value: Any, base: str = "") -> str:
    """The whole address, of the web and no other, that ``value`` is when it stands in a document at ``base``.

    :raises UnexpectedResponse: it is none, or too long.
    """
    try:
        address = urljoin(base, value.strip()) if isinstance(value, str) and value.strip() else ""
        parts = urlsplit(address)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        sound = False
    if not (sound and address.isprintable() and len(address) <= MAX_ADDRESS):
        raise UnexpectedResponse("the manifest holds an address that is none")
    return address


def addresses_of(values: Iterable[Any], base: str = "") -> tuple[str, ...]:
    """The addresses of a recording's segments, at least one.

    :raises UnexpectedResponse: one is none, or there are none or too many.
    """
    found = tuple(address_of(value, base) for value in islice(values, MAX_SEGMENTS + 1))
    if not 0 < len(found) <= MAX_SEGMENTS:
        raise UnexpectedResponse("the manifest has no segments, or too many")
    return found
