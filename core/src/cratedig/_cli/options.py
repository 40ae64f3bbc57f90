"""The options that every command has, and what a command is given because of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cratedig._cli.exits import HELP
from cratedig._cli.session import Session

F = TypeVar("F", bound=Callable[..., Any])

_COMMON = (
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
    click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Read this file in place of the one that `cratedig config path` names.",
    ),
    click.option(
        "--journal",
        metavar="PATH|memory",
        help="Keep records there in place of the state folder; `memory` forgets them.",
    ),
    click.option("-v", "--verbose", count=True, help="Say more; twice for everything."),
    click.option("--debug", is_flag=True, help="Show tracebacks of errors."),
)


def command(name: str, **settings: Any) -> Callable[[Callable[..., int]], click.Command]:
    """Make a function a command: called with a :class:`Session` and its options, it returns the exit code."""

    def decorate(function: Callable[..., int]) -> click.Command:
        make: Any = click.command(name, epilog=HELP, **settings)
        made: click.Command = make(with_session(function))
        return made

    return decorate


def with_session(function: Callable[..., int]) -> Callable[..., None]:
    """Add the common options; errors become a sentence and an exit code."""

    @functools.wraps(function)
    def run(
        *, as_json: bool, config: Path | None, journal: str | None, verbose: int, debug: bool, **options: Any
    ) -> None:
        session = Session(as_json=as_json, config=config, journal=journal, verbose=verbose, debug=debug)
        code = session.guard(lambda: function(session, **options))
        click.get_current_context().exit(int(code))

    decorated: Callable[..., None] = run
    for option in reversed(_COMMON):
        decorated = option(decorated)
    return decorated
