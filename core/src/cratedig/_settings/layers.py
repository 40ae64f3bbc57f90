"""Where settings come from: a file, the environment, arguments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from cratedig._errors import SettingsError
from cratedig._settings.misfit import unknown
from cratedig._settings.places import CONFIG_VARIABLE, default_download_dir, default_state_dir

PREFIX = "CRATEDIG_"
ARGUMENT = "argument"
DEFAULT = "default"
_TOP = ("engine", "sources")


@frozen
class Layer:
    """One tree of settings. ``origin`` is the file's path or ``argument``; it names it in messages."""

    origin: str
    tree: Mapping[str, Any] = field(repr=False)
    base_dir: Path = field(factory=Path.cwd)

    def __attrs_post_init__(self) -> None:
        """Refuse a tree whose top has the wrong keys."""
        for key, value in self.tree.items():
            if key not in _TOP:
                raise SettingsError(f"{self.origin}: {key}: {unknown(str(key), _TOP)}")
            if not isinstance(value, Mapping):
                raise SettingsError(f"{self.origin}: {key}: expected a table")

    def section(self, *path: str) -> Any:
        """The part of the tree under ``path``; an empty table where there is none."""
        part: Any = self.tree
        for name in path:
            part = part.get(name, {}) if isinstance(part, Mapping) else {}
        return part


@frozen
class Given:
    """Everything that was given: the trees in rising order, and the environment's variables over them."""

    layers: tuple[Layer, ...] = ()
    variables: Mapping[str, str] = field(factory=dict, repr=False)


def read_file(path: Path, *, required: bool) -> Layer | None:
    """The layer that a TOML file holds; ``None`` where it is not required and not there.

    :raises SettingsError: it cannot be read; says where in the file.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if required:
            raise SettingsError(f"{path}: there is no such file") from None
        return None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}; it was left as it is") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path}: not UTF-8 text (at line {line})") from None
    return Layer(str(path), _parsed(path, text), path.absolute().parent)


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415  # half of what `import cratedig` may take is spent elsewhere

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Its text has the place and at most one character of the file.
        raise SettingsError(f"{path}: not valid TOML: {error.args[0]}; it was left as it is") from None


def cratedig_variables(environ: Mapping[str, str] | None) -> dict[str, str]:
    """The variables that hold settings. An empty one counts as not set."""
    environ = os.environ if environ is None else environ
    return {
        name: value
        for name, value in environ.items()
        if name.startswith(PREFIX) and "__" in name and value and name != CONFIG_VARIABLE
    }


def variable(section: str, key: str) -> str:
    """The environment variable for a key: ``variable("qobuz", "app_id")`` is ``CRATEDIG_QOBUZ__APP_ID``."""
    return f"{PREFIX}{section}__{key.replace('.', '__')}".upper()


def variables_of(section: str, variables: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Variable, key and value of each variable of one section."""
    head = variable(section, "")
    for name, value in variables.items():
        if name.startswith(head):
            yield name, name.removeprefix(head).lower().replace("__", "."), value


def default_layer(environ: Mapping[str, str] | None) -> Layer:
    """The defaults that are not the same for everybody."""
    folders = {"download_dir": default_download_dir(environ), "state_dir": default_state_dir(environ)}
    return Layer(DEFAULT, {"engine": folders})


def unknown_sources(given: Given, known: tuple[str, ...]) -> Iterator[str]:
    """One sentence for each section that belongs to none of ``known``."""
    for layer in given.layers:
        for name in layer.section("sources"):
            if name not in known:
                yield f"{layer.origin}: [sources.{name}]: {_no_source(str(name), known)}"
    heads = tuple(variable(name, "") for name in (*known, "engine"))
    for name in given.variables:
        if not name.startswith(heads):
            yield f"{name}: {_no_source(name.removeprefix(PREFIX).partition('__')[0].lower(), known)}"


def _no_source(name: str, known: tuple[str, ...]) -> str:
    hint = unknown(name, known).replace("no such setting", "no such source")
    return hint if "did you mean" in hint else f"{hint}; is cratedig-{name} installed?"
