"""``cratedig login``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cratedig._cli import choices
from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import Session

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine
    from cratedig._plugins import LoginStep


@make_command("login")
@click.argument("source", shell_complete=choices.complete_source)
def command(session: Session, source: str) -> int:
    """Log in to a source that wants a person to, in a browser.

    Shows a link and a code, waits until you have followed them, and keeps the login in a file that only you
    can read. Sources that work by their settings alone have no such login; `cratedig doctor` says what they
    need.
    """

    def show(step: LoginStep) -> None:
        session.out.say(_told(step))

    async def work(engine: DownloadEngine) -> int:
        await engine.login(source, show)
        if session.out.as_json:
            session.out.document({"source": source, "logged_in": True})
        else:
            session.out.line(f"Logged in to {source}.")
        return Exit.OK

    return session.run(work)


def _told(step: LoginStep) -> str:
    code = f" and enter {step.code}, if you are asked for a code" if step.code else ""
    until = f" within {step.expires_in / 60:.0f} minutes" if step.expires_in else ""
    return f"Open {step.link}{until}{code}. Waiting ..."
