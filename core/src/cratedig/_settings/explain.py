"""Where each setting came from, for a person to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import fields, frozen, has

from cratedig._errors import SettingsError
from cratedig._redaction import MASK, hide_userinfo, is_secret_name, secrets_in
from cratedig._settings.layers import DEFAULT
from cratedig._settings.section import Loaded, load_common, load_engine, load_source, options_of
from cratedig._settings.settings import Settings
from cratedig._settings.source import SourceSettings


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


def explain(
    settings: Settings, sources: Iterable[tuple[str, type | None, Iterable[str]]] = ()
) -> list[SettingOrigin]:
    """Every setting of the engine and of the given sources (name, class, aliases); secrets are masked."""
    lines = list(_lines("engine", load_engine(settings.given, settings.environ)))
    for name, cls, aliases in sources:
        try:
            lines.extend(_source_lines(settings, name, cls, tuple(aliases)))
        except SettingsError as error:
            lines.append(SettingOrigin(key=f"sources.{name}", problem=str(error)))
    return lines


def _source_lines(
    settings: Settings, name: str, cls: type | None, aliases: tuple[str, ...]
) -> Iterator[SettingOrigin]:
    yield from _lines(f"sources.{name}", load_source(settings.given, name, cls, aliases))
    if cls is not None and not issubclass(cls, SourceSettings):
        own = options_of(cls)
        common = _lines(f"sources.{name}", load_common(settings.given, name, cls, aliases))
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
