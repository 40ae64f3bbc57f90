"""A probe of the connection treats an expired login as a search does: one reload, then the verdict."""

from __future__ import annotations

import asyncio

import pytest
from core.tests.fakes import Fake, running

from cratedig import AuthenticationFailed, hookimpl


class Expired(Fake):
    """Its login works after so many reloads."""

    needs = 1

    @hookimpl
    async def check_connection(self) -> bool:
        """Refused until then."""
        if self.reloads < self.needs:
            raise AuthenticationFailed("the login has expired")
        return True


@pytest.mark.parametrize(("needs", "good"), [(0, True), (1, True), (2, False)])
def test_one_reload_before_a_login_is_called_dead(needs: int, good: bool) -> None:
    """A login that a reload renews is a good one; there is no second reload."""
    source = Expired()
    source.needs = needs

    async def main() -> str:
        async with running(source) as engine:
            return (await engine.diagnose(["fake"]))["fake"]

    problem = asyncio.run(main())
    assert (problem == "") is good
    assert good or "the login has expired" in problem
    assert source.reloads == min(needs, 1)
