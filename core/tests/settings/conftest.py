"""A settings class as a source's author writes one, and a file to load it from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import Attribute, field, frozen

from cratedig import Secret, SourceSettings


@frozen(kw_only=True)
class Indexer:
    """One table of a list."""

    base_url: str
    api_key: Secret = field(default=Secret(""))
    kind: Literal["newznab", "prowlarr"] = "newznab"


def _even(_instance: object, attribute: Attribute[Any], value: int) -> None:
    if value % 2:
        raise ValueError(f"{attribute.name}: expected an even number")


def _long(_instance: object, _attribute: Attribute[Any], value: str) -> None:
    if value and len(value) < 8:
        raise ValueError(f"{value} is too short")


@frozen(kw_only=True)
class Shop(SourceSettings):
    """Every kind of setting that the sources of design §13 have."""

    base_url: str = "https://shop.invalid"
    token: Secret = field(default=Secret(""), validator=_long)
    second_token: Secret | None = None
    quality: int = field(default=6, validator=_even)
    ratio: float = 0.5
    tier: Literal["low", "high"] = "low"
    cookies_file: Path | None = None
    paths: tuple[Path, ...] = ()
    instances: list[str] = field(factory=list)
    indexers: list[Indexer] = field(factory=list)
    path_map: Mapping[str, str] = field(factory=dict)
    options: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Bare:
    """A class that does not inherit what all sources have, with a setting that must be given."""

    app_id: str


@frozen(kw_only=True)
class Tactless:
    """A class that quotes its secrets when it refuses them together."""

    user: Secret = field(default=Secret(""))
    password: Secret = field(default=Secret(""))

    def __attrs_post_init__(self) -> None:
        """Refuse everything."""
        raise ValueError(f"{self.user} and {self.password} do not belong together")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a configuration file and return its path."""

    def written(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text)
        return path

    return written


@pytest.fixture
def shop() -> type[Shop]:
    """The class with every kind of setting."""
    return Shop


@pytest.fixture
def bare() -> type[Bare]:
    """The class with a required setting."""
    return Bare


@pytest.fixture
def tactless() -> type[Tactless]:
    """The class whose errors quote secrets."""
    return Tactless
