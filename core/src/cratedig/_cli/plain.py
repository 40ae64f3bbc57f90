"""Anything that the engine answers, as JSON has it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

import attrs

from cratedig._journal.codec import plain


def as_plain(value: Any) -> Any:
    """Attrs objects as objects of their fields, enumerations as their values, paths as text."""
    if attrs.has(type(value)):
        return {
            field.name: as_plain(getattr(value, field.name))
            for field in attrs.fields(type(value))
            if not field.name.startswith("_")
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(item) for item in value]
    return sorted(map(as_plain, value)) if isinstance(value, AbstractSet) else plain(value)
