"""What is wrong with a setting, in words that never quote a text that might be a secret."""

from __future__ import annotations

import collections.abc
import difflib
import types
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs

from cratedig._redaction import MASK, secrets_in

T = TypeVar("T")

_NAMES: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    type(None): "nothing",
    Path: "a path",
    dict: "a table",
    Mapping: "a table",
    collections.abc.Mapping: "a table",
}
_LISTS = (list, tuple, set, frozenset, collections.abc.Sequence)


class Misfit(Exception):
    """``text`` says what was expected; ``key`` is where, inside a value that has parts."""

    def __init__(self, text: str, key: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.key = key

    def below(self, name: str) -> Misfit:
        """The same, seen from the table that holds it."""
        return Misfit(self.text, f"{name}.{self.key}" if self.key else name)


def described(kind: Any) -> str:
    """A type as a person would name it."""
    outer, args = get_origin(kind) or kind, get_args(kind)
    if outer in (Union, types.UnionType):
        return " or ".join(described(arg) for arg in args if arg is not type(None))
    if outer is Literal:
        return f"one of {', '.join(map(str, args))}"
    if outer in _LISTS:
        return f"a list of {described(args[0])}" if args and args[0] is not Any else "a list"
    if attrs.has(kind):
        return f"a table with {', '.join(field.alias for field in attrs.fields(kind))}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(str(member.value) for member in kind)}"
    return _plainly(outer)


def _plainly(kind: Any) -> str:
    if kind in _NAMES:
        return _NAMES[kind]
    near = (name for base, name in _NAMES.items() if isinstance(kind, type) and issubclass(kind, base))
    return next(near, getattr(kind, "__name__", "another value"))


def got(value: object) -> str:
    """The type of a value; numbers and truth values themselves."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return (
            f"{value:g}"
            if isinstance(value, float)
            else f"{value:.40g}"
            if abs(value) > 10**40
            else str(value)
        )
    if isinstance(value, str):
        return "text" if value.strip() else "empty text"
    if isinstance(value, Mapping):
        return "a table"
    return "a list" if isinstance(value, list | tuple) else "nothing" if value is None else "another type"


def unknown(name: str, known: Iterable[str]) -> str:
    """That there is no such key, and which one may have been meant."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"no such setting; did you mean {near[0]}?"
    return f"no such setting; there are {', '.join(known)}" if known else "no such setting"


def build(cls: type[T], values: Mapping[str, Any]) -> T:
    """An instance of an attrs class.

    :raises Misfit: a value is missing, or a validator of the class refuses one.
    """
    for field in attrs.fields(cls):  # type: ignore[arg-type]
        if field.init and field.default is attrs.NOTHING and field.alias not in values:
            raise Misfit("missing, and there is no default", key=field.alias)
    try:
        return cls(**values)
    except Exception as error:  # noqa: BLE001  # validators may raise anything
        key = _culprit(cls, values)
        raise Misfit(_reason(error, values, key), key=key) from None


def _culprit(cls: type, values: Mapping[str, Any]) -> str:
    """The key without which the class accepts the rest; "" when there is not exactly one."""
    cures = []
    for name in values:
        try:
            cls(**{key: value for key, value in values.items() if key != name})
        except Exception:  # noqa: BLE001, S112  # only whether it raises counts
            continue
        cures.append(name)
    return cures[0] if len(cures) == 1 else ""


def _reason(error: Exception, values: Mapping[str, Any], key: str) -> str:
    if key and next(secrets_in({"value": values[key]}), None):
        return "this value is not accepted; it is secret and not shown"
    text = (str(error.args[0]) if error.args else type(error).__name__).partition("\n")[0][:300]
    for secret in sorted(secrets_in(values), key=len, reverse=True):
        text = text.replace(secret, MASK).replace(repr(secret)[1:-1], MASK)
    for head in (f"{key}: ", f"'{key}' "):
        text = text.removeprefix(head)
    return text
