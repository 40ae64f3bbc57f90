"""What a command prints: results to stdout, as tables or as one JSON document; everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click
from attrs import define

from cratedig._cli.plain import as_plain

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 160
"""Columns of a table that nobody's terminal shows."""

_STYLES = {
    "ready": "green", "Completed": "green", "ok": "green", "broken": "red", "Errored": "red",
    "problem": "red", "not configured": "yellow", "Cancelled": "yellow", "advice": "yellow",
    "InProgress": "cyan",
}  # fmt: skip


@define
class Output:
    """Every text goes through ``redact``, which the engine brings, and loses what steers a terminal."""

    as_json: bool = False
    redact: Callable[[str], str] = str

    def document(self, value: object) -> None:
        """Print the one JSON document."""
        plain = self._redacted(as_plain(value))
        click.echo(json.dumps(plain, indent=2 if sys.stdout.isatty() else None))

    def line(self, text: str = "") -> None:
        """Print a line of the result, however long it is."""
        click.echo(self._clean(text))

    def say(self, text: str) -> None:
        """Tell the person something that is no result."""
        click.echo(self._clean(text), err=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table; columns whose name ends with ``>`` are flush right."""
        from rich.table import Table  # noqa: PLC0415 - 60 ms that only those who see a table pay
        from rich.text import Text  # noqa: PLC0415

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for column in columns:
            name = column.removesuffix(">")
            table.add_column(name, justify="right" if column.endswith(">") else "left", overflow="fold")
        for row in rows:
            cells = [self._clean(str(cell)) for cell in row]
            table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in cells))
        console = self.console()
        with console.capture() as captured:
            console.print(table)
        for line in captured.get().splitlines():
            click.echo(line.rstrip())

    def console(self, *, err: bool = False) -> Console:
        """Where rich draws."""
        from rich.console import Console  # noqa: PLC0415

        stream = sys.stderr if err else sys.stdout
        width = None if stream.isatty() else int(os.environ.get("COLUMNS") or PIPE_WIDTH)
        return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)

    def _clean(self, text: str) -> str:
        return printable(self.redact(text))

    def _redacted(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, dict):
            return {key: self._redacted(item) for key, item in value.items()}
        return [self._redacted(item) for item in value] if isinstance(value, list) else value


def printable(text: str) -> str:
    """``text`` without the characters that steer a terminal: a title may come from anybody."""
    return "".join(char if char in "\n\t" or char.isprintable() else _shown(char) for char in text)


def _shown(char: str) -> str:
    # Lone surrogates stand for bytes of file names; the stream shows them escaped.
    return char if "\ud800" <= char <= "\udfff" else " "
