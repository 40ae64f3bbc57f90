"""Load one settings class from the layers, and remember where each value came from.

typed-settings reads the class (its options, nested ones too), merges the layers and keeps their meta data.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import define, field, fields, frozen, has
from typed_settings.cls_utils import deep_options
from typed_settings.dict_utils import merge_settings, set_path
from typed_settings.types import LoadedSettings, LoaderMeta, MergedSettings, OptionInfo, SettingsDict

from cratedig._errors import SettingsError
from cratedig._settings.convert import converter
from cratedig._settings.engine import EngineSettings
from cratedig._settings.layers import ARGUMENT, Given, Layer, default_layer, variable, variables_of
from cratedig._settings.misfit import Misfit, build, unknown
from cratedig._settings.source import SourceSettings

T = TypeVar("T")

# typed-settings parses the class's source code, and up to Python 3.11 two threads that parse at once may
# fail with "AST constructor recursion depth mismatch" (python/cpython#106905).
_READING = threading.Lock()


class Origin(LoaderMeta):
    """Where a value stands: ``name`` is a file, a variable or ``argument``."""

    def __init__(self, name: str, section: str, base_dir: Path, *, is_variable: bool = False) -> None:
        super().__init__(name, base_dir)
        self._section = section
        self._is_variable = is_variable

    def place(self, key: str = "") -> str:
        """How a message begins that is about this key."""
        if self._is_variable:
            return self.name
        if self.name == ARGUMENT:
            return f"{self.name} {self._section}{'.' if key else ''}{key}"
        return f"{self.name}: [{self._section}] {key}".rstrip()


@frozen
class Section:
    """The names of one section, oldest alias first, the present name last; each layer may use any."""

    names: tuple[str, ...]
    group: str = ""
    """``sources`` for a source's section, empty for the engine's."""

    def title(self, name: str) -> str:
        """``sources.qobuz``, ``engine``."""
        return f"{self.group}.{name}" if self.group else name

    def path(self, name: str) -> tuple[str, ...]:
        """Where it is in a layer's tree."""
        return (self.group, name) if self.group else (name,)


@frozen
class Loaded(Generic[T]):
    """An instance, and for each key that was set where that was done."""

    instance: T
    origins: Mapping[str, str]


@define
class _Loader:
    """Collects what the layers say, and everything that is wrong with it."""

    section: Section
    options: dict[str, OptionInfo]
    also: frozenset[str]
    """Keys that are right here, but another class's."""
    parts: list[LoadedSettings] = field(factory=list)
    problems: list[str] = field(factory=list)

    def add_layer(self, layer: Layer) -> None:
        for name in self.section.names:
            origin = Origin(layer.origin, self.section.title(name), layer.base_dir)
            tree = layer.section(*self.section.path(name))
            if isinstance(tree, Mapping):
                self.parts.append(LoadedSettings(self._checked(tree, origin), origin))
            else:
                self.problems.append(f"{origin.place()}: expected a table")

    def add_variables(self, variables: Mapping[str, str]) -> None:
        for name in self.section.names:
            for set_as, key, value in variables_of(name, variables):
                origin = Origin(set_as, name, Path.cwd(), is_variable=True)
                if key in self.options:
                    tree: SettingsDict = {}
                    set_path(tree, key, value)
                    self.parts.append(LoadedSettings(tree, origin))
                elif key not in self.also:
                    self.problems.append(f"{set_as}: {self._unknown(key)}")

    def _checked(self, tree: Mapping[Any, Any], origin: Origin, head: str = "") -> SettingsDict:
        """The part of the tree that the class knows; the rest goes to the problems."""
        known: SettingsDict = {}
        for key, value in tree.items():
            name = str(key).replace("-", "_")
            path = f"{head}{name}"
            if path in self.options:
                known[name] = value
            elif any(option.startswith(f"{path}.") for option in self.options):
                if isinstance(value, Mapping):
                    known[name] = self._checked(value, origin, f"{path}.")
                else:
                    self.problems.append(f"{origin.place(path)}: expected a table")
            elif path not in self.also:
                self.problems.append(f"{origin.place(path)}: {self._unknown(path)}")
        return known

    def _unknown(self, path: str) -> str:
        return unknown(path, {*self.options, *self.also})

    def values(self, merged: MergedSettings) -> SettingsDict:
        """Every value that was set, in its declared type, nested as the class is."""
        values: SettingsDict = {}
        for path, (value, meta) in merged.items():
            try:
                converted = _converted(self.options[path], value, meta.base_dir)
            except Misfit as misfit:
                self._note(misfit, meta, path)
            else:
                set_path(values, path, converted)
        return values

    def instance(self, cls: type[T], values: SettingsDict, merged: MergedSettings) -> T | None:
        try:
            return _built(cls, values)
        except Misfit as misfit:
            self._note(misfit, *self._culprit(misfit.key, merged))
            return None

    def _culprit(self, key: str, merged: MergedSettings) -> tuple[LoaderMeta, str]:
        """Where the refused value stands; for one that is missing, where it may be put."""
        if key in merged:
            return merged[key].loader_meta, key
        name = self.section.names[-1]
        if key not in self.options:
            return Origin("settings", self.section.title(name), Path.cwd()), key
        # A table is written in the file; whoever has no file sets the variable.
        place = f"[{self.section.title(name)}] {key} or {variable(name, key)}"
        return Origin(place, name, Path.cwd(), is_variable=True), key

    def _note(self, misfit: Misfit, meta: LoaderMeta, path: str) -> None:
        inner = misfit.key if misfit.key != path else ""
        place = meta.place(path) if isinstance(meta, Origin) else path
        self.problems.append(f"{place}: {inner}{': ' if inner else ''}{misfit.text}")


