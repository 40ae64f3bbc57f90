"""Searching: all at once, each with its own outcome; nothing that a source answers is taken on trust."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import pytest
from core.tests.fakes import Fake, forever, raising, result, running, until
from core.tests.turned import Clock

from cratedig import (
    AuthenticationFailed,
    Kind,
    NotConfigured,
    NotFound,
    Quality,
    QualityPreference,
    RateLimited,
    RateLimits,
    SearchReport,
    SearchStatus,
    Unavailable,
    UnexpectedResponse,
    Wanted,
    hookimpl,
)
from cratedig._search.cache import MAX_ENTRIES, Cache

FLAC = Quality(codec="flac", bit_depth=16, sample_rate=44100)
MP3 = Quality(codec="mp3", bitrate=128)


def _answering(*answers: Any) -> Any:
    """A search that gives one answer after the other; an exception is raised; the last one stays."""
    left = list(answers)

    async def search(*_: Any) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return search


def _search(*sources: Fake, wish: str | Wanted = "song", again: int = 0, **options: Any) -> SearchReport:
    async def main() -> SearchReport:
        engine_settings = {"retries": 2, **options.pop("engine", {})}
        async with running(*sources, engine=engine_settings) as engine:
            for _ in range(again):
                await engine.search(wish, **options)
            return await engine.search(wish, **options)

    return asyncio.run(main())


def test_each_source_has_an_outcome() -> None:
    """Ok, empty, skipped and failed, with count, time, query and reason."""
    report = _search(
        Fake("good"),
        Fake("empty", search=_answering([])),
        Fake("broken", search=raising(NotFound("no such page", hint="ask again later"))),
        Fake("albums", delivers={Kind.ALBUM}),
    )
    outcomes = report.outcomes
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "good": SearchStatus.OK,
        "empty": SearchStatus.EMPTY,
        "broken": SearchStatus.FAILED,
        "albums": SearchStatus.SKIPPED,
    }
    assert (outcomes["good"].count, outcomes["good"].queries) == (1, ("song",))
    broken = outcomes["broken"]
    assert (broken.code, broken.reason, broken.hint) == ("not-found", "no such page", "ask again later")
    assert "albums only" in outcomes["albums"].reason
    assert report.failures == (broken,)
    assert all(outcome.took >= 0 for outcome in outcomes.values())


def test_a_report_is_its_results() -> None:
    """It iterates over them, best first, has their number and is true when there is any."""
    report = _search(Fake("good"))
    assert list(report) == list(report.results)
    assert (len(report), bool(report), report.wanted) == (1, True, Wanted(text="song"))
    assert not _search(Fake("empty", search=_answering([])))


def test_they_are_asked_at_once() -> None:
    """None of eight sources answers before all of them have been asked."""
    asked = 0

    async def waits_for_the_others(*_: Any) -> Any:
        nonlocal asked
        asked += 1
        await until(lambda: asked == 8)
        return [result()]

    report = _search(*(Fake(f"s{number}", search=waits_for_the_others) for number in range(8)))
    assert all(outcome.status is SearchStatus.OK for outcome in report.outcomes.values())


def test_at_the_deadline_what_has_come_is_there() -> None:
    """Who has not answered by then is told, and its search is ended."""
    ended: list[str] = []

    async def endless(query: str, _wanted: Wanted) -> Any:
        try:
            await forever()
        finally:
            ended.append(query)

    report = _search(Fake("good"), Fake("late", search=endless), timeout=3.0)
    assert [found.source for found in report] == ["good"]
    assert report.outcomes["late"].status is SearchStatus.FAILED
    assert "no answer within 3 s" in report.outcomes["late"].reason
    assert ended == ["song"]


def test_a_source_has_its_own_deadline() -> None:
    """One call of `search_raw` ends after the source's own time-out, whatever the host's patience is."""
    report = _search(Fake("late", search=forever, search_timeout=0.2), timeout=10, engine={"retries": 0})
    assert "no answer within 0.2 s" in report.outcomes["late"].reason
    assert report.outcomes["late"].code == "unavailable"


def test_what_may_pass_is_asked_again_and_what_will_not_is_not() -> None:
    """An outage is; a missing page and a changed protocol are not."""
    for error, calls in ((Unavailable("down"), 2), (NotFound("no"), 1), (UnexpectedResponse("what?"), 1)):
        source = Fake(search=_answering(error, [result()]))
        report = _search(source)
        assert len(source.asked("search")) == calls
        assert bool(report) is (calls == 2)


def test_an_expired_login_is_renewed_once() -> None:
    """One reload, one more try; then the failure is told."""
    source = Fake(search=_answering(AuthenticationFailed("expired"), [result()]))
    assert _search(source)
    assert source.reloads == 1
    refused = Fake(search=raising(AuthenticationFailed("wrong key")))
    assert _search(refused).outcomes["fake"].code == "authentication-failed"
    assert (refused.reloads, len(refused.asked("search"))) == (1, 2)


def test_slowing_down_is_waited_for_when_that_is_short() -> None:
    """A pause of a moment costs that moment, not the search."""
    source = Fake(search=_answering(RateLimited("slow down", 0.2), [result()]))
    started = time.perf_counter()
    assert _search(source)
    assert time.perf_counter() - started > 0.2


def test_the_same_search_is_answered_from_the_cache() -> None:
    """Results and emptiness are kept for a while, failures never."""
    for answer, calls in (([result()], 1), ([], 1), (NotFound("no"), 3)):
        source = Fake(search=_answering(answer))
        report = _search(source, wish="x", again=2, engine={"search_cache_ttl": 60.0})
        assert len(source.asked("search")) == calls
        if calls == 1:
            assert report.outcomes["fake"].status is SearchStatus.CACHED


def test_a_cache_forgets_what_is_old_and_what_is_too_much() -> None:
    """Time and number bound it."""
    clock = Clock()
    cache: Cache[int] = Cache(60.0, clock=clock.monotonic)
    for number in range(MAX_ENTRIES + 10):
        cache.put(number, number)
    assert (cache.get(0), cache.get(MAX_ENTRIES)) == (None, MAX_ENTRIES)
    clock.turn(59.0)
    assert cache.get(MAX_ENTRIES) == MAX_ENTRIES
    clock.turn(2.0)
    assert cache.get(MAX_ENTRIES) is None
    nothing: Cache[int] = Cache(0)
    nothing.put("a", 1)
    assert nothing.get("a") is None


def test_new_settings_forget_old_answers() -> None:
    """After `reload_settings` the source is asked again."""
    source = Fake()

    async def main() -> None:
        async with running(source, engine={"search_cache_ttl": 60.0}) as engine:
            await engine.search("song")
            await engine.reload_settings("fake")
            await engine.search("song")

    asyncio.run(main())
    assert len(source.asked("search")) == 2


def test_shorter_queries_are_tried_until_there_is_something() -> None:
    """The outcome tells all queries that were asked."""

    async def picky(query: str, _wanted: Wanted) -> Any:
        return [result()] if len(query.split()) <= 2 else []

    source = Fake(search=picky)
    wish = Wanted(artist="Artist", title="Song (feat. Somebody Else) [Remastered 2011]")
    outcome = _search(source, wish=wish).outcomes["fake"]
    assert outcome.status is SearchStatus.OK
    assert outcome.queries == tuple(source.asked("search"))
    assert outcome.queries[-1] == "Artist Song"
    assert 2 <= len(outcome.queries) <= 4


class Laddered(Fake):
    """Brings shorter queries of its own."""

    rungs: Any = ("one", "two", "two", "", "three", "four", "five")

    @hookimpl
    def query_ladder(self, query: str) -> Iterable[str]:
        """Whatever the test says."""
        rungs: Iterable[str] = self.rungs
        return rungs


def test_a_sources_own_ladder_takes_the_place_of_the_engines() -> None:
    """In its order, without doubles and empty ones, and not without end."""
    source = Laddered(search=_answering([]))
    outcome = _search(source, wish=Wanted(artist="Artist", title="Song (Live)")).outcomes["fake"]
    assert outcome.queries == ("Artist Song (Live)", "one", "two", "three")


def test_a_ladder_that_is_no_ladder_is_the_plugins_bug() -> None:
    """The outcome says so; the search does not break."""

    class Broken(Laddered):
        rungs = 3

    outcome = _search(Broken(search=_answering([]))).outcomes["fake"]
    assert (outcome.status, outcome.code) == (SearchStatus.FAILED, "source-bug")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "returned NoneType, expected a list"),
        ("text", "returned str, expected a list"),
        ({"a": 1}, "returned dict, expected a list"),
        (iter([]), "returned list_iterator, expected a list"),
        ([None], "NoneType where a RawSearchResult is expected"),
        ([{"title": "x"}], "dict where a RawSearchResult is expected"),
    ],
)
def test_an_answer_that_is_no_list_of_results_is_refused(answer: object, said: str) -> None:
    """The reason names what came and what was expected."""
    outcome = _search(Fake(search=_answering(answer))).outcomes["fake"]
    assert (outcome.status, outcome.code) == (SearchStatus.FAILED, "unexpected-response")
    assert said in outcome.reason


def test_single_bad_results_are_dropped_and_told() -> None:
    """The good ones stay; doubles and what is too heavy go; `problems` says why."""
    answer = [result("1"), None, result("1"), result("2", extra={"x": "y" * 20_000}), result("3")]
    report = _search(Fake(search=_answering(answer)))
    outcome = report.outcomes["fake"]
    assert outcome.count == 2
    told = "\n".join(outcome.problems)
    assert "NoneType where a RawSearchResult" in told
    assert "the same target twice" in told
    assert "extra: more than 16384 characters" in told


def test_a_thousand_results_are_looked_at_and_no_more() -> None:
    """The outcome says how many there were."""
    answer = [result(str(number), title=f"Song {number}") for number in range(1500)]
    outcome = _search(Fake(search=_answering(answer))).outcomes["fake"]
    assert outcome.count == 1000
    assert "1500 results, only the first 1000 were looked at" in outcome.problems


def test_extra_is_kept_as_plain_json() -> None:
    """What is not JSON becomes text; what is nested without end is refused, not followed."""
    endless: list[Any] = []
    endless.append(endless)
    answer = [result("1", extra={"when": 1 + 2j, "list": (1, 2)}), result("2", extra={"loop": endless})]
    report = _search(Fake(search=_answering(answer)))
    assert report.results[0].extra == {"when": "(1+2j)", "list": [1, 2]}
    assert report.outcomes["fake"].count == 1


def test_only_welcome_qualities_are_results() -> None:
    """What is below the floor is left out; the outcome still counts it."""
    answer = [result("1", quality=MP3), result("2", title="Other", quality=FLAC)]
    report = _search(Fake(search=_answering(answer)), quality=QualityPreference(floor=FLAC))
    assert [found.target_id for found in report] == ["2"]
    assert report.outcomes["fake"].count == 2


def test_the_same_recording_at_several_sources_is_one_result_with_alternates() -> None:
    """The better quality leads, the others are its alternates."""
    same: dict[str, Any] = {"title": "Blue Lamp", "artist": "The Paper Cranes", "duration": 200.0}
    wish = Wanted(**same)
    report = _search(
        Fake("low", search=_answering([result("1", **same, quality=MP3)])),
        Fake("high", search=_answering([result("2", **same, quality=FLAC)])),
        Fake("other", search=_answering([result("3", title="Elsewhere", artist="Nobody", duration=90.0)])),
        wish=wish,
    )
    first = report.results[0]
    assert (first.source, [other.source for other in first.alternates]) == ("high", ["low"])
    assert [found.source for found in report] == ["high", "other"]
    assert first.score > report.results[1].score


def test_a_chain_stops_at_the_first_source_that_has_something() -> None:
    """The report has an outcome for each that was asked, and none for the rest."""
    sources = [
        Fake("down", search=raising(Unavailable("down"))),
        Fake("empty", search=_answering([])),
        Fake("good"),
        Fake("never"),
    ]

    async def main() -> SearchReport:
        async with running(*sources, engine={"retries": 0}) as engine:
            return await engine.search_with_fallback("song", [source.name for source in sources])

    report = asyncio.run(main())
    assert [found.source for found in report] == ["good"]
    assert list(report.outcomes) == ["down", "empty", "good"]
    assert sources[-1].calls == []


def test_searches_at_one_source_are_bounded() -> None:
    """No more are under way than the source allows."""
    most = now = 0

    async def counted(*_: Any) -> Any:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        return []

    async def main() -> None:
        async with running(Fake(search=counted, limits=RateLimits(concurrent_searches=3))) as engine:
            await asyncio.gather(*(engine.search(f"s{number}") for number in range(12)))

    asyncio.run(main())
    assert most == 3


def test_a_source_that_is_not_configured_is_not_asked_by_default_and_says_why_when_named() -> None:
    """It is left out of a search over all; asked for by name, the outcome tells."""

    class Unset(Fake):
        @hookimpl
        def is_configured(self) -> bool:
            return False

    source = Unset("unset")
    assert list(_search(source, Fake("good")).outcomes) == ["good"]
    outcome = _search(source, sources=["unset"]).outcomes["unset"]
    assert (outcome.status, outcome.code) == (SearchStatus.SKIPPED, NotConfigured.code)
    assert outcome.reason
    assert source.calls == []


def test_a_bug_of_a_plugin_is_in_the_log_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """And in the outcome with its type."""
    outcome = _search(Fake(search=raising(ZeroDivisionError("oops")))).outcomes["fake"]
    assert (outcome.code, "ZeroDivisionError" in outcome.reason) == ("source-bug", True)
    assert "fakes.py" in caplog.text
