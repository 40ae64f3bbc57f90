"""The group of commands; a command's module is imported when the command is used."""

from __future__ import annotations

from importlib import import_module

import click

import cratedig
from cratedig._cli.exits import HELP

COMMANDS = {
    "sources": "List the sources: what they deliver, whether they work, and if not, why.",
    "search": "Search all sources at once; one merged table.",
    "get": "Download by name, by number of the last search, by key, or from a list.",
    "downloads": "List the downloads of this and all other processes.",
    "cancel": "Cancel downloads, whichever process works on them.",
    "retry": "Try failed or cancelled downloads again.",
    "resume": "Go on with what a crash, Ctrl-C or a power cut has left unfinished.",
    "login": "Log in to a source that wants a person to, in a browser.",
    "doctor": "Find out what is wrong, and how to put it right.",
    "config": "Show every setting and where it comes from; secrets are masked.",
    "demo": "See it work, with music services on this machine.",
    "completion": "Print the script that completes commands in a shell.",
}
"""Name and help of each; kept here so that ``--help`` imports none of them."""


class LazyGroup(click.Group):
    """Knows its commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which a person needs them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"cratedig._cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=LazyGroup,
    epilog=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(cratedig.__version__, prog_name="cratedig")
def cli() -> None:
    """Find and download music from many sources through one engine.

    Every command takes --json, and --help says the rest.
    """
