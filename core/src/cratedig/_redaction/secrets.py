"""Find the secrets that a settings object, a token store or any JSON-like value holds."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from cratedig._redaction.patterns import is_secret_name

_PASSWORD = re.compile(r"://(?P<user>[^/\s?#@:]{0,1024})(?::(?P<password>[^/\s?#@]{0,1024}))?@")
_LIKELY = 8
"""Shorter texts under a secret-sounding name are more often words ("Bearer", "C major") than secrets."""


def secrets_in(value: object) -> Iterator[str]:
    """Every text that must not be shown: of a secret type, under a secret-sounding key, or in an address."""
    kind: Any = type(value)
    if isinstance(value, str):
        yield from [str.__str__(value)] if _is_secret(value) else _passwords(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _likely(item) if is_secret_name(str(key)) else secrets_in(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from secrets_in(item)
    elif attrs.has(kind):
        for attribute in attrs.fields(kind):
            yield from secrets_in(getattr(value, attribute.name, None))
    elif _is_secret(value):
        yield from _texts(value.get_secret_value())  # type: ignore[attr-defined]


def _is_secret(value: object) -> bool:
    # Whoever has a secret has imported the library; nobody else should wait for it.
    types = sys.modules.get("typed_settings.types")
    return types is not None and isinstance(value, types.SECRETS_TYPES)


def _passwords(text: str) -> Iterator[str]:
    for found in _PASSWORD.finditer(text) if "@" in text else ():
        yield found["password"] or found["user"]


def _likely(value: object) -> Iterator[str]:
    return (text for text in _texts(value) if len(text) >= _LIKELY or _is_secret(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str.__str__(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _texts(item)
    elif _is_secret(value):
        yield from _texts(value.get_secret_value())
