"""A download through slskd: enqueued once, followed by one request, taken over when it is whole."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve

from cratedig import DownloadEngine, DownloadState
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.playing import play
from cratedig_emulators.server import Fault
from cratedig_emulators.soulseek import Peer, Script, shared
from cratedig_soulseek.targets import Target

LIST = "/api/v0/transfers/downloads"
TRACK = next(track for track in DEFAULT if track.title == "Copper Rain")
COPPER = "@@abcde\\Music\\The Brass Lanterns\\Slow Tram Home (2021)\\02 - Copper Rain.flac"


def enqueued(service: Any) -> list[Any]:
    """The bodies of all calls that enqueue."""
    return [json.loads(seen.body) for seen in service.log.all(f"{LIST}/*") if seen.method == "POST"]


def test_life_of_a_download(bench: Any) -> None:
    """Found, enqueued with its size into a folder of its own, received, verified, published, tidied up."""

    async def use(engine: DownloadEngine) -> Any:
        found = (await engine.search("The Brass Lanterns Copper Rain", sources=["soulseek"])).results[0]
        return await engine.wait(await bench.begin(engine, found))

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert bench.left() == [bench.music / "The Brass Lanterns - Copper Rain.flac"]
    assert play(done.file_path).seconds == pytest.approx(16.0, abs=0.1)
    assert str(done.quality_got) == "FLAC 16/44.1"
    (body,) = enqueued(bench.service)
    assert body["files"] == [{"filename": COPPER, "size": done.size}]
    assert body["options"]["destination"] == f"cratedig/{body['id']}"
    assert bench.settled()
    assert (bench.left_there(), bench.records()) == ([], [])


def test_place_in_the_queue_is_shown(bench: Any) -> None:
    """What is queued remotely says where, and goes on saying so as it comes nearer."""
    bench.service.script(Script(hang="Queued, Remotely", place=12))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        first = await bench.seen(engine, job, "place 12 in the queue of peer one")
        bench.service.script(Script(hang="Queued, Remotely", place=3))
        await bench.seen(engine, job, "place 3 in the queue of peer one")
        bench.service.unscript()
        return first, await engine.wait(job)

    first, done = bench(use)
    assert (first.state, first.transferred) == (DownloadState.IN_PROGRESS, 0)
    assert done.state is DownloadState.COMPLETED


def test_place_is_asked_for_where_the_list_has_none(bench: Any) -> None:
    """Some versions tell it only when asked for one transfer: that takes the place of a look at the list."""
    bench.service.script(Script(hang="Queued, Remotely", place=7))
    bench.service.list_places = False

    async def use(engine: DownloadEngine) -> None:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "place 7 in the queue of peer one")
        await engine.cancel_download(job)

    bench(use)
    asked = bench.service.log.all(f"{LIST}/*/position")
    assert 0 < len(asked) <= bench.looks()


@pytest.mark.parametrize(
    "user", ["a b  c", "sl/ash", "#hash?&=%20", "夜に駆ける", "dots..", "back\\slash", "'\"<>|", "+plus"]
)
def test_user_name_of_any_kind(bench: Any, user: str) -> None:
    """Blanks, slashes, hashes and every script go through addresses and back."""
    bench.service.plant(Peer(username=user, files=[shared("m\\Odd One.flac", TRACK)], queue_length=3))

    async def use(engine: DownloadEngine) -> Any:
        (found,) = (await engine.search("Odd One", sources=["soulseek"])).results
        return await engine.wait(await bench.begin(engine, found))

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert bench.settled()
    assert (bench.left_there(), bench.records()) == ([], [])


def test_same_file_name_from_two_peers(bench: Any) -> None:
    """Each gets his own bytes: slskd puts them into different folders."""
    other = evolve(TRACK, seconds=9.0)
    bench.service.plant(Peer(username="copycat", files=[shared(COPPER, other)]))

    async def use(engine: DownloadEngine) -> list[Any]:
        targets = [bench.target(user="peer one"), bench.target(user="copycat")]
        jobs = [await bench.begin(engine, target, folder=target[1][:4]) for target in targets]
        return [await engine.wait(job) for job in jobs]

    one, two = bench(use)
    assert [one.state, two.state] == [DownloadState.COMPLETED] * 2
    assert (round(one.files[0].duration), round(two.files[0].duration)) == (16, 9)


def test_success_is_believed_when_the_file_is_there(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between "Completed, Succeeded" and the move nothing is taken over, and nothing is given up."""
    monkeypatch.setattr("cratedig_soulseek.watching.SETTLED", 0.1)
    bench.service.script(Script(move_delay=None))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "slskd is moving it to its place")
        looks = bench.looks()
        await bench.until(lambda: bench.looks() > looks + 5)
        between = await engine.get_download_status(job)
        bench.land()
        return between, await engine.wait(job)

    between, done = bench(use)
    assert between.state is DownloadState.IN_PROGRESS
    assert done.state is DownloadState.COMPLETED
    assert len(done.attempts) == 1


