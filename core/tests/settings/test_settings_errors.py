"""A wrong key or value: named with its place and what was expected, never quoted when it may be a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratedig._errors import SettingsError
from cratedig._settings import load

Write = Callable[[str], Path]
PLANTED = f"planted-{uuid4()}"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"ratoi": 1}, "ratoi: no such setting; did you mean ratio?"),
        ({"proxi": "x"}, "proxi: no such setting; did you mean proxy?"),
        ({"ratio": "much"}, "ratio: expected a number, got text"),
        ({"ratio": float("nan")}, "ratio: expected a finite number"),
        ({"quality": 3.7}, "quality: expected a whole number, got 3.7"),
        ({"quality": True}, "quality: expected a whole number, got true"),
        ({"quality": 7}, "quality: expected an even number"),
        ({"base_url": ["x"]}, "base_url: expected text, got a list"),
        ({"verify_tls": "perhaps"}, "verify_tls: expected true or false, got text"),
        ({"tier": "hihg"}, "tier: expected one of low, high, got text"),
        ({"cookies_file": 5}, "cookies_file: expected a path, got 5"),
        ({"instances": {"a": 1}}, "instances: expected a list of text, got a table"),
        ({"instances": 5}, "instances: expected a list of text, got 5"),
        ({"path_map": [1]}, "path_map: expected a table, got a list"),
        ({"path_map": "text"}, "path_map: expected JSON, got other text"),
        (
            {"indexers": [{"base_url": "x", "key": "y"}]},
            "indexers: key: no such setting; did you mean api_key?",
        ),
        ({"indexers": [{"api_key": "y"}]}, "indexers: base_url: missing, and there is no default"),
        ({"proxy": "host:80"}, "proxy: expected an address that starts with http://, https://"),
        ({"period": 0}, "period: must be > 0: 0.0"),
        ({"token": "short"}, "token: this value is not accepted; it is secret and not shown"),
        (
            {"token": {"file": "/nowhere/at/all"}},
            "token: the file /nowhere/at/all cannot be read: No such file",
        ),
    ],
)
def test_a_wrong_setting_is_explained(section: dict[str, Any], message: str, shop: Any) -> None:
    """The message has the section, the key, and what was expected."""
    with pytest.raises(SettingsError) as caught:
        load({"sources": {"shop": section}}, environ={}).for_source("shop", shop)
    assert str(caught.value).startswith(f"argument sources.shop.{message}")


def test_the_file_is_named(write: Write, shop: Any) -> None:
    """A mistake in a file is told with the file and the section."""
    path = write("[sources.shop]\nratio = 'x'\n")
    with pytest.raises(SettingsError) as caught:
        load(path, environ={}).for_source("shop", shop)
    assert str(caught.value) == f"{path}: [sources.shop] ratio: expected a number, got text"


def test_the_variable_is_named(shop: Any) -> None:
    """A mistake in the environment is told with the variable, a misspelt one too."""
    environ = {"CRATEDIG_SHOP__RATIO": "x", "CRATEDIG_SHOP__TOKNE": PLANTED}
    with pytest.raises(SettingsError) as caught:
        load({}, environ=environ).for_source("shop", shop)
    assert "CRATEDIG_SHOP__RATIO: expected a number, got text" in str(caught.value)
    assert "CRATEDIG_SHOP__TOKNE: no such setting; did you mean token?" in str(caught.value)
    assert PLANTED not in str(caught.value)


def test_a_class_that_quotes_its_secrets_is_masked(tactless: Any) -> None:
    """What a source's own check says is told without the secrets in it."""
    section = {"user": f"user-{PLANTED}", "password": PLANTED}
    with pytest.raises(SettingsError) as caught:
        load({"sources": {"tactless": section}}, environ={}).for_source("tactless", tactless)
    assert "******** and ******** do not belong together" in str(caught.value)
    assert PLANTED not in str(caught.value)


def test_every_problem_is_told_at_once(write: Write) -> None:
    """One line for each, so that nobody starts the program five times."""
    with pytest.raises(SettingsError) as caught:
        load(
            write("[engine]\nretries = 'x'\nsearch_timout = 3\n[engine.quality]\nflor = 'mp3'\n"), environ={}
        )
    assert len(str(caught.value).splitlines()) == 3


