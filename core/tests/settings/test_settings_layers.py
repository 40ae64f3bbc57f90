"""File, environment and arguments: which one counts, and what each can say."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cratedig._errors import SettingsError
from cratedig._settings import config_path, default_download_dir, default_state_dir, load

Write = Callable[[str], Path]
TOML = """
[engine]
search-timeout = 10
[engine.quality]
floor = "mp3 256"
codecs = ["flac", "mp3"]
[sources.shop]
base_url = "http://file"
ratio = 1
paths = ["music", "/abs", "~/crate"]
path_map = { "/downloads" = "/mnt/downloads" }
options = { retries = 3, nested = { deep = true } }
[[sources.shop.indexers]]
base_url = "http://one"
api-key = "planted-indexer-key"
"""


def test_each_layer_is_over_the_one_before(write: Write, shop: Any) -> None:
    """Argument over variable over file over default, key by key."""
    path = write(TOML)
    environ = {"CRATEDIG_SHOP__BASE_URL": "http://env", "CRATEDIG_SHOP__RATIO": "2"}
    assert load(path, environ={}).for_source("shop", shop).base_url == "http://file"
    both = load(path, environ=environ).for_source("shop", shop)
    assert (both.base_url, both.ratio, both.tier) == ("http://env", 2.0, "low")
    arguments = {"sources": {"shop": {"base_url": "http://argument"}}}
    all_three = load(path, environ=environ, arguments=arguments).for_source("shop", shop)
    assert (all_three.base_url, all_three.ratio) == ("http://argument", 2.0)


def test_the_engine_reads_nested_tables_and_dashes(write: Write) -> None:
    """A dash in a key is an underscore; a variable reaches into a nested table and leaves the rest of it."""
    engine = load(write(TOML), environ={"CRATEDIG_ENGINE__QUALITY__CEILING": "flac 16/44.1"}).engine
    assert engine.search_timeout == 10.0
    assert (engine.quality.floor, engine.quality.ceiling) == ("mp3 256", "flac 16/44.1")
    assert engine.quality.preference().codecs == ("flac", "mp3")


def test_lists_tables_and_paths_come_out_of_toml(write: Write, shop: Any) -> None:
    """Relative paths are the file's, ``~`` is the person's home, tables in lists are objects."""
    path = write(TOML)
    settings = load(path, environ={}).for_source("shop", shop)
    assert settings.paths == (path.parent / "music", Path("/abs"), Path("~/crate").expanduser())
    assert settings.path_map == {"/downloads": "/mnt/downloads"}
    assert settings.options == {"retries": 3, "nested": {"deep": True}}
    assert [(one.base_url, str(one.api_key)) for one in settings.indexers] == [
        ("http://one", "planted-indexer-key")
    ]


def test_lists_and_tables_come_out_of_variables_as_json(shop: Any) -> None:
    """JSON where a list or a table is wanted; a text that is none is the list's only item."""
    environ = {
        "CRATEDIG_SHOP__INSTANCES": '["http://a:1", "http://b"]',
        "CRATEDIG_SHOP__PATHS": "/only:one",
        "CRATEDIG_SHOP__INDEXERS": json.dumps([{"base_url": "http://x", "kind": "prowlarr"}]),
        "CRATEDIG_SHOP__PATH_MAP": '{"/a": "/b"}',
        "CRATEDIG_SHOP__VERIFY_TLS": "no",
        "CRATEDIG_SHOP__QUALITY": "8",
    }
    settings = load({}, environ=environ).for_source("shop", shop)
    assert settings.instances == ["http://a:1", "http://b"]
    assert settings.paths == (Path("/only:one"),)
    assert settings.indexers[0].kind == "prowlarr"
    assert settings.path_map == {"/a": "/b"}
    assert settings.verify_tls is False
    assert settings.quality == 8


def test_an_empty_variable_counts_as_not_set(write: Write, shop: Any) -> None:
    """A compose file that passes an unset variable on does not blank a setting."""
    settings = load(write(TOML), environ={"CRATEDIG_SHOP__BASE_URL": ""})
    assert settings.for_source("shop", shop).base_url == "http://file"