def test_failure_that_slskd_tries_again_after_is_no_failure(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice "Completed, Errored" for a moment, then the bytes: one attempt, one call."""
    monkeypatch.setattr("cratedig_soulseek.watching.SETTLED", 60.0)
    bench.service.script(Script(flashes=2))
    done = bench.download()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(done.attempts) == 1
    assert len(enqueued(bench.service)) == 1


def test_file_that_was_taken_over_by_another_name(bench: Any) -> None:
    """Without batches a name that is taken gets a stamp; the file is found all the same, the other stays."""
    bench.service.old = True
    taken = bench.service.downloads.downloads / "Slow Tram Home (2021)" / "02 - Copper Rain.flac"
    taken.parent.mkdir()
    taken.write_bytes(b"somebody's")
    done = bench.download()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert taken.read_bytes() == b"somebody's"
    assert bench.settled()
    assert bench.left_there() == ["downloads/Slow Tram Home (2021)/02 - Copper Rain.flac"]


@pytest.mark.parametrize("quiet", [True, False])
@pytest.mark.parametrize("events", [True, False])
def test_older_slskd(bench: Any, quiet: bool, events: bool) -> None:
    """Without batches, with an empty answer, without events: by the name and the size it is found."""
    bench.service.old, bench.service.quiet = True, quiet
    if not events:
        bench.service.fault("/api/v0/events", Fault(status=404))
    done = bench.download()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert bench.settled()
    assert (bench.left_there(), bench.records()) == ([], [])


def test_second_download_of_an_older_slskd_asks_for_batches_no_more(bench: Any) -> None:
    """What the version can do is found out once."""
    bench.service.old = True

    async def use(engine: DownloadEngine) -> list[Any]:
        titles = ("Copper Rain", "Winter Timetable")
        return [await engine.wait(await bench.begin(engine, bench.target(title))) for title in titles]

    assert [done.state for done in bench(use)] == [DownloadState.COMPLETED] * 2
    assert bench.looks(f"{LIST}/batches") == 1


def test_lost_answer_does_not_start_it_twice(bench: Any) -> None:
    """Slskd has taken the batch, its answer was lost: the next try finds the job under way."""
    bench.service.lose_answers = 1
    bench.service.script(Script(share=0.05))
    done = bench.download(engine={"retries": 2})
    assert done.state is DownloadState.COMPLETED, done.detail
    assert bench.service.downloads.enqueued.total() == 1
    assert [attempt.code for attempt in done.attempts] == ["unavailable", ""]


@pytest.mark.parametrize("old", [True, False])
def test_what_somebody_has_started_at_slskd_is_joined(bench: Any, old: bool) -> None:
    """A transfer of slskd's own page is waited for, its file is copied, and it and its record stay."""
    bench.service.old = old
    size = len(bench.service.people["peer one"].find(COPPER).data())
    bench.service.script(Script(share=0.1))
    with bench.service.lock:
        bench.service.downloads.enqueue("peer one", [(COPPER, size)], None if old else str(uuid4()))
    done = bench.download()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert bench.service.downloads.enqueued.total() == 1
    if not old:  # an older version does not tell whose it is
        assert bench.settled(records=1)
        assert bench.left_there() == ["downloads/Slow Tram Home (2021)/02 - Copper Rain.flac"]


def test_same_target_twice_is_one_transfer(bench: Any) -> None:
    """Into two folders at once: slskd gets one job, both records get the file."""
    bench.service.script(Script(share=0.1))

    async def use(engine: DownloadEngine) -> list[Any]:
        jobs = [await bench.begin(engine, folder=name) for name in ("one", "other")]
        return await asyncio.gather(*map(engine.wait, jobs))

    done = bench(use)
    assert [one.state for one in done] == [DownloadState.COMPLETED] * 2, [one.detail for one in done]
    assert bench.service.downloads.enqueued.total() == 1
    assert bench.settled()
    assert (bench.left_there(), bench.records()) == ([], [])


def test_file_that_is_cut_off_is_no_success(bench: Any) -> None:
    """A file of another size than promised is refused, once more from zero, then for good."""
    bench.service.script(Script(kept=0.5))
    done = bench.download()
    assert (done.state, done.code) == (DownloadState.ERRORED, "corrupt-download")
    assert len(done.attempts) == 2
    assert bench.service.downloads.enqueued.total() == 2
    assert bench.left() == []


def test_wrong_folder_is_named(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download_dir that is not slskd's folder is an error about the setting, with how to prove it."""
    monkeypatch.setattr("cratedig_soulseek.watching.LANDED", 0.5)
    wrong = bench.folder / "elsewhere"
    wrong.mkdir()
    done = bench.download(download_dir=str(wrong), path_map={})
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-configured")
    assert str(wrong) in done.detail
    assert "cratedig doctor" in done.detail


def test_unreadable_options_leave_the_setting(bench: Any) -> None:
    """A key that may not read slskd's options is enough where download_dir is set."""
    bench.service.fault("/api/v0/options", Fault(status=403))
    assert bench.download().state is DownloadState.COMPLETED


def test_login_with_name_and_password(bench: Any) -> None:
    """A token in place of a key; when it has expired, another is asked for, in the middle of a download."""
    service = bench.service
    service.script(Script(hang="InProgress"))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "coming from peer one")
        service.tokens.clear()
        service.unscript()
        return await engine.wait(job)

    done = bench(use, api_key=None, username=service.username, password=service.password)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(service.log.all("/api/v0/session")) == 2


def test_slskd_without_a_login(bench: Any) -> None:
    """Where slskd asks for none, none is needed."""
    bench.service.authentication = False
    assert bench.download(api_key=None).state is DownloadState.COMPLETED


@pytest.mark.parametrize(
    "target_id",
    [
        "x",
        "a/b",
        "a/b/c",
        "a/0/c",
        "a/-1/c",
        "/1/c",
        "%00/1/c",
        "a/1/c\x00",
        "a/album/",
        "a/album//x",
    ],
)
def test_target_that_is_none(bench: Any, target_id: str) -> None:
    """It is not even asked for."""
    done = bench.download(("soulseek", target_id))
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
    assert enqueued(bench.service) == []


def test_file_that_the_peer_no_longer_has(bench: Any) -> None:
    """He says so himself."""
    target = Target(user="peer one", path="@@abcde\\Music\\gone.flac", size=5).text
    done = bench.download(("soulseek", target))
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
    assert "File not shared" in done.detail
