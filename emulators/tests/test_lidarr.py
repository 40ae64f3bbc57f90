"""The emulated Lidarr answers as its API has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cratedig_contracts.patience import blocking_until
from cratedig_emulators.lidarr import LidarrEmulator

ALBUM = "Field Recordings of Nowhere"
API = "/api/v1"


@pytest.fixture
def lidarr(tmp_path: Path) -> Iterator[LidarrEmulator]:
    with LidarrEmulator(folder=tmp_path, pace=0.02) as service:
        yield service
    assert service.errors == []


@pytest.fixture
def client(lidarr: LidarrEmulator) -> Iterator[httpx.Client]:
    headers = {"X-Api-Key": lidarr.api_key}
    with httpx.Client(
        base_url=f"{lidarr.base_url}{API}", headers=headers, trust_env=False, timeout=None
    ) as client:
        yield client


def until(ask: Callable[[], Any]) -> Any:
    """The first true answer."""
    found: list[Any] = []

    def answered() -> object:
        found.append(ask())
        return found[-1]

    assert blocking_until(answered, 30), "it did not come about in time"
    return found[-1]


def order(lidarr: LidarrEmulator, client: httpx.Client, **options: Any) -> dict[str, Any]:
    """What it takes to add the album."""
    (row,) = client.get("/album/lookup", params={"term": f"lidarr:{lidarr.foreign_id(ALBUM)}"}).json()
    wish = {"monitor": "none", "albumsToMonitor": [row["foreignAlbumId"]], **options}
    place = {"rootFolderPath": "/music", "qualityProfileId": 4, "metadataProfileId": 2, "addOptions": wish}
    return {**row, "monitored": True, "artist": {**row["artist"], **place}}


def added(lidarr: LidarrEmulator, client: httpx.Client, **options: Any) -> int:
    """The album's number, once its tracks are known."""
    answer = client.post("/album", json=order(lidarr, client, **options))
    assert answer.status_code == 201
    number: int = answer.json()["id"]
    until(lambda: client.get("/track", params={"albumId": number}).json())
    return number


def search(client: httpx.Client, number: int) -> dict[str, Any]:
    """Search for an album; the command when it has ended."""
    made = client.post("/command", json={"name": "AlbumSearch", "albumIds": [number]})
    assert made.status_code == 201
    address = f"/command/{made.json()['id']}"
    ended: dict[str, Any] = until(
        lambda: (found := client.get(address).json())["status"] not in {"queued", "started"} and found
    )
    return ended


