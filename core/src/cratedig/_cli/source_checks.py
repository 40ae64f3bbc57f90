"""What `doctor` looks at in each source: whether it loads, its settings, its service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from cratedig._cli.exits import Exit
from cratedig._cli.findings import Finding, Verdict, broken, chosen, unready
from cratedig._errors import UnknownSource
from cratedig._plugins.status import SourceState, SourceStatus
from cratedig._runtime.sources import LACKING
from cratedig._settings import SourceSettings, config_path, variable
from cratedig._settings.section import options_of

if TYPE_CHECKING:
    from cratedig._cli.session import Session
    from cratedig._engine.engine import DownloadEngine
    from cratedig._plugins import Check
    from cratedig._settings.explain import SettingOrigin


LOOK_AT = "look at its settings (`cratedig config`), the network, or whether the service is down"


async def examine_sources(
    session: Session, engine: DownloadEngine, names: tuple[str, ...], *, offline: bool
) -> list[Finding]:
    """Findings on each source, or on the named ones, and on sections that are nobody's.

    :raises UnknownSource: there is none of that name.
    """
    statuses = engine.sources()
    known = {name for status in statuses for name in (status.name, *status.aliases)}
    for name in names:
        if name not in known:
            raise UnknownSource(name, tuple(status.name for status in statuses))
    lines, unknown = session.settings_of(engine)
    looked_at = list(chosen(statuses, names))
    findings = [_strange(sentence) for sentence in unknown]
    if not statuses:
        findings.append(_none())
    findings += [_one(session, status, lines, asked_for=bool(names)) for status in looked_at]
    ready = [status.name for status in looked_at if status.usable]
    return findings if offline else await _connections(engine, findings, ready)


def _one(
    session: Session, status: SourceStatus, lines: Sequence[SettingOrigin], *, asked_for: bool
) -> Finding:
    if status.state is SourceState.BROKEN:
        return broken(status)
    unset = _unset(status, lines) if status.reason == LACKING else []
    if status.usable:
        shipped = f"{status.distribution} {status.version}".strip()
        return Finding(subject=status.name, verdict=Verdict.OK, what=f"ready ({shipped})")
    finding = unready(status, tuple(unset), asked_for=asked_for)
    return evolve(finding, fix=_how_to_set(session, status, unset) or finding.fix)


def _unset(status: SourceStatus, lines: Sequence[SettingOrigin]) -> list[str]:
    """The settings of its own that have no value; which of them it needs, only the source knows."""
    head = f"sources.{status.name}."
    common = options_of(SourceSettings)
    empty = [
        line.key.removeprefix(head) for line in lines if line.key.startswith(head) and not line.shown_value
    ]
    return [key for key in empty if key not in common]


def _how_to_set(session: Session, status: SourceStatus, unset: Sequence[str]) -> str:
    if status.state is not SourceState.NOT_CONFIGURED or not unset:
        return ""
    path = session.settings.path or config_path()
    variables = " or ".join(variable(status.name, key) for key in unset)
    keys = " or ".join(unset)
    return f"set {keys} under [sources.{status.name}] in {path}, or the variable {variables}"


async def _connections(
    engine: DownloadEngine, findings: list[Finding], ready: Sequence[str]
) -> list[Finding]:
    looks = await engine.examine(ready) if ready else {}
    return [one for finding in findings for one in _looked_at(finding, looks.get(finding.subject, ()))]


def _looked_at(finding: Finding, checks: Sequence[Check]) -> list[Finding]:
    """What stands for a source after a look at it: one line while all is well, else one for each problem."""
    bad = [check for check in checks if not check.ok]
    if not checks or finding.verdict is not Verdict.OK:
        return [finding]
    if not bad:
        return [evolve(finding, what="; ".join([finding.what, *(_shown(check) for check in checks)]))]
    return [
        evolve(
            finding,
            verdict=Verdict.PROBLEM,
            what=_shown(check),
            fix=check.hint or LOOK_AT,
            exit_code=Exit.FAILED,
        )
        for check in bad
    ]


def _shown(check: Check) -> str:
    if check.name == "connection":
        return check.detail
    return f"{check.name}: {check.detail}" if check.detail else check.name


def _strange(sentence: str) -> Finding:
    fix = "correct the name, or install that source"
    return Finding(
        subject="settings", verdict=Verdict.PROBLEM, what=sentence, fix=fix, exit_code=Exit.SETTINGS
    )


def _none() -> Finding:
    return Finding(
        subject="sources",
        verdict=Verdict.PROBLEM,
        what="no source is installed",
        fix="install one, e.g. pip install cratedig-archive",
        exit_code=Exit.SOURCE,
    )
