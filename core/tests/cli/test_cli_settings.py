"""`config`: every value, where it came from, and no secret."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from cratedig_emulators.archive import ArchiveEmulator


def test_each_value_is_shown_with_its_origin(shell: Any) -> None:
    """Default, file and variable are told apart."""
    shell.configure({}, search_timeout=7)
    shell.extra["CRATEDIG_ENGINE__RETRIES"] = "9"
    shown = {one["key"]: one for one in shell.json("config")["settings"]}
    assert shown["engine.search_timeout"]["origin"] == str(shell.home / "config.toml")
    assert shown["engine.retries"] == {
        "key": "engine.retries", "shown_value": "9", "origin": "CRATEDIG_ENGINE__RETRIES", "problem": "",
    }  # fmt: skip
    assert shown["engine.breaker_failures"]["origin"] == "default"


def test_the_path_is_printed_alone(shell: Any) -> None:
    """`config path` is for scripts and editors."""
    assert shell.run("config", "path").stdout.strip() == str(shell.home / "config.toml")


def test_a_section_that_is_nobodys_is_named(shell: Any) -> None:
    """A misspelt source is an error with a guess, in `config` and in `doctor`."""
    shell.configure({"archvie": {"base_url": "http://127.0.0.1:9"}})
    for command in (["config"], ["doctor", "--offline"]):
        done = shell.run(*command)
        assert done.returncode == 3
        said = done.stdout + done.stderr
        assert "[sources.archvie]" in said
        assert "archive" in said


def test_a_wrong_key_of_a_source_is_named(shell: Any) -> None:
    """The source is broken, with file, key and what was expected; the rest of the command works."""
    shell.configure({"archive": {"bse_url": "x"}})
    done = shell.run("config")
    assert done.returncode == 3
    assert "bse_url" in done.stderr
    assert "engine.retries" in done.stdout


@pytest.mark.parametrize("how", [[], ["--json"], ["-vv", "--debug"]], ids=" ".join)
def test_secrets_are_never_printed(shell: Any, archive: ArchiveEmulator, how: list[str]) -> None:
    """Neither tables nor JSON, logs nor tracebacks have a password of a proxy or a path to cookies."""
    secret = f"planted-{uuid4()}"
    shell.configure(
        {
            "archive": {"base_url": archive.base_url, "proxy": f"http://me:{secret}@127.0.0.1:9"},
            "youtube": {"cookies_file": f"/nowhere/{secret}.txt", "proxy": f"http://me:{secret}@127.0.0.1:9"},
        },
        retries=0,
    )
    commands = (
        ["sources"],
        ["config"],
        ["doctor"],
        ["search", "anything"],
        ["get", "anything"],
        ["downloads"],
    )
    for command in commands:
        done = shell.run(*command, *how)
        assert done.stdout + done.stderr
        assert secret not in done.stdout + done.stderr, command
    kept = [path.read_bytes() for path in shell.state.rglob("*") if path.is_file()]
    assert kept
    assert not any(secret.encode() in one for one in kept)
