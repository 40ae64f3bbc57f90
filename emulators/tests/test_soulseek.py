"""The emulated slskd answers as the protocol has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from cratedig_contracts.patience import blocking_until
from cratedig_emulators.soulseek import Script, SlskdEmulator
from cratedig_emulators.soulseek.downloading import transfer_path
from cratedig_emulators.soulseek.program import API

PATH = "@@abcde\\Music\\The Brass Lanterns\\Slow Tram Home (2021)\\02 - Copper Rain.flac"


@pytest.fixture
def slskd(tmp_path: Path) -> Iterator[SlskdEmulator]:
    with SlskdEmulator(folder=tmp_path, there="/app").prepare() as service:
        yield service
    assert service.errors == []


def ask(slskd: SlskdEmulator, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON of an answer; with the key, unless there are other headers."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{slskd.base_url}{API}{path}", data=data, method=method)
    for name, value in (headers or {"X-API-Key": slskd.api_key}).items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urlopen(request) as answer:
            return answer.status, _json(answer.read())
    except HTTPError as error:
        return error.code, _json(error.read())


def _json(body: bytes) -> Any:
    return json.loads(body) if body else None


def until(true: Callable[[], object]) -> None:
    """Wait for something to become true."""
    assert blocking_until(true, 30), "it did not come about in time"


def enqueue(slskd: SlskdEmulator, **more: Any) -> tuple[int, Any]:
    """Begin a batch of one file."""
    body = {
        "id": str(uuid4()),
        "username": "peer one",
        "files": [{"filename": PATH, "size": size(slskd)}],
        "options": {"destination": "engine/job"},
        **more,
    }
    return ask(slskd, "POST", "/transfers/downloads/batches", body)


def size(slskd: SlskdEmulator) -> int:
    file = slskd.people["peer one"].find(PATH)
    assert file is not None
    return len(file.data())


def state(slskd: SlskdEmulator) -> str:
    return slskd.transfers()[-1].state


def test_nobody_gets_in_without_a_login(slskd: SlskdEmulator) -> None:
    """An empty 401, but for the two addresses that are open; a token does as well as a key."""
    assert ask(slskd, "GET", "/application", X_API_Key="wrong") == (401, None)
    assert ask(slskd, "GET", "/session/enabled", X_API_Key="wrong") == (200, True)
    assert ask(slskd, "POST", "/session", {"username": "me"})[0] == 400
    assert ask(slskd, "POST", "/session", {"username": "me", "password": "x"})[0] == 401
    login = {"username": slskd.username, "password": slskd.password}
    token = ask(slskd, "POST", "/session", login)[1]["token"]
    assert ask(slskd, "GET", "/session", Authorization=f"Bearer {token}")[0] == 200
    assert ask(slskd, "GET", "/application/version") == (200, "0.26.0")


def test_search_shows_nothing_until_it_has_ended(slskd: SlskdEmulator) -> None:
    """Its counts move; the responses come at the end; PUT ends it, DELETE forgets it."""
    slskd.searches.seconds = 60
    search_id = str(uuid4())
    status, shown = ask(slskd, "POST", "/searches", {"id": search_id, "searchText": "Copper rain -320"})
    assert (status, shown["id"], shown["isComplete"]) == (200, search_id, False)
    until(lambda: ask(slskd, "GET", f"/searches/{search_id}")[1]["responseCount"] == 2)
    assert ask(slskd, "GET", f"/searches/{search_id}/responses") == (200, [])
    assert ask(slskd, "PUT", f"/searches/{search_id}")[0] == 200
    shown = ask(slskd, "GET", f"/searches/{search_id}?includeResponses=true")[1]
    assert (shown["state"], len(shown["responses"])) == ("Completed, Cancelled", 2)
    file = ask(slskd, "GET", f"/searches/{search_id}/responses")[1][0]["files"][0]
    assert (file["filename"], file["extension"], file["bitDepth"]) == (PATH, "", 16)
    assert ask(slskd, "DELETE", f"/searches/{search_id}")[0] == 204
    assert ask(slskd, "DELETE", f"/searches/{search_id}")[0] == 404
    assert ask(slskd, "PUT", f"/searches/{search_id}")[0] == 404


def test_search_is_refused_in_sentences(slskd: SlskdEmulator) -> None:
    """Blank is 400, two at once are 429, unconnected is 409; the bodies are texts."""
    assert ask(slskd, "POST", "/searches", {"searchText": " "})[0] == 400
    slskd.call_time = 0.5
    other = Thread(target=ask, args=(slskd, "POST", "/searches", {"searchText": "x y"}))
    other.start()
    until(lambda: slskd.log.active)
    status, said = ask(slskd, "POST", "/searches", {"searchText": "moth season"})
    assert (status, said[:8]) == (429, "Only one")
    other.join()
    slskd.connected = False
    assert ask(slskd, "POST", "/searches", {"searchText": "x y"})[0] == 409


def test_transfer_walks_its_states_and_the_file_lands(slskd: SlskdEmulator) -> None:
    """Succeeded comes before the file is in its place, the event after."""
    slskd.script(Script(move_delay=0.3))
    status, body = enqueue(slskd)
    assert (status, body["failures"], len(body["batch"]["transfers"])) == (201, [], 1)
    until(lambda: state(slskd) == "Completed, Succeeded")
    target = slskd.folder / "downloads" / "engine" / "job" / "02 - Copper Rain.flac"
    assert not target.exists()
    until(lambda: slskd.events)
    assert target.stat().st_size == size(slskd)
    said = json.loads(ask(slskd, "GET", "/events")[1][0]["data"])
    assert said["localFilename"] == "/app/downloads/engine/job/02 - Copper Rain.flac"
    assert said["transfer"]["id"] == body["batch"]["transfers"][0]["id"]
    listed = ask(slskd, "GET", "/files/downloads/directories?recursive=true")[1]
    assert listed["directories"][0]["directories"][0]["files"][0]["length"] == size(slskd)


def test_enqueuing_is_answered_in_all_its_forms(slskd: SlskdEmulator) -> None:
    """207 and 200 for what is refused, 409 for a known batch, 404 for who is offline, 400 for rubbish."""
    slskd.script(Script(hang="InProgress"))
    batch = str(uuid4())
    assert enqueue(slskd, id=batch)[0] == 201
    assert enqueue(slskd, id=batch)[0] == 409
    status, body = enqueue(slskd)
    assert (status, body["failures"][0]["message"]) == (200, "Skipped: Already in progress")
    files = [{"filename": PATH, "size": 1}, {"filename": "other", "size": 1}]
    assert enqueue(slskd, files=files)[0] == 207
    assert enqueue(slskd, id="x")[0] == 400
    slskd.people["peer one"].online = False
    assert enqueue(slskd)[0] == 404
    slskd.connected = False
    assert enqueue(slskd)[0] == 500
    assert ask(slskd, "GET", f"/transfers/downloads/batches/{batch}")[1]["options"] == {
        "destination": "engine/job"
    }


def test_older_version(slskd: SlskdEmulator) -> None:
    """Batches are a user's name, the answer is empty, and every failure is 500."""
    slskd.old = slskd.quiet = True
    files = [{"filename": PATH, "size": size(slskd)}]
    address = transfer_path("peer one").removeprefix(API)
    assert enqueue(slskd)[0] == 400
    assert ask(slskd, "POST", address, files) == (201, None)
    assert "batchId" not in ask(slskd, "GET", address)[1]["directories"][0]["files"][0]
    assert ask(slskd, "POST", transfer_path("nobody").removeprefix(API), files)[0] == 500
    until(lambda: slskd.events)
    assert (slskd.folder / "downloads" / "Slow Tram Home (2021)" / "02 - Copper Rain.flac").exists()


