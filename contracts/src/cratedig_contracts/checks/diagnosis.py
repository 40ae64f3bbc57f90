"""What it says of the program or service that it talks to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from cratedig import Check
from cratedig_contracts.call import Call
from cratedig_contracts.checks.given import Given
from cratedig_contracts.checks.secrets import secret_settings
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.rig import Rig, Session
from cratedig_contracts.secrecy import leaks


class DiagnosisChecks(Given):
    """Of what is right and what is not, with a way out and without a secret."""

    def test_diagnose_checks(
        self,
        rig: Rig,
        faults: Any,
        program: Any,
        secrets: Iterable[str],
        planted: Mapping[str, Any],
    ) -> None:
        """Everything is well with a service that works; what is not well comes with a hint, never raised."""
        names = secret_settings(rig)
        made_up = {**{name: f"planted-{uuid4().hex}" for name in names}, **planted}
        usual = _looked(rig, rig.settings)
        for check in usual:
            demand(check.ok, f"with a service that works, {check.name!r} is not ok: {check.detail}")
        told: list[object] = [*usual, _told(rig, {**rig.settings, **made_up})]
        for plant, heal in outages(faults, program):
            plant()
            try:
                found = _looked(rig, rig.settings)
            finally:
                heal()
            wrong = [check for check in found if not check.ok]
            demand(wrong, "with the service down, every check is ok: look at it anew each time")
            helpless = [check.name for check in wrong if not check.hint]
            demand(not helpless, f"{', '.join(helpless)}: a check that is not ok has a hint what to do")
            told += found
        own = [str(rig.settings[name]) for name in names if rig.settings.get(name)]
        leaked = leaks([*own, *made_up.values(), *secrets], {"a check of diagnose_raw": told})
        demand(not leaked, f"a secret can be read in {'; '.join(leaked[:3])}")


def outages(faults: Any, program: Any) -> list[tuple[Any, Any]]:
    """The ways in which service and program can be down, each with its way back."""
    found = []
    if hasattr(program, "away") and hasattr(program, "back"):
        found.append((program.away, program.back))
    if hasattr(faults, "status") and hasattr(faults, "clear"):
        found.append((lambda: faults.status(503), faults.clear))
    return found


def _told(rig: Rig, settings: Mapping[str, Any]) -> object:
    """What a person gets to read, whatever the source makes of these settings."""

    async def use(session: Session) -> object:
        return await session.engine.examine([session.name])

    return rig.run(use, tree=rig.tree(settings))


def _looked(rig: Rig, settings: Mapping[str, Any]) -> list[Check]:
    async def use(session: Session) -> list[Call]:
        if not hasattr(session.spy.source, "diagnose_raw"):
            leave("there is no diagnose_raw: the one check is check_connection")
        await session.engine.examine([session.name])
        return session.spy.of("diagnose_raw")

    calls = rig.run(use, tree=rig.tree(settings))
    demand(calls, "diagnose_raw was not called")
    error, found = calls[0].error, calls[0].result
    demand(error is None, f"diagnose_raw raises {error!r}: what is wrong is a Check that is not ok")
    sound = isinstance(found, list) and all(isinstance(one, Check) for one in found)
    demand(sound and found, f"diagnose_raw returns {found!r:.200}, expected a list of at least one Check")
    return list(found)
