"""Read the sections, and tell where each value came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from attrs import fields, frozen, has

from cratedig._errors import SettingsError
from cratedig._redaction import MASK, hide_userinfo, is_secret_name, secrets_in
from cratedig._settings.engine import EngineSettings
from cratedig._settings.layers import PREFIX, variable
from cratedig._settings.misfit import unknown
from cratedig._settings.section import Loaded, Section, load_section, options_of
from cratedig._settings.settings import DEFAULT, Settings, default_layer
from cratedig._settings.source import SourceSettings

T = TypeVar("T")


@frozen(kw_only=True)
class SettingOrigin:
    """One line of ``cratedig config``.

    ``origin`` is ``default``, a file's path, a variable's name or ``argument``. ``problem`` is filled
    where a section cannot be read; ``key`` is then the section.
    """

    key: str
    shown_value: str = ""
    origin: str = DEFAULT
    problem: str = ""


def load_engine(settings: Settings) -> Loaded[EngineSettings]:
    """The engine's section."""
    layers = (default_layer(settings.environ), *settings.layers)
    return load_section(EngineSettings, Section(("engine",)), layers, settings.variables)


def load_source(settings: Settings, name: str, cls: type[T] | None, aliases: tuple[str, ...]) -> Loaded[Any]:
    """A source's section, as its own class or as the one that all have."""
    if cls is None:
        return load_common(settings, name, None, aliases)
    common = () if issubclass(cls, SourceSettings) else options_of(SourceSettings)
    return _load(settings, name, cls, aliases, common)


def load_common(
    settings: Settings, name: str, cls: type | None, aliases: tuple[str, ...]
) -> Loaded[SourceSettings]:
    """The part of a source's section that all have."""
    if cls is not None and issubclass(cls, SourceSettings):
        return _load(settings, name, cls, aliases)
    return _load(settings, name, SourceSettings, aliases, options_of(cls) if cls else ())


def _load(
    settings: Settings, name: str, cls: type[T], aliases: tuple[str, ...], also: Iterable[str] = ()
) -> Loaded[T]:
    section = Section((*reversed(aliases), name), "sources")
    return load_section(cls, section, settings.layers, settings.variables, also=also)


def explain(
    settings: Settings, sources: Iterable[tuple[str, type | None, Iterable[str]]] = ()
) -> list[SettingOrigin]:
    """Every setting of the engine and of the given sources (name, class, aliases); secrets are masked."""
    lines = list(_lines("engine", load_engine(settings)))
    for name, cls, aliases in sources:
        try:
            lines.extend(_source_lines(settings, name, cls, tuple(aliases)))
        except SettingsError as error:
            lines.append(SettingOrigin(key=f"sources.{name}", problem=str(error)))
    return lines


def _source_lines(
    settings: Settings, name: str, cls: type | None, aliases: tuple[str, ...]
) -> Iterator[SettingOrigin]:
    yield from _lines(f"sources.{name}", load_source(settings, name, cls, aliases))
    if cls is not None and not issubclass(cls, SourceSettings):
        own = options_of(cls)
        common = _lines(f"sources.{name}", load_common(settings, name, cls, aliases))
        yield from (line for line in common if line.key.removeprefix(f"sources.{name}.") not in own)


def _lines(title: str, loaded: Loaded[Any]) -> Iterator[SettingOrigin]:
    for path in options_of(type(loaded.instance)):
        value = _value(loaded.instance, path)
        origin = loaded.origins.get(path, DEFAULT)
        yield SettingOrigin(key=f"{title}.{path}", shown_value=shown(value, path), origin=origin)


def _value(instance: Any, path: str) -> Any:
    for alias in path.split("."):
        name = next(field.name for field in fields(type(instance)) if field.alias == alias)
        instance = getattr(instance, name)
    return instance


def shown(value: Any, name: str = "") -> str:
    """A value as a person reads it, without any secret that is in it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={shown(item, str(key))}" for key, item in value.items())
    if has(type(value)):
        return shown({field.name: getattr(value, field.name) for field in fields(type(value))})
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown(item, name) for item in value)
    return _shown_scalar(value, name)


def _shown_scalar(value: Any, name: str) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    is_secret = text in secrets_in(value) or (isinstance(value, str) and is_secret_name(name))
    return MASK if text and is_secret else hide_userinfo(text)


def unknown_sources(settings: Settings, known: tuple[str, ...]) -> tuple[str, ...]:
    """One sentence for each section that belongs to none of ``known``."""
    return (*_unknown_sections(settings, known), *_unknown_variables(settings, known))


def _unknown_sections(settings: Settings, known: tuple[str, ...]) -> Iterator[str]:
    for layer in settings.layers:
        for name in layer.section("sources"):
            if name not in known:
                yield f"{layer.origin}: [sources.{name}]: {_no_source(str(name), known)}"


def _unknown_variables(settings: Settings, known: tuple[str, ...]) -> Iterator[str]:
    heads = tuple(variable(name, "") for name in (*known, "engine"))
    for name in settings.variables:
        if not name.startswith(heads):
            yield f"{name}: {_no_source(name.removeprefix(PREFIX).partition('__')[0].lower(), known)}"


def _no_source(name: str, known: tuple[str, ...]) -> str:
    hint = unknown(name, known).replace("no such setting", "no such source")
    return hint if "did you mean" in hint else f"{hint}; is cratedig-{name} installed?"
