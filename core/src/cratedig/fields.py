"""Fields that the settings of many sources have, to be used in place of ``attrs.field``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from attrs import field
from attrs.validators import in_, matches_re

__all__ = ["address", "choice"]


def address(default: str = "") -> Any:
    """The address of a service; without a slash at its end, and nothing may follow its path."""
    empty = "" if default else "|"
    return field(
        default=default,
        converter=_without_slash,
        validator=matches_re(rf"https?://[^\s/?#]+(/[^\s?#]*)?{empty}"),
    )


def choice(names: Collection[str], default: str) -> Any:
    """One of ``names``, which are in capitals; people may write it in small letters."""
    return field(default=default, converter=_upper, validator=in_(names))


def _without_slash(value: Any) -> Any:
    return value.rstrip("/") if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value
