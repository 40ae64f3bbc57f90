"""attrs validators that name the field, the value's type and what was expected."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from attrs import Attribute

MAX_TEXT = 4096
"""Characters in one text field. No title of a real release comes near; a hostile answer does."""

Validator = Callable[[Any, "Attribute[Any]", Any], None]


def text(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """A string of at most :data:`MAX_TEXT` characters."""
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name}: expected text, got {type(value).__name__}")
    if len(value) > MAX_TEXT:
        raise ValueError(f"{attribute.name}: {len(value)} characters, at most {MAX_TEXT}")


def filled_text(instance: object, attribute: Attribute[Any], value: object) -> None:
    """A string that is not blank."""
    text(instance, attribute, value)
    if not str(value).strip():
        raise ValueError(f"{attribute.name}: must not be empty")


def number(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """A finite number of zero or more."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{attribute.name}: expected a number, got {type(value).__name__}")
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{attribute.name}: expected zero or more, got {value}")


def whole(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """A whole number of zero or more."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{attribute.name}: expected a whole number, got {type(value).__name__}")
    if value < 0:
        raise ValueError(f"{attribute.name}: expected zero or more, got {value}")


def mapping(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """A mapping."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{attribute.name}: expected a mapping, got {type(value).__name__}")


def maybe(check: Validator) -> Validator:
    """``None``, or what ``check`` accepts."""

    def checked(instance: object, attribute: Attribute[Any], value: object) -> None:
        if value is not None:
            check(instance, attribute, value)

    return checked
