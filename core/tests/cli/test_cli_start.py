"""Starting is cheap, and what is missing is told in a sentence."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner

import cratedig
from cratedig._cli.app import COMMANDS, cli

HEAVY = ("httpx", "rich", "sqlite3", "typed_settings", "pyrate_limiter", "mutagen", "rapidfuzz", "yt_dlp")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_and_its_exit_codes(name: str) -> None:
    """--help of every command has its text, --json and the exit codes."""
    shown = CliRunner().invoke(cli, [name, "--help"])
    assert shown.exit_code == 0
    assert "--json" in shown.output
    assert "Exit codes:" in shown.output
    first = COMMANDS[name].split(".")[0].split(",")[0].split(":")[0].split(";")[0]
    assert first in " ".join(shown.output.split())


def test_help_imports_nothing_heavy() -> None:
    """`cratedig --help` loads click and no engine, no source, no library that only work needs."""
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom cratedig._cli.app import cli\n"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
        "print([name for name in sys.modules if name.startswith('cratedig._engine')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]


def test_without_click_the_command_says_what_to_install() -> None:
    """A host has the command without its libraries; it then names the extra."""
    code = "import sys; sys.modules['click'] = None\nfrom cratedig._cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'cratedig[cli]'" in done.stderr


def test_the_version_is_the_distributions(shell: Any) -> None:
    """--version of the installed script says what is installed."""
    shell.forks = None
    assert shell.run("--version").stdout.split()[-1] == cratedig.__version__


@pytest.mark.parametrize("which", ["bash", "zsh", "fish"])
def test_completion_scripts_are_the_shells_own(shell: Any, which: str) -> None:
    """Each of the three shells gets a script that calls the command."""
    assert "_CRATEDIG_COMPLETE" in shell.run("completion", which).stdout


def test_source_names_are_completed(shell: Any) -> None:
    """After --source the installed sources' names come up."""
    shell.extra |= {
        "_CRATEDIG_COMPLETE": "bash_complete",
        "COMP_WORDS": "cratedig search x --source ar",
        "COMP_CWORD": "4",
    }
    assert "archive" in shell.run().stdout


def test_a_reader_that_goes_away_is_no_error_report(shell: Any) -> None:
    """`cratedig ... | head` ends without a traceback."""
    done = subprocess.run(
        f"{sys.executable} -m cratedig._cli completion bash | head -c 1",
        shell=True, env=shell.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