def test_cancel_needs_a_second_call_to_remove(slskd: SlskdEmulator) -> None:
    """204 always; the record goes only after its end, and is there for who asks for removed ones."""
    slskd.script(Script(hang="Queued, Remotely", place=4))
    transfer_id = enqueue(slskd)[1]["batch"]["transfers"][0]["id"]
    until(lambda: state(slskd) == "Queued, Remotely")
    address = transfer_path("peer one", transfer_id).removeprefix(API)
    until(lambda: ask(slskd, "GET", f"{address}/position") == (200, 4))
    assert ask(slskd, "DELETE", f"{address}?remove=true")[0] == 204
    assert ask(slskd, "GET", address)[1]["state"] == "Completed, Cancelled"
    assert len(ask(slskd, "GET", "/transfers/downloads")[1]) == 1
    assert ask(slskd, "DELETE", f"{address}?remove=true")[0] == 204
    assert ask(slskd, "GET", "/transfers/downloads")[1] == []
    assert len(ask(slskd, "GET", "/transfers/downloads?includeRemoved=true")[1]) == 1
    assert ask(slskd, "DELETE", transfer_path("x", str(uuid4())).removeprefix(API))[0] == 204
    assert ask(slskd, "DELETE", transfer_path("x", "y").removeprefix(API))[0] == 400


@pytest.mark.parametrize("end", ["Rejected", "Aborted", "Errored", "TimedOut", "Cancelled"])
def test_scripted_end(slskd: SlskdEmulator, end: str) -> None:
    """Each ends as it is told to, with a sentence; what may pass is tried three times first."""
    slskd.script(Script(end=end))
    enqueue(slskd)
    until(lambda: not slskd.transfers()[0].alive)
    (one,) = slskd.transfers()
    assert (one.state, bool(one.exception)) == (f"Completed, {end}", True)
    assert one.attempts == (3 if end in {"Errored", "TimedOut"} else 1)


@pytest.mark.parametrize("forgets", [True, False])
def test_restart(slskd: SlskdEmulator, forgets: bool) -> None:
    """What was under way has failed, or is not known any more."""
    slskd.forgets = forgets
    slskd.script(Script(hang="InProgress"))
    enqueue(slskd)
    until(lambda: state(slskd) == "InProgress")
    slskd.restart()
    assert [one.state for one in slskd.transfers()] == ([] if forgets else ["Completed, Errored"])


def test_a_name_that_is_taken_gets_a_stamp(slskd: SlskdEmulator) -> None:
    """The file that is there stays as it is."""
    target = slskd.folder / "downloads" / "engine" / "job" / "02 - Copper Rain.flac"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"there")
    enqueue(slskd)
    until(lambda: slskd.events)
    (stamped,) = [path for path in target.parent.iterdir() if path != target]
    assert stamped.name.startswith("02 - Copper Rain_6389")
    assert target.read_bytes() == b"there"


def test_people(slskd: SlskdEmulator) -> None:
    """Their state, and the files of a folder by their bare names."""
    folder = {"directory": PATH.rpartition("\\")[0]}
    (listed,) = ask(slskd, "POST", "/users/peer%20one/directory", folder)[1]
    assert listed["files"][1]["filename"] == "02 - Copper Rain.flac"
    assert ask(slskd, "GET", "/users/peer%20one/status")[1]["presence"] == "Online"
    assert ask(slskd, "GET", "/users/peer%20one/info")[1]["hasFreeUploadSlot"] is True
    assert ask(slskd, "GET", "/users/nobody/status")[0] == 404
    assert ask(slskd, "GET", "/server")[1]["isLoggedIn"] is True
    assert ask(slskd, "GET", "/options")[1]["directories"]["downloads"] == "/app/downloads"
