"""``cratedig completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import Session


@make_command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(session: Session, shell: str) -> int:
    r"""Print the script that completes commands in a shell.

    \b
    bash:  cratedig completion bash > ~/.local/share/bash-completion/completions/cratedig
    zsh:   cratedig completion zsh > ~/.zfunc/_cratedig
    fish:  cratedig completion fish > ~/.config/fish/completions/cratedig.fish
    """
    from cratedig._cli.app import cli  # noqa: PLC0415 - the group knows its commands, not they it

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"{shell} is not supported by the click that is installed")
    script = made(cli, {}, "cratedig", "_CRATEDIG_COMPLETE").source()
    if session.out.as_json:
        session.out.document({"shell": shell, "script": script})
    else:
        click.echo(script)
    return Exit.OK
