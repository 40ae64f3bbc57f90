"""What it answers to a search."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cratedig import RawSearchResult, SearchOutcome, SearchStatus, SourceBug
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.rig import Rig, Session, went_well

_PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60)
_NASTY = st.sampled_from(
    (
        "[",
        "(unclosed",
        '"',
        "'; DROP TABLE tracks; --",
        "title:* AND NOT",
        "a\\",
        "%s%n{0}{",
        "../../etc/passwd",
        "#?&=/",
        "-",
        "*",
        "x" * 3000,
        "\x07\x1b[31m\x7f",
        "line\nbreak\r\nX-Planted: header",
    )
)
HOSTILE = (_NASTY | _PRINTABLE).filter(str.strip)
FOREIGN = ("Größe früh", "夜に駆ける", "مرحبا", "Ѽ é é", "🎺 \u200f\u202e", "ﬁ ŉ ǆ")
EXAMPLES = 14


class SearchChecks(Given):
    """Valid, stable, empty where there is nothing, and not to be shaken by strange words."""

    def test_search_results(self, rig: Rig) -> None:
        """The query has results, every one of them is valid and of a kind that the source claims."""
        demand(self.query, "the contract class has no query: set `query` to something that has results")

        async def use(session: Session) -> tuple[SearchOutcome, list[Any], Any]:
            _, outcome = await session.search()
            return outcome, [call.result for call in session.spy.of("search_raw")], session.spy.info

        outcome, answers, info = rig.run(use)
        demand(
            outcome.status is SearchStatus.OK, f"the query has no result: {outcome.status}, {outcome.reason}"
        )
        demand(not outcome.problems, f"results were dropped: {'; '.join(outcome.problems)}")
        results = [result for answer in answers for result in answer]
        demand(all(isinstance(one, RawSearchResult) for one in results), "search_raw lists RawSearchResults")
        strange = {str(one.kind) for one in results} - {str(kind) for kind in info.delivers}
        demand(not strange, f"it finds {', '.join(strange)}s, which source_info does not claim to deliver")
        self._demand_expected(results)

    def _demand_expected(self, results: list[RawSearchResult]) -> None:
        title, artist = self.expected.title.casefold(), self.expected.artist.casefold()
        fitting = [
            one for one in results if title in one.title.casefold() and artist in one.artist.casefold()
        ]
        found = ", ".join(f"{one.artist} - {one.title}" for one in results[:5])
        demand(fitting, f"{self.expected.artist} - {self.expected.title} is not among the results: {found}")

    def test_search_stable(self, rig: Rig) -> None:
        """The same query twice finds the same targets."""

        async def use(session: Session) -> list[set[str]]:
            return [{one.target_id for one in (await session.search())[0]} for _ in range(2)]

        first, second = rig.run(use)
        message = f"target ids change from search to search: {sorted(first)[:3]}, then {sorted(second)[:3]}"
        demand(first == second, message)

    def test_search_nothing(self, rig: Rig) -> None:
        """Where there is nothing, the answer is an empty list and not an error."""
        outcome = _asked(rig, self.missing_query)
        message = f"{self.missing_query!r} is {outcome.status} ({outcome.reason}), expected an empty list"
        demand(outcome.status is SearchStatus.EMPTY, message)

    def test_search_hostile(self, rig: Rig) -> None:
        """Whatever a person types is searched for, or found to be nothing."""

        async def use(session: Session) -> None:
            loop = asyncio.get_running_loop()

            @hypothesis_settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(query=HOSTILE)
            def ask(query: str) -> None:
                future = asyncio.run_coroutine_threadsafe(session.search(query), loop)
                _demand_no_bug(query, future.result()[1])

            await asyncio.to_thread(ask)

        rig.run(use)

    def test_search_unicode(self, rig: Rig) -> None:
        """Words of any script are searched for."""

        async def use(session: Session) -> list[SearchOutcome]:
            return [(await session.search(query))[1] for query in FOREIGN]

        for query, outcome in zip(FOREIGN, rig.run(use), strict=True):
            _demand_no_bug(query, outcome)


def _asked(rig: Rig, query: str) -> SearchOutcome:
    async def use(session: Session) -> SearchOutcome:
        return (await session.search(query))[1]

    outcome = rig.run(use)
    if outcome.status is SearchStatus.SKIPPED:
        leave(f"the source is not asked: {outcome.reason}")
    return outcome


def _demand_no_bug(query: str, outcome: SearchOutcome) -> None:
    sound = went_well(outcome) or outcome.code != SourceBug.code
    demand(sound, f"the query {query[:80]!r} makes it fail: {outcome.reason}")
