"""What nobody may read, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

import attrs

from cratedig import Secret, SourceInfo
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.rig import Rig, Session
from cratedig_contracts.secrecy import everything_logged, leaks


class SecretChecks(Given):
    """In logs, reports, records and messages."""

    def test_hygiene_secrets(
        self, rig: Rig, faults: object | None, secrets: Iterable[str], planted: Mapping[str, Any]
    ) -> None:
        """No secret can be read in a log, a report, a record or a message, whatever goes wrong."""
        status = getattr(faults, "status", None)
        clear = getattr(faults, "clear", lambda: None)
        names = secret_settings(rig)
        made_up = {**{name: f"planted-{uuid4().hex}" for name in names}, **planted}
        if not made_up and not list(secrets):
            leave("no setting is a secret")
        wrong = {**rig.settings, **made_up}
        plans = [(rig.settings, 0), (wrong, 0)] + [(wrong, code) for code in (401, 500) if status]
        for settings, code in plans:
            clear()
            told = _told(rig, settings, lambda code=code: code and status(code))  # type: ignore[misc]
            own = [str(settings[name]) for name in names if settings.get(name)]
            found = leaks([*own, *made_up.values(), *secrets], told)
            demand(not found, f"a secret can be read in {'; '.join(found[:3])}")


def _told(rig: Rig, settings: Mapping[str, Any], plant: Any) -> dict[str, object]:
    async def use(session: Session) -> list[object]:
        plant()
        target = session.target or "planted-target"
        report = await session.engine.search(session.query, sources=[session.name])
        record = await session.download(target)
        problems = await session.engine.diagnose([session.name])
        return [report, record, problems, session.engine.sources(), session.spy.source]

    with everything_logged() as logged:
        told = rig.run(use, tree=rig.tree(settings))
    return {"a log line": logged, "a report, a record or a message": told}


def secret_settings(rig: Rig) -> list[str]:
    """The names of the settings that are secrets."""

    async def use(session: Session) -> object:
        return session.spy.info

    info = rig.run(use)
    cls: Any = info.settings_class if isinstance(info, SourceInfo) else None
    fields = attrs.fields(attrs.resolve_types(cls)) if cls is not None else ()
    return [one.alias or one.name for one in fields if _is_secret(one.type)]


def _is_secret(kind: Any) -> bool:
    return kind is Secret or Secret in getattr(kind, "__args__", ())
