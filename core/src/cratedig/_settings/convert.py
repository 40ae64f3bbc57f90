"""Turn what a file, a variable or a host gives into what a settings class declares.

typed-settings' converter does the work. Three things are different here. It is strict: a list is no text and
3.7 no whole number. Texts from the environment may be JSON where a list or a table is wanted. And its errors
quote the value, which may be a secret; a :class:`Misfit` tells the type only.
"""

from __future__ import annotations

import collections.abc
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

import attrs
from typed_settings.converters import PathConverter, TSConverter, UnionHookFactory, to_bool
from typed_settings.types import SECRETS_TYPES

from cratedig._settings.misfit import Misfit, build, described, got, unknown

T = TypeVar("T")
_LISTS = (list, tuple, set, frozenset)


@lru_cache(maxsize=8)
def converter(base_dir: Path) -> SettingConverter:
    """The converter for settings whose paths are relative to ``base_dir``.

    Made once: the library looks for optional packages each time that it makes one.
    """
    return SettingConverter(base_dir)


class SettingConverter(TSConverter):
    """Relative paths are taken from ``base_dir``."""

    def __init__(self, base_dir: Path) -> None:
        super().__init__(strlist_sep=_listed)
        self._base_dir = base_dir
        paths = _PathConverter(base_dir)
        scalars: dict[Any, Callable[[Any, Any], Any]] = {
            str: self._text,
            int: _whole,
            float: _number,
            bool: _flag,
            Path: paths,
        }
        self.scalar_converters.update(scalars)
        self.composite_hook_factories = [_TableHooks, _UnionHooks, *self.composite_hook_factories]

    def structure(self, obj: Any, cl: type[T]) -> T:
        """``obj`` as a ``cl``.

        :raises Misfit: it is none.
        """
        if cl is object:
            return obj  # type: ignore[no-any-return]
        try:
            return super().structure(_shaped(obj, cl), _concrete(cl))  # type: ignore[no-any-return]
        except Misfit:
            raise
        except Exception:  # noqa: BLE001  # whatever a type's own constructor raises; its text has the value
            raise Misfit(f"expected {described(cl)}, got {got(obj)}") from None

    def _text(self, value: Any, cls: type[str]) -> str:
        if issubclass(cls, SECRETS_TYPES) and isinstance(value, Mapping) and set(value) == {"file"}:
            value = self._read(value["file"])
        if not isinstance(value, str):
            raise Misfit(f"expected {described(cls)}, got {got(value)}")
        return cls(value)

    def _read(self, name: object) -> str:
        """The secret that a file holds, as containers are given theirs."""
        path = self._base_dir / Path(str(name)).expanduser()
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise Misfit(f"the file {path} cannot be read: {reason}") from None


class _PathConverter(PathConverter):
    """Absolute, with ``~`` resolved; symbolic links stay, so that a person recognises the path."""

    def __init__(self, base_dir: Path) -> None:
        super().__init__()
        self._base_dir = base_dir

    def __call__(self, value: Any, cls: type[Any]) -> Any:
        if not isinstance(value, str | Path) or not str(value):
            raise Misfit(f"expected a path, got {got(value)}")
        return cls(self._base_dir / Path(value).expanduser())


class _UnionHooks(UnionHookFactory):
    """The first type that fits; for a type or ``None`` the error is that of the type."""

    @staticmethod
    def get_structure_hook(
        converter: Any, cls: type, origin: Any | None, args: tuple[Any, ...]
    ) -> Callable[[Any, type[T]], T]:
        chosen = [arg for arg in args if arg is not type(None)]
        if len(chosen) > 1:
            return UnionHookFactory.get_structure_hook(converter, cls, origin, args)

        def convert(value: Any, _cls: type[T]) -> T:
            return None if value is None else converter.structure(value, chosen[0])  # type: ignore[return-value]

        return convert


class _TableHooks:
    """attrs classes out of tables, with the keys checked."""

    @staticmethod
    def match(kind: type, _origin: Any | None, _args: tuple[Any, ...]) -> bool:
        return attrs.has(kind)

    @staticmethod
    def get_structure_hook(
        converter: Any, cls: type, origin: Any | None, args: tuple[Any, ...]
    ) -> Callable[[Any, type[T]], T]:
        del cls, origin, args

        def convert(value: Any, cls: type[T]) -> T:
            return value if isinstance(value, cls) else _table(converter, value, cls)

        return convert


def _table(converter: SettingConverter, value: Any, cls: type[T]) -> T:
    kind: Any = attrs.resolve_types(cls)  # type: ignore[type-var]
    fields = {field.alias: field for field in attrs.fields(kind) if field.init}
    values = {}
    for key, item in value.items():
        name = str(key).replace("-", "_")
        if name not in fields:
            raise Misfit(unknown(name, fields), key=name)
        try:
            values[name] = converter.structure(item, fields[name].type)
        except Misfit as misfit:
            raise misfit.below(name) from None
    return build(cls, values)


def _concrete(cl: type) -> Any:
    if get_origin(cl) is collections.abc.Sequence:
        return tuple[get_args(cl)[0], ...]  # type: ignore[misc]
    return cl


def _shaped(obj: Any, cl: type) -> Any:
    """Refuse what would be iterated by mistake; read JSON where a table is wanted."""
    outer = get_origin(cl) or cl
    if outer in _LISTS and isinstance(obj, Mapping):
        raise Misfit(f"expected {described(cl)}, got {got(obj)}")
    is_table = outer in (dict, Mapping, collections.abc.Mapping) or attrs.has(cl)
    return _parsed(obj) if is_table and isinstance(obj, str) and outer is not Union else obj


def _listed(text: str) -> list[Any]:
    """A JSON list, or the text as the only item."""
    found = _parsed(text) if text.lstrip().startswith("[") else [text]
    if not isinstance(found, list):
        raise Misfit(f"expected a JSON list, got {got(found)}")
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Misfit("expected JSON, got other text") from None


def _whole(value: Any, cls: type[int]) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Misfit(f"expected a whole number, got {got(value)}")
    return cls(value)


def _number(value: Any, cls: type[float]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Misfit(f"expected a number, got {got(value)}")
    number = cls(value)
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124  # not a number is not itself
        raise Misfit("expected a finite number")
    return number


def _flag(value: Any, cls: type[bool]) -> bool:
    return to_bool(value, cls)
