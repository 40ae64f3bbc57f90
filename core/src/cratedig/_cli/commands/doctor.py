"""``cratedig doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cratedig._cli import choices
from cratedig._cli.exits import Exit
from cratedig._cli.options import command as make_command
from cratedig._cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cratedig._cli.findings import Finding


@make_command("doctor")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...", shell_complete=choices.complete_source)
@click.option("--offline", is_flag=True, help="Ask no service.")
def command(session: Session, sources: tuple[str, ...], offline: bool) -> int:
    """Find out what is wrong, and how to put it right.

    Checks settings, folders, records and every source: whether it loads, what it still needs, and whether
    its service answers. With a SOURCE, that one must be ready for the exit code 0; without, sources that
    lack their settings are only mentioned.
    """
    from cratedig._cli.checks import examine  # noqa: PLC0415 - not for --help

    findings = examine(session, sources, offline=offline)
    if session.out.as_json:
        session.out.document({"findings": findings, "healthy": not _problems(findings)})
    else:
        _print(session, findings)
    return max((finding.exit_code for finding in _problems(findings)), default=Exit.OK)


def _problems(findings: Iterable[Finding]) -> list[Finding]:
    from cratedig._cli.findings import Verdict  # noqa: PLC0415

    return [finding for finding in findings if finding.verdict is Verdict.PROBLEM]


def _print(session: Session, findings: list[Finding]) -> None:
    rows = [(f.verdict, f.subject, f.what) for f in findings]
    session.out.table(("verdict", "what", "finding"), rows)
    advised = [finding for finding in findings if finding.fix]
    if advised:
        session.out.line("\nWhat to do:")
    for finding in advised:
        session.out.line(f"  {finding.subject}: {finding.fix}")
    if session.verbose:
        for finding in findings:
            session.out.line(f"\n{finding.subject}:\n{finding.traceback}" if finding.traceback else "")
