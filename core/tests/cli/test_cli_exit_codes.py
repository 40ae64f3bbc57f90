"""The exit codes that docs/cli.md promises, each seen from outside; no traceback in any of them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from cratedig._cli.app import COMMANDS
from cratedig._cli.commands.get import get
from cratedig._cli.exits import HELP, Exit
from cratedig._cli.output import Output
from cratedig._cli.session import Session
from cratedig_emulators.catalogue import Track

PAGE = Path(__file__).parents[3] / "docs" / "cli.md"
USAGE = (
    ["nonsense"],
    ["search"],
    ["get"],
    ["get", "7"],
    ["cancel"],
    ["retry"],
    ["downloads", "--state", "sleeping"],
    ["completion", "cmd"],
    ["get", "x", "--quality", "very good"],
)


@pytest.mark.parametrize("code", Exit)
def test_each_code_is_documented(code: Exit) -> None:
    """The page and --help have every code that there is."""
    assert f"\n| {code.value} | " in PAGE.read_text(encoding="utf-8")
    assert f"\n  {code.value} " in HELP


def test_each_command_is_documented() -> None:
    """The page names every command."""
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"\n| `{name}" not in page] == []


def refused(done: Any, code: int, *words: str) -> None:
    """Hold a failed run to its code, and to telling why in a sentence."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_a_wrong_command_line_is_2(shell: Any, arguments: list[str]) -> None:
    """What cannot be meant is refused before any work."""
    refused(shell.run(*arguments), 2, "Usage:")


def test_wrong_settings_are_3(shell: Any) -> None:
    """A wrong key in the engine's section is named with file, key and a guess."""
    shell.configure({}, serach_timeout=3)
    refused(shell.run("sources"), 3, "config.toml", "serach_timeout", "search_timeout")


def test_an_unknown_id_is_4(shell: Any) -> None:
    """Nothing is there to be cancelled, retried or shown."""
    for command in ("cancel", "retry", "downloads"):
        refused(shell.run(command, "abcdef"), 4, "abcdef")


def test_an_unknown_source_is_5(shell: Any) -> None:
    """A name that no installed source has is told with those that there are."""
    refused(shell.run("search", "x", "--source", "gramophone"), 5, "gramophone", "archive")
    refused(shell.run("get", "x", "--source", "gramophone"), 5, "gramophone")
    refused(shell.run("doctor", "gramophone"), 5, "gramophone")


def test_an_unreadable_journal_is_6_and_kept(shell: Any) -> None:
    """A file that is no journal is neither read as an empty one nor replaced."""
    shell.state.mkdir()
    journal = shell.state / "journal.db"
    journal.write_bytes(b"this is somebody's letter" * 400)
    refused(shell.run("downloads"), 6, str(journal))
    assert journal.read_bytes().startswith(b"this is somebody's letter")
    doctor = shell.run("doctor", "--offline")
    assert doctor.returncode == 6
    assert str(journal) in doctor.stdout


def test_errors_are_json_too(shell: Any) -> None:
    """With --json, stdout has one document even then."""
    done = shell.run("cancel", "abcdef", "--json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["code"] == "unknown-download"


def test_debug_shows_the_traceback(shell: Any) -> None:
    """Whoever asks for it gets it."""
    assert "Traceback" in shell.run("cancel", "abcdef", "--debug").stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["sources"],
        ["search", "The Quiet"],
        ["get", "The Quiet - Nothing Much"],
        ["downloads"],
        ["downloads", "--clear"],
        ["resume"],
        ["config"],
        ["config", "path"],
        ["doctor", "--offline"],
        ["completion", "bash"],
    ],
    ids=" ".join,
)
def test_json_is_one_document_without_colour(
    shell: Any, collect: Callable[[Sequence[Track]], Path], arguments: list[str]
) -> None:
    """Every command that prints takes --json: one document on stdout, nothing else there."""
    collect([Track(artist="The Quiet", title="Nothing Much")])
    shell.extra["FORCE_COLOR"] = "1"
    done = shell.run(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)
    assert "\x1b" not in done.stdout


def test_a_title_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters in what a source says are not printed, in lines, messages and tables."""
    title = "Red \x1b[31m Bell \x07 Song \u202e"
    out = Output()
    out.line(title)
    out.say(title)
    out.table(("title",), [(title,)])
    printed = "".join(capsys.readouterr())
    assert printed.count("Bell") == 3
    assert not set(printed) & {"\x1b", "\x07", "\u202e"}


@pytest.fixture
def _log_levels() -> Iterator[None]:
    """A command sets them for its whole process, which here is that of the tests."""
    logger = logging.getLogger("cratedig")
    before = logger.level
    yield
    logger.setLevel(before)


@pytest.mark.usefixtures("_log_levels")
@pytest.mark.parametrize("queued", [0, 1, 3])
def test_interrupted_while_it_queues_it_says_what_is_queued(queued: int, capsys: Any) -> None:
    """`resume` can go on with what is on record, and nobody is told that it goes on with more."""

    class Interrupted:
        async def dispatch_download(self, target: tuple[str, str], **_: Any) -> str:
            if int(target[1]) == queued:
                raise KeyboardInterrupt
            return target[1]

    session = Session()
    items = [("fake", str(number)) for number in range(5)]
    engine: Any = Interrupted()
    code = session.guard(lambda: asyncio.run(get(session, engine, items, None)))
    assert code == 130
    said = capsys.readouterr().err
    assert said.startswith("Interrupted.")
    assert (f"{queued} of 5 are queued; `cratedig resume` goes on with those" in said) == (queued > 0)