def test_a_wrong_quality_is_told_with_examples() -> None:
    """The engine's qualities are checked when they are loaded."""
    with pytest.raises(
        SettingsError, match=r"argument engine\.quality\.floor: expected a quality such as flac"
    ):
        load({"engine": {"quality": {"floor": "very good"}}}, environ={})


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"source": {}}, "source: no such setting; did you mean sources?"),
        ({"sources": []}, "sources: expected a table"),
        ({"engine": {"quality": 5}}, "argument engine.quality: expected a table"),
    ],
)
def test_a_wrong_shape_is_told(tree: dict[str, Any], message: str) -> None:
    """The tree's top and its sections are tables."""
    with pytest.raises(SettingsError, match=message):
        load(tree, environ={})


def test_a_section_that_is_no_table_stops_only_its_source(shop: Any) -> None:
    """The engine and the other sources load."""
    loaded = load({"sources": {"shop": 5, "other": {}}}, environ={})
    loaded.for_source("other", shop)
    with pytest.raises(SettingsError, match=r"argument sources\.shop: expected a table"):
        loaded.for_source("shop", shop)


def test_a_required_setting_that_is_missing_is_named(bare: Any) -> None:
    """The message says which, and how to set it."""
    with pytest.raises(SettingsError, match="missing, and there is no default") as caught:
        load({}, environ={}).for_source("bare", bare)
    assert str(caught.value).startswith("[sources.bare] app_id or CRATEDIG_BARE__APP_ID: ")


def test_pain_25_a_broken_file_is_told_with_its_line_and_left_alone(write: Write) -> None:
    """Invalid TOML is an error with line and column; the file is not replaced, and its text not quoted."""
    text = f"[sources.shop]\ntoken = '{PLANTED}'\nbase_url = = 3\n"
    path = write(text)
    with pytest.raises(SettingsError, match=r"not valid TOML: .*line 3") as caught:
        load(path, environ={})
    assert str(path) in str(caught.value)
    assert PLANTED not in str(caught.value)
    assert path.read_text() == text


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    """Latin-1 is not TOML."""
    path = tmp_path / "config.toml"
    path.write_bytes(b"[engine]\n# caf\xe9\n")
    with pytest.raises(SettingsError, match=r"not UTF-8 text \(at line 2\)"):
        load(path, environ={})


def test_a_named_file_must_exist_and_the_usual_one_need_not(tmp_path: Path) -> None:
    """What a person names is meant; where nobody says anything there are defaults."""
    gone = tmp_path / "gone.toml"
    for source, environ in ((gone, {}), (None, {"CRATEDIG_CONFIG": str(gone)})):
        with pytest.raises(SettingsError, match=r"gone\.toml: there is no such file"):
            load(source, environ=environ)
    assert load(None, environ={"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}).path is None


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    """What cannot be read is an error, not an empty configuration."""
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path, environ={})


def test_sections_of_no_source_are_told() -> None:
    """A misspelt source, in a file or a variable, with the one that may have been meant."""
    loaded = load({"sources": {"shpo": {}, "shop": {}}}, environ={"CRATEDIG_QOBUZ__APP_ID": "1"})
    told = loaded.unknown_sources(["shop", "old_shop"])
    assert told[0] == "argument: [sources.shpo]: no such source; did you mean shop?"
    assert told[1].startswith("CRATEDIG_QOBUZ__APP_ID: no such source")
    assert len(told) == 2


KEYS = st.sampled_from(
    ["base_url", "token", "second_token", "quality", "ratio", "tier", "cookies_file", "paths", "instances",
     "indexers", "path_map", "verify_tls", "proxy", "period", "enabled", "tokne", "nothing"]
)  # fmt: skip
WRONG = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.just(PLANTED)
    | st.just(f"http://u:{PLANTED}@h"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS | st.sampled_from(["api_key", "kind", "file"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(KEYS, WRONG, max_size=4))
def test_no_value_whatever_is_quoted(shop: Any, section: dict[str, Any]) -> None:
    """Any mixture of values loads or is a SettingsError; neither message nor repr has the planted text."""
    try:
        repr(load({"sources": {"shop": section}}, environ={}).for_source("shop", shop).token)
    except SettingsError as error:
        told = str(error)
    else:
        told = ""
    assert PLANTED not in told