def queued(client: httpx.Client, number: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/queue/details", params={"albumIds": number}).json()
    return rows


def test_three_forms_of_the_key(lidarr: LidarrEmulator) -> None:
    """Header, bearer, query; anything else is 401 with an empty body; a ping is for anybody."""
    with httpx.Client(base_url=lidarr.base_url, trust_env=False, timeout=None) as plain:
        path, key = f"{API}/system/status", lidarr.api_key
        for how in (
            {"headers": {"X-Api-Key": key}},
            {"headers": {"Authorization": f"Bearer {key}"}},
            {"params": {"apikey": key}},
        ):
            assert plain.get(path, **how).json()["appName"] == "Lidarr"  # type: ignore[arg-type]
        refused = plain.get(path, headers={"X-Api-Key": "other"})
        assert (refused.status_code, refused.content) == (401, b"")
        assert plain.get("/ping").json() == {"status": "OK"}


def test_a_look_up_knows_no_tracks(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """Words, ids, nothing for an id that is none; an id of the library only for what is in it."""
    (row,) = client.get("/album/lookup", params={"term": "kettle nowhere"}).json()
    assert "id" not in row
    assert row["releases"][0]["trackCount"] == 3
    assert "tracks" not in str(row)
    assert client.get("/album/lookup", params={"term": "mbid:nonsense"}).json() == []
    lidarr.add(ALBUM)
    assert client.get("/album/lookup", params={"term": "kettle nowhere"}).json()[0]["id"] == 7


def test_the_metadata_server_is_down(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """503 with a sentence."""
    lidarr.metadata_down = True
    answer = client.get("/album/lookup", params={"term": "x"})
    assert (answer.status_code, answer.json()["message"][:16]) == (503, "Search for 'x' f")


def test_adding_needs_an_artist_and_is_done_once(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """500 without; a list of errors with 400 for the second time, and for what Lidarr does not have."""
    body = order(lidarr, client)
    assert client.post("/album", json={**body, "artist": None}).status_code == 500
    wrong = client.post("/album", json={**body, "artist": {**body["artist"], "rootFolderPath": "/x"}})
    assert (wrong.status_code, wrong.json()[0]["propertyName"]) == (400, "RootFolderPath")
    assert client.post("/album", json=body).status_code == 201
    again = client.post("/album", json=body)
    assert (again.status_code, again.json()[0]["errorCode"]) == (400, "AlbumExistsValidator")


def test_tracks_are_known_a_moment_later(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """A search before that finds nothing."""
    lidarr.work.hold = "metadata"
    number = client.post("/album", json=order(lidarr, client)).json()["id"]
    assert client.get("/track", params={"albumId": number}).json() == []
    assert client.get(f"/album/{number}").json()["releases"] == []
    assert search(client, number)["message"] == "Album search completed. 0 reports downloaded."
    lidarr.work.hold = ""
    tracks = until(lambda: client.get("/track", params={"albumId": number}).json())
    assert [track["trackNumber"] for track in tracks] == ["1", "2", "3"]


def test_who_does_not_name_the_album_has_it_unmonitored(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """``monitor: none`` is applied after the artist's first scan, to all albums."""
    number = added(lidarr, client, albumsToMonitor=[])
    assert until(lambda: not client.get(f"/album/{number}").json()["monitored"])


def test_a_search_to_the_files(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """Command, queue, import, history; the record is gone at the end and real files are there."""
    number = added(lidarr, client)
    assert search(client, number)["message"].endswith("1 reports downloaded.")
    states = [row["trackedDownloadState"] for row in until(lambda: queued(client, number))]
    while rows := queued(client, number):
        states.append(rows[0]["trackedDownloadState"])
    assert list(dict.fromkeys(states))[-1] in {"importPending", "importing"}
    page = client.get("/history", params={"albumId": number, "sortDirection": "descending"}).json()
    assert page["records"][0]["eventType"] == "downloadImported"
    only = client.get("/history", params={"albumId": number, "eventType": 1}).json()["records"]
    assert [row["eventType"] for row in only] == ["grabbed"]
    found = client.get("/trackfile", params={"albumId": number}).json()
    assert found[0]["path"] == f"/music/Kettle & Moss/{ALBUM} (2016)/01 - Nowhere, Part One.flac"
    here = lidarr.folder / found[0]["path"].removeprefix("/music/")
    assert here.read_bytes().startswith(b"fLaC")
    assert here.stat().st_size == found[0]["size"]
    assert client.get("/trackfile").status_code == 400


def test_a_page_of_the_queue_has_ten(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """Others' records come first, so who asks for one page does not see their own."""
    lidarr.work.hold = "downloading"
    number = added(lidarr, client)
    search(client, number)
    until(lambda: queued(client, number))
    page = client.get("/queue").json()
    assert (len(page["records"]), page["totalRecords"]) == (10, 13)
    assert all(row["albumId"] != number for row in page["records"])
    assert client.get("/queue", params={"page": 2}).json()["records"][-1]["albumId"] == number


def test_removing_is_asked_for_in_detail(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """The client keeps what is not removed from it; a release that is blocked brings a new search."""
    lidarr.work.hold = "downloading"
    number = added(lidarr, client)
    search(client, number)
    (row,) = until(lambda: queued(client, number))
    client.delete(f"/queue/{row['id']}", params={"removeFromClient": "false"})
    assert len(lidarr.grabs()) == 1
    (row,) = until(lambda: queued(client, number))
    client.request("DELETE", "/queue/bulk", params={"blocklist": "true"}, json={"ids": [row["id"]]})
    begun = [one for one in client.get("/command").json() if one["name"] == "AlbumSearch"]
    assert [one["body"]["albumIds"] for one in begun] == [[number], [number]]
    assert lidarr.work.removed[0][1] == {"removeFromClient": "false"}
    assert client.delete("/queue/4711").status_code == 404


def test_a_search_that_runs_goes_on(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """DELETE works on a queued command only."""
    lidarr.work.hold = "search"
    number = added(lidarr, client)
    made = client.post("/command", json={"name": "AlbumSearch", "albumIds": [number]}).json()
    until(lambda: client.get(f"/command/{made['id']}").json()["status"] == "started")
    client.delete(f"/command/{made['id']}")
    lidarr.work.hold = ""
    assert until(lambda: queued(client, number))


def test_a_restart_empties_the_queue_for_a_moment(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """Afterwards the same download has another number; a search that ran is orphaned."""
    lidarr.work.hold = "downloading"
    number = added(lidarr, client)
    search(client, number)
    (before,) = until(lambda: queued(client, number))
    lidarr.work.hold = "downloading search"
    made = client.post("/command", json={"name": "AlbumSearch", "albumIds": [number]}).json()
    until(lambda: client.get(f"/command/{made['id']}").json()["status"] == "started")
    lidarr.work.refresh_every = 1000.0
    lidarr.restart()
    assert queued(client, number) == []
    assert client.get(f"/command/{made['id']}").json()["status"] == "orphaned"
    client.post("/command", json={"name": "RefreshMonitoredDownloads"})
    (after,) = until(lambda: queued(client, number))
    assert (after["downloadId"], after["id"] > before["id"]) == (before["downloadId"], True)


def test_forgetting_keeps_files_unless_asked(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """An album that is added again finds the files in its folder."""
    lidarr.add(ALBUM)
    client.delete("/album/7", params={"deleteFiles": "false"})
    assert len(list(lidarr.folder.rglob("*.flac"))) == 3
    number = added(lidarr, client)
    statistics = client.get(f"/album/{number}").json()["statistics"]
    assert statistics["trackFileCount"] == statistics["totalTrackCount"] == 3
    client.delete("/artist/3", params={"deleteFiles": "true"})
    assert list(lidarr.folder.rglob("*.flac")) == []


def test_one_album_that_is_gone_spoils_the_question(lidarr: LidarrEmulator, client: httpx.Client) -> None:
    """Several albums are asked for by number, and one does not exist."""
    lidarr.add(ALBUM)
    assert len(client.get("/album", params={"albumIds": [7]}).json()) == 1
    assert client.get("/album", params={"albumIds": [7, 8]}).status_code == 500


def test_an_album_that_is_not_monitored_counts_its_files_only(
    lidarr: LidarrEmulator, client: httpx.Client
) -> None:
    """One of three files is 100 %, as Lidarr has it."""
    lidarr.add(ALBUM, tracks=1)
    statistics = client.get("/album/7").json()["statistics"]
    assert (statistics["trackCount"], statistics["totalTrackCount"]) == (1, 3)
    client.put("/album/monitor", json={"albumIds": [7], "monitored": True})
    assert client.get("/album/7").json()["statistics"]["trackCount"] == 3


def test_everything_below_a_url_base(tmp_path: Path) -> None:
    """Nothing is answered elsewhere."""
    with LidarrEmulator(folder=tmp_path, url_base="/lidarr") as service:
        assert httpx.get(f"{service.base_url}/ping", trust_env=False, timeout=None).status_code == 404
        assert httpx.get(f"{service.address}/ping", trust_env=False, timeout=None).json() == {"status": "OK"}
