"""Everything that is set, for the engine and for each source."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, overload

from attrs import evolve, field, frozen

from cratedig._settings.engine import EngineSettings
from cratedig._settings.layers import ARGUMENT, Given, Layer, cratedig_variables, read_file, unknown_sources
from cratedig._settings.places import CONFIG_VARIABLE, config_path
from cratedig._settings.source import SourceSettings

T = TypeVar("T")


@frozen(kw_only=True)
class Settings:
    """What a file, the environment and arguments say, in rising order; made by :func:`load`.

    Sources' sections are read when they are asked for, so that a mistake in one stops only that source.
    """

    engine: EngineSettings
    path: Path | None = None
    """The file that was read; ``None`` when there is none."""
    layers: tuple[Layer, ...] = field(default=(), repr=False)
    variables: Mapping[str, str] = field(factory=dict, repr=False)
    source: Path | Mapping[str, Any] | None = field(default=None, repr=False)
    environ: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def given(self) -> Given:
        """What the sections are read from."""
        return Given(self.layers, self.variables)

    @overload
    def for_source(self, name: str, cls: type[T], aliases: Iterable[str] = ()) -> T: ...
    @overload
    def for_source(self, name: str, cls: None = None, aliases: Iterable[str] = ()) -> None: ...
    def for_source(self, name: str, cls: type[T] | None = None, aliases: Iterable[str] = ()) -> T | None:
        """An instance of a source's settings class; ``None`` where it has none, its section being checked.

        What is written under an alias counts for the source; what is written under its name counts more.

        :raises SettingsError: names file or variable, key and what was expected, never the value of a text.
        """
        from cratedig._settings.section import load_source  # noqa: PLC0415 - typed-settings takes 70 ms

        loaded = load_source(self.given, name, cls, tuple(aliases))
        return loaded.instance if cls is not None else None

    def common(self, name: str, cls: type | None = None, aliases: Iterable[str] = ()) -> SourceSettings:
        """What every source has (``enabled``, ``proxy``, limits…), whatever its own class declares.

        :raises SettingsError: as :meth:`for_source`.
        """
        from cratedig._settings.section import load_common  # noqa: PLC0415 - the same

        return load_common(self.given, name, cls, tuple(aliases)).instance

    def unknown_sources(self, known: Iterable[str]) -> tuple[str, ...]:
        """One sentence for each section that belongs to none of these names and aliases."""
        return tuple(unknown_sources(self.given, tuple(known)))

    def reload(self) -> Settings:
        """The same files, variables and arguments, read again.

        :raises SettingsError: something is wrong with them now; the present settings stay usable.
        """
        given = [Layer(ARGUMENT, layer.tree) for layer in self.layers if layer.origin == ARGUMENT]
        return _assembled(self.source, self.environ, given)

    def with_arguments(self, arguments: Mapping[str, Any]) -> Settings:
        """The same with more arguments over it."""
        return _settled(evolve(self, layers=(*self.layers, Layer(ARGUMENT, arguments))))


def load(
    source: Path | str | Mapping[str, Any] | Settings | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings.

    ``source`` is a TOML file, which must exist; or a mapping of the same shape, which then stands for the
    file and for the arguments: it is over the environment, and no file is read. ``None`` reads the file
    at :func:`config_path`, if there is one. ``arguments`` is a mapping over everything else. ``environ``
    is the process's environment unless given; an empty variable counts as not set.

    :raises SettingsError: a file cannot be read, or something in ``[engine]`` is wrong.
    """
    if isinstance(source, Settings):
        return source.with_arguments(arguments) if arguments else source
    source = Path(source).expanduser() if isinstance(source, str | Path) else source
    trees = [tree for tree in (source, arguments) if isinstance(tree, Mapping)]
    return _assembled(source, environ, [Layer(ARGUMENT, tree) for tree in trees])


def _assembled(
    source: Path | Mapping[str, Any] | None, environ: Mapping[str, str] | None, given: list[Layer]
) -> Settings:
    file = None if isinstance(source, Mapping) else _file(source, environ)
    return _settled(
        Settings(
            engine=EngineSettings(),
            path=Path(file.origin) if file else None,
            layers=(*([file] if file else []), *given),
            variables=cratedig_variables(environ),
            source=source,
            environ=environ,
        )
    )


def _file(given: Path | None, environ: Mapping[str, str] | None) -> Layer | None:
    if given is not None:
        return read_file(given, required=True)
    named = (os.environ if environ is None else environ).get(CONFIG_VARIABLE)
    return read_file(config_path(environ), required=bool(named))


def _settled(settings: Settings) -> Settings:
    """With the engine's section read."""
    from cratedig._settings.section import load_engine  # noqa: PLC0415 - typed-settings takes 70 ms

    loaded = load_engine(settings.given, settings.environ)
    return evolve(settings, engine=loaded.instance)
