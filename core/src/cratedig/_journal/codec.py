"""The model's attrs classes as JSON text and back, driven by their type annotations.

A field that holds nothing and has nothing as its default is left out. Reading ignores keys that this
version does not know and gives missing ones their default, so that versions may share a store.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cache
from pathlib import Path, PurePath
from typing import Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import attrs

T = TypeVar("T")
Convert = Callable[[Any], Any]

_EMPTY: tuple[Any, ...] = (None, "", (), {}, [])
_NEVER = object()
_COLLECTIONS: Mapping[Any, Convert] = {tuple: tuple, frozenset: frozenset, list: list}


class _Field(NamedTuple):
    name: str
    encode: Convert
    decode: Convert
    left_out: Any


def dumps(value: object) -> str:
    """An attrs object as one line of ASCII JSON.

    :raises TypeError, ValueError, RecursionError: it holds what JSON cannot.
    """
    return json.dumps(_encode(value), separators=(",", ":"))


def loads(cls: type[T], text: str) -> T:
    """The object that :func:`dumps` made ``text`` of.

    :raises TypeError, ValueError: the text is no such object.
    """
    return cast("T", _decode(cls, json.loads(text)))


def plain(value: Any) -> Any:
    """``value`` with everything in it that JSON does not have turned into what is nearest."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | AbstractSet):
        return [plain(item) for item in value]
    return _text(value)


def _encode(value: Any) -> Any:
    cls: Any = type(value)
    return _class_encoder(cls)(value)


def _decode(cls: Any, data: Any) -> Any:
    return _class_decoder(cls)(data)


def _text(value: object) -> str:
    # A text that hides itself from repr is a secret; json would write it out.
    text = str.__str__(value) if isinstance(value, str) else str(value)
    hidden = isinstance(value, str) and repr(text) not in repr(value)
    return repr(value) if hidden else text


def _str(value: Any) -> Any:
    return value if type(value) is str else plain(value)


def _as_is(value: Any) -> Any:
    return value


@cache
def _encoder(hint: Any) -> Convert:
    kind, inner = _shape(hint)
    if kind in _COLLECTIONS:
        item = _encoder(inner)
        return lambda value: [item(one) for one in value]
    if inner is not None:
        return _optional(_encoder(inner))
    if attrs.has(kind):
        return _class_encoder(kind)
    simple: dict[Any, Convert] = {str: _str, int: _as_is, float: _as_is, bool: _as_is, Path: str}
    return simple.get(kind, plain)


@cache
def _decoder(hint: Any) -> Convert:
    kind, inner = _shape(hint)
    if kind in _COLLECTIONS:
        collect, item = _COLLECTIONS[kind], _decoder(inner)
        return lambda value: collect(item(one) for one in value)
    if inner is not None:
        return _optional(_decoder(inner))
    if attrs.has(kind):
        return _class_decoder(kind)
    return kind if isinstance(kind, type) and issubclass(kind, Enum | PurePath) else _as_is


def _optional(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _shape(hint: Any) -> tuple[Any, Any]:
    """What the annotation is made of: a class alone, a collection and its item, or an optional."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in _COLLECTIONS:
        return origin, arguments[0]
    if origin in (Union, types.UnionType):
        kept = [argument for argument in arguments if argument is not types.NoneType]
        return None, kept[0] if len(kept) == 1 else Any
    return (hint if origin is None else origin), None


@cache
def _fields(cls: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(cls)
    return tuple(
        _Field(it.name, _encoder(hints[it.name]), _decoder(hints[it.name]), _left_out(it))
        for it in attrs.fields(cls)
    )


def _left_out(attribute: attrs.Attribute[Any]) -> Any:
    """The value that goes without saying: the default, if it holds nothing."""
    made: Any = attribute.default
    default = made.factory() if hasattr(made, "factory") else made
    return default if default in _EMPTY else _NEVER


@cache
def _class_encoder(cls: Any) -> Convert:
    def encode(value: Any) -> dict[str, Any]:
        found = {}
        for name, convert, _, left_out in _fields(cls):
            item = getattr(value, name)
            if item or item != left_out:
                found[name] = convert(item)
        return found

    return encode


@cache
def _class_decoder(cls: Any) -> Convert:
    def decode(data: Any) -> Any:
        if not isinstance(data, dict):
            raise TypeError(f"{cls.__name__}: expected an object, got {type(data).__name__}")
        known = {field.name: field.decode for field in _fields(cls)}
        return cls(**{name: known[name](item) for name, item in data.items() if name in known})

    return decode