def load_section(
    cls: type[T],
    section: Section,
    layers: Iterable[Layer],
    variables: Mapping[str, str],
    *,
    also: Iterable[str] = (),
) -> Loaded[T]:
    """An instance of ``cls`` from files, then the environment, then arguments, the last word counting.

    :raises SettingsError: something is wrong; every problem is in the message, one a line.
    """
    loader = _Loader(section, options_of(cls), frozenset(also))
    layers = list(layers)
    for layer in (layer for layer in layers if layer.origin != ARGUMENT):
        loader.add_layer(layer)
    loader.add_variables(variables)
    for layer in (layer for layer in layers if layer.origin == ARGUMENT):
        loader.add_layer(layer)
    merged = merge_settings(tuple(loader.options.values()), loader.parts)
    values = loader.values(merged)
    instance = None if loader.problems else loader.instance(cls, values, merged)
    if instance is None:
        raise SettingsError("\n".join(loader.problems))
    return Loaded(instance, {path: value.loader_meta.name for path, value in merged.items()})


def options_of(cls: type) -> dict[str, OptionInfo]:
    """The options of a settings class, nested ones under dotted keys.

    :raises SettingsError: it is no attrs class, or its annotations cannot be resolved.
    """
    try:
        with _READING:
            return dict(_options_of(cls))
    except Exception as error:
        raise SettingsError(f"the settings class {cls!r} cannot be read: {error}") from error


@lru_cache(maxsize=64)
def _options_of(cls: type) -> dict[str, OptionInfo]:
    return {option.path: option for option in deep_options(cls)}


def _converted(option: OptionInfo, value: Any, base_dir: Path) -> Any:
    kind: Any = option.cls  # None where a field has no annotation
    try:
        return value if kind is None else converter(base_dir).structure(value, kind)
    except Misfit:
        if option.converter is None or isinstance(option.converter, type):
            raise
        return value  # the class's own converter knows what to make of it


def _built(cls: type[T], values: SettingsDict) -> T:
    """Innermost tables first."""
    ready = dict(values)
    for attribute in fields(cls):  # type: ignore[arg-type]
        value = ready.get(attribute.alias)
        if isinstance(value, dict) and isinstance(attribute.type, type) and has(attribute.type):
            try:
                ready[attribute.alias] = _built(attribute.type, value)
            except Misfit as misfit:
                raise misfit.below(attribute.alias) from None
    return build(cls, ready)


def load_engine(given: Given, environ: Mapping[str, str] | None) -> Loaded[EngineSettings]:
    """The engine's section; the default folders depend on ``environ``."""
    layers = (default_layer(environ), *given.layers)
    return load_section(EngineSettings, Section(("engine",)), layers, given.variables)


def load_source(given: Given, name: str, cls: type[T] | None, aliases: tuple[str, ...]) -> Loaded[Any]:
    """A source's section, as its own class or as the one that all have."""
    if cls is None:
        return load_common(given, name, None, aliases)
    common = () if issubclass(cls, SourceSettings) else options_of(SourceSettings)
    return _load(given, name, cls, aliases, common)


def load_common(
    given: Given, name: str, cls: type | None, aliases: tuple[str, ...]
) -> Loaded[SourceSettings]:
    """The part of a source's section that all have."""
    if cls is not None and issubclass(cls, SourceSettings):
        return _load(given, name, cls, aliases)
    return _load(given, name, SourceSettings, aliases, options_of(cls) if cls else ())


def _load(
    given: Given, name: str, cls: type[T], aliases: tuple[str, ...], also: Iterable[str] = ()
) -> Loaded[T]:
    section = Section((*reversed(aliases), name), "sources")
    return load_section(cls, section, given.layers, given.variables, also=also)
