"""The entry point of the ``cratedig`` command."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO

MISSING = "The command line is an extra of its own; install it with: pip install 'cratedig[cli]'"


def main() -> None:
    """Run the command and end the process with its exit code."""
    try:
        import click  # noqa: PLC0415 - an extra: a host that embeds the engine does without
    except ImportError:
        sys.exit(MISSING)
    from cratedig._cli.app import cli  # noqa: PLC0415
    from cratedig._cli.exits import Exit  # noqa: PLC0415

    for stream in (sys.stdout, sys.stderr):
        _print_anything(stream)
    try:
        code = cli.main(prog_name="cratedig", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone; what is left in the buffer must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.FAILED
    sys.exit(int(code or 0))


def _print_anything(stream: TextIO) -> None:
    """File names need not be valid in the terminal's encoding."""
    with contextlib.suppress(AttributeError, ValueError):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]
