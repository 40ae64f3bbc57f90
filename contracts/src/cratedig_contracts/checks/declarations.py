"""What an author declares has to stay true."""

from __future__ import annotations

from datetime import UTC, datetime

from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand

PREFIX = "test_"


def checks_of(contract: type) -> dict[str, str]:
    """Name and fact of every check of a contract, in their order."""
    methods = [name for base in contract.__mro__ for name in vars(base) if name.startswith(PREFIX)]
    return {
        name.removeprefix(PREFIX): (getattr(contract, name).__doc__ or "").strip().partition("\n")[0]
        for name in dict.fromkeys(methods)
    }


class DeclarationChecks(Given):
    """Deviations name a check that exists, once, and are looked at again in time."""

    def test_declarations(self) -> None:
        """Every deviation names a check of the kit, and its day has not passed."""
        known, today = checks_of(type(self)), datetime.now(UTC).date()
        unknown = [one.check for one in self.exceptions if one.check not in known]
        demand(not unknown, f"there is no such check: {', '.join(unknown)}")
        names = [one.check for one in self.exceptions]
        demand(len(names) == len(set(names)), "a check is declared twice")
        late = [f"{one.check} ({one.expires})" for one in self.exceptions if one.expires < today]
        demand(not late, f"to be looked at again: {', '.join(late)}")