def test_an_alias_is_read_and_the_name_counts_more(write: Write, shop: Any) -> None:
    """Sections and variables of an older name keep working, below those of the present one."""
    path = write("[sources.old_shop]\nbase_url = 'http://old'\nratio = 2\n[sources.shop]\nratio = 3\n")
    settings = load(path, environ={"CRATEDIG_OLD_SHOP__TIER": "high"}).for_source("shop", shop, ["old_shop"])
    assert (settings.base_url, settings.ratio, settings.tier) == ("http://old", 3.0, "high")


def test_a_mapping_stands_for_the_file(write: Write, shop: Any) -> None:
    """A host that brings its settings does not read a person's file by accident."""
    environ = {"CRATEDIG_CONFIG": str(write(TOML))}
    settings = load({"sources": {"shop": {"ratio": 9}}}, environ=environ)
    assert settings.path is None
    assert settings.for_source("shop", shop).base_url == "https://shop.invalid"
    assert load(None, environ=environ).for_source("shop", shop).base_url == "http://file"


def test_loaded_settings_are_taken_as_they_are(write: Write) -> None:
    """Loading what is loaded gives it back; with arguments, a copy that has them on top."""
    settings = load(write(TOML), environ={})
    assert load(settings) is settings
    assert load(settings, arguments={"engine": {"retries": 9}}).engine.retries == 9
    assert settings.engine.retries == 3


def test_what_was_put_on_top_survives_a_reload(write: Write) -> None:
    """Reading the file again does not forget the arguments that came later."""
    settings = load(write(TOML), environ={}).with_arguments({"engine": {"retries": 9}})
    write("[engine]\nsearch_timeout = 20\n")
    again = settings.reload()
    assert (again.engine.search_timeout, again.engine.retries) == (20.0, 9)


def test_a_failed_reload_leaves_the_old_settings(write: Write) -> None:
    """A half-edited file is an error; what was loaded stays as it was."""
    settings = load(write(TOML), environ={})
    write("[engine\n")
    with pytest.raises(SettingsError, match="not valid TOML"):
        settings.reload()
    assert settings.engine.search_timeout == 10.0


def test_every_source_has_the_common_settings(bare: Any, shop: Any) -> None:
    """Proxy, TLS, enabled and limits are accepted whatever the source's class declares."""
    section = {"app_id": "1", "proxy": "http://p:1", "verify_tls": False, "concurrent_downloads": 5}
    settings = load(
        {"sources": {"bare": section, "shop": {"proxy": "socks5://q:2"}, "none": {"enabled": False}}},
        environ={},
    )
    assert settings.for_source("bare", bare).app_id == "1"
    common = settings.common("bare", bare)
    assert (common.proxy, common.verify_tls, common.concurrent_downloads) == ("http://p:1", False, 5)
    assert settings.common("shop", shop).proxy == settings.for_source("shop", shop).proxy == "socks5://q:2"
    assert settings.common("none").enabled is False
    assert settings.for_source("none") is None


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path, write: Write, shop: Any) -> None:
    """As containers are given their secrets; relative to the configuration."""
    (tmp_path / "token").write_text("planted-in-a-file\n")
    path = write('[sources.shop]\ntoken = { file = "token" }\n')
    assert str(load(path, environ={}).for_source("shop", shop).token) == "planted-in-a-file"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """An editor on Windows writes one."""
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[engine]\nretries = 1\n")
    assert load(path, environ={}).engine.retries == 1


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="the XDG folders")
def test_the_default_places_follow_the_platform(tmp_path: Path) -> None:
    """XDG folders where they are set and absolute, the home's usual ones otherwise."""
    home = {"HOME": str(tmp_path)}
    assert config_path(home) == tmp_path / ".config/cratedig/config.toml"
    assert default_state_dir(home) == tmp_path / ".local/state/cratedig"
    assert default_download_dir(home) == tmp_path / "Music/cratedig"
    assert config_path({**home, "XDG_CONFIG_HOME": "/etc/xdg"}) == Path("/etc/xdg/cratedig/config.toml")
    assert config_path({**home, "XDG_CONFIG_HOME": "relative"}) == tmp_path / ".config/cratedig/config.toml"
    assert config_path({**home, "CRATEDIG_CONFIG": "/x/y.toml"}) == Path("/x/y.toml")
    assert load(None, environ=home).engine.state_dir == tmp_path / ".local/state/cratedig"
