"""The emulated indexers and clients speak as the real ones do."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from cratedig_contracts.patience import blocking_until
from cratedig_emulators.usenet import (
    NewznabEmulator,
    NzbgetEmulator,
    ProwlarrEmulator,
    SabnzbdEmulator,
    Spool,
    post,
)
from cratedig_emulators.usenet.posts import read_nzb

get = partial(httpx.get, timeout=None)

FILES = {"01 - A.flac": b"a" * 200_000, "02 - B.flac": b"b" * 70_000}


def until(true: Callable[[], object]) -> None:
    """Wait for something to become true."""
    assert blocking_until(true, 30), "it did not come about in time"


@pytest.fixture
def spool() -> Spool:
    return Spool()


@pytest.fixture(scope="module")
def newznab() -> Iterator[NewznabEmulator]:
    with NewznabEmulator(spool=Spool()) as service:
        yield service
    assert service.errors == []


@pytest.fixture
def nzbget(tmp_path: Path, spool: Spool) -> Iterator[NzbgetEmulator]:
    with NzbgetEmulator(folder=tmp_path, spool=spool) as service:
        yield service
    assert service.errors == []


@pytest.fixture
def sabnzbd(tmp_path: Path, spool: Spool) -> Iterator[SabnzbdEmulator]:
    with SabnzbdEmulator(folder=tmp_path, spool=spool) as service:
        yield service
    assert service.errors == []


def read_xml(text: str) -> Any:
    """The root of an answer."""
    return ET.fromstring(text)


def rpc(service: NzbgetEmulator, method: str, *params: Any) -> Any:
    """One call of NZBGet's, with its login."""
    body = {"version": "1.1", "method": method, "params": params, "id": 7}
    login = (service.username, service.password)
    return httpx.post(f"{service.base_url}/jsonrpc", json=body, auth=login, timeout=None).json()


def append(service: NzbgetEmulator, nzb: bytes, name: str = "Job.nzb", mode: str = "FORCE") -> int:
    """Queue an NZB there."""
    content = base64.b64encode(nzb).decode()
    answer = rpc(service, "append", name, content, "audio", 0, False, False, "key", 0, mode, [])
    return int(answer["result"])


def sab(service: SabnzbdEmulator, mode: str, **fields: Any) -> Any:
    """One call of SABnzbd's, with its key."""
    form = {"mode": mode, "output": "json", "apikey": service.api_key, **fields}
    return httpx.get(f"{service.base_url}/api", params=form, timeout=None).json()


def upload(service: SabnzbdEmulator, nzb: bytes, name: str = "Job") -> Any:
    """Queue an NZB there."""
    form = {"mode": "addfile", "output": "json", "apikey": service.api_key, "nzbname": name, "cat": "audio"}
    file = {"name": (f"{name}.nzb", nzb)}
    return httpx.post(f"{service.base_url}/api", data=form, files=file, timeout=None).json()


def test_capabilities_need_no_key(newznab: NewznabEmulator) -> None:
    """They say whether there is a music search."""
    root = read_xml(get(f"{newznab.base_url}/api", params={"t": "caps"}).text)
    assert root.find(".//audio-search").attrib == {"available": "yes", "supportedParams": "q,artist,album"}


def test_errors_come_with_status_200(newznab: NewznabEmulator) -> None:
    """A wrong key is error 100."""
    answer = get(f"{newznab.base_url}/api", params={"t": "search", "apikey": "wrong"})
    assert answer.status_code == 200
    assert read_xml(answer.text).attrib["code"] == "100"


def test_items_have_keyed_links_and_repeated_attributes(newznab: NewznabEmulator) -> None:
    """Link and enclosure hold a key; the category stands there twice."""
    args = {"t": "search", "q": "glasshouse", "cat": "3040", "apikey": newznab.api_key}
    root = read_xml(get(f"{newznab.base_url}/api", params=args).text)
    (item,) = root.iter("item")
    link = item.findtext("link")
    assert link == item.find("enclosure").attrib["url"]
    assert newznab.rss_key in link
    named = [one.attrib for one in item if one.tag.endswith("attr")]
    assert [one["value"] for one in named if one["name"] == "category"] == ["3040", "3000"]
    assert b"<nzb" in get(link).content


def test_search_is_cut_to_pages(newznab: NewznabEmulator) -> None:
    """Limit and offset choose from everything."""
    args = {"t": "search", "q": "", "apikey": newznab.api_key, "limit": "1", "offset": "1"}
    root = read_xml(get(f"{newznab.base_url}/api", params=args).text)
    assert len(list(root.iter("item"))) == 1
    assert root.find(".//{*}response").attrib == {"offset": "1", "total": "4"}


def test_nzb_lists_every_article(spool: Spool) -> None:
    """What is posted can be put together from it; what is expired cannot."""
    release = post("Posted", FILES, spool=spool)
    names = dict(read_nzb(release.nzb))
    assert {name: b"".join(map(spool.recovered, ids)) for name, ids in names.items()} == FILES
    assert spool.expire(release.nzb, file="01 - A.flac", every=2) == 2
    assert [spool.get(one) is None for one in names["01 - A.flac"]] == [True, False, True, False]


def test_prowlarr_redirects_to_the_real_indexer() -> None:
    """301, with the indexer's own key; the key of Prowlarr is needed for it."""
    with ProwlarrEmulator(spool=Spool()) as service:
        headers = {"X-Api-Key": service.api_key}
        args = {"query": "glasshouse", "indexerIds": "-1", "categories": ["3000", "3040"]}
        rows = get(f"{service.base_url}/api/v1/search", params=args, headers=headers).json()
        assert [row["protocol"] for row in rows] == ["torrent", "usenet"]
        answer = get(rows[1]["downloadUrl"])
        assert (answer.status_code, service.indexer.rss_key in answer.headers["location"]) == (301, True)
        assert get(rows[1]["downloadUrl"].replace(service.api_key, "x")).status_code == 401
        assert get(f"{service.base_url}/api/v1/search").status_code == 401
        service.down = {3, 5}
        assert get(f"{service.base_url}/api/v1/search", headers=headers).status_code == 400


def test_nzbget_login_and_errors(nzbget: NzbgetEmulator) -> None:
    """401 without a login; an unknown method and a missing parameter are errors with status 200."""
    refused = httpx.post(f"{nzbget.base_url}/jsonrpc", json={}, timeout=None)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Basic realm="NZBGet"')
    assert rpc(nzbget, "planted")["error"]["code"] == 1
    assert rpc(nzbget, "append")["error"]["code"] == 2


def test_nzbget_takes_a_job_to_its_folder(nzbget: NzbgetEmulator, spool: Spool) -> None:
    """Queue, folder with the number, complete folder by category, history."""
    nzbget.hold = "downloading"
    number = append(nzbget, post("Posted", FILES, spool=spool).nzb)
    until(nzbget.partial)
    (group,) = rpc(nzbget, "listgroups", 0)["result"]
    assert (group["NZBID"], group["Status"], group["DestDir"]) == (
        number,
        "DOWNLOADING",
        f"/downloads/incomplete/Job.#{number}",
    )
    nzbget.hold = ""
    until(lambda: not nzbget.alive())
    (item,) = rpc(nzbget, "history", False)["result"]
    assert (item["Status"], item["DestDir"]) == ("SUCCESS/HEALTH", "/downloads/complete/audio/Job")
    folder = nzbget.complete / "audio" / "Job"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert not nzbget.partial()


def test_nzbget_item_is_in_both_lists_for_a_moment(nzbget: NzbgetEmulator, spool: Spool) -> None:
    """PP_FINISHED in the queue, and in the history already."""
    nzbget.hold = "ending"
    append(nzbget, post("Posted", FILES, spool=spool).nzb)
    until(lambda: any(job.stage == "ending" for job in nzbget.alive()))
    assert rpc(nzbget, "listgroups", 0)["result"][0]["Status"] == "PP_FINISHED"
    assert rpc(nzbget, "history", False)["result"]


def test_nzbget_verdicts(nzbget: NzbgetEmulator, spool: Spool) -> None:
    """Rubbish fails with a number; the same again is a copy; lost articles are bad health; recovery helps."""
    broken = post("Broken", FILES, spool=spool)
    mended = post("Mended", {**FILES, "a.vol0+1.par2": b"x"}, spool=spool)
    for one in (broken, mended):
        spool.expire(one.nzb, file="02 - B.flac", every=2)
    whole = post("Whole", FILES, spool=spool).nzb
    append(nzbget, b"rubbish", "R.nzb")
    append(nzbget, whole, "W.nzb")
    append(nzbget, whole, "W.nzb", "SCORE")
    append(nzbget, broken.nzb, "B.nzb")
    append(nzbget, mended.nzb, "M.nzb")
    until(lambda: not nzbget.alive())
    ends = [(one["Name"], one["Status"]) for one in rpc(nzbget, "history", False)["result"]]
    assert ends == [
        ("R", "FAILURE/SCAN"),
        ("W", "SUCCESS/HEALTH"),
        ("W", "DELETED/COPY"),
        ("B", "FAILURE/HEALTH"),
        ("M", "SUCCESS/PAR"),
    ]
    assert (nzbget.complete / "audio" / "M" / "02 - B.flac").read_bytes() == FILES["02 - B.flac"]


def test_nzbget_deletes_what_is_under_way(nzbget: NzbgetEmulator, spool: Spool) -> None:
    """Partial files go with the job; what is not there is false."""
    nzbget.hold = "downloading"
    number = append(nzbget, post("Posted", FILES, spool=spool).nzb)
    until(nzbget.partial)
    assert rpc(nzbget, "editqueue", "HistoryFinalDelete", "", [number])["result"] is False
    assert rpc(nzbget, "editqueue", "GroupFinalDelete", "", [number])["result"] is True
    assert rpc(nzbget, "editqueue", "GroupFinalDelete", "", [number])["result"] is False
    assert not nzbget.partial()


def test_sabnzbd_refuses_in_its_own_ways(sabnzbd: SabnzbdEmulator) -> None:
    """403 and plain text for a wrong key, 200 and status false for the rest; the version is for anybody."""
    refused = get(f"{sabnzbd.base_url}/api", params={"mode": "queue", "apikey": "x"})
    assert (refused.status_code, refused.text) == (403, "API Key Incorrect")
    assert sab(sabnzbd, "planted") == {"status": False, "error": "not implemented"}
    assert upload(sabnzbd, b"rubbish") == {"status": False, "nzo_ids": []}
    version = get(f"{sabnzbd.base_url}/api", params={"mode": "version"})
    assert version.json() == {"version": "4.5.0"}


def test_sabnzbd_says_completed_too_early(sabnzbd: SabnzbdEmulator, spool: Spool) -> None:
    """In neither list, then Completed without a folder, then with it; numbers in the queue are texts."""
    sabnzbd.hold = "downloading"
    (job_id,) = upload(sabnzbd, post("Posted", FILES, spool=spool).nzb)["nzo_ids"]
    until(sabnzbd.partial)
    (slot,) = sab(sabnzbd, "queue")["queue"]["slots"]
    assert (slot["nzo_id"], slot["mb"], slot["status"]) == (job_id, "0.26", "Downloading")
    sabnzbd.hold = "ending"
    until(lambda: any(job.stage == "ending" for job in sabnzbd.alive()))
    assert sab(sabnzbd, "queue")["queue"]["slots"] == []
    assert [sab(sabnzbd, "history")["history"]["slots"] for _ in range(sabnzbd.gap)] == [[], []]
    (early,) = sab(sabnzbd, "history")["history"]["slots"]
    assert (early["status"], early["storage"], early["loaded"]) == ("Completed", "", True)
    sabnzbd.hold = ""
    until(lambda: not sabnzbd.alive())
    (late,) = sab(sabnzbd, "history", nzo_ids=job_id)["history"]["slots"]
    assert (late["status"], late["storage"]) == ("Completed", "/downloads/complete/audio/Job")


def test_sabnzbd_names_the_only_file(sabnzbd: SabnzbdEmulator, spool: Spool) -> None:
    """Storage is the file itself, which has got the job's name."""
    sabnzbd.gap = 0
    upload(sabnzbd, post("One", {"obfuscated.flac": b"x"}, spool=spool).nzb)
    until(lambda: not sabnzbd.alive())
    (slot,) = sab(sabnzbd, "history")["history"]["slots"]
    assert slot["storage"] == "/downloads/complete/audio/Job/Job.flac"


def test_sabnzbd_calls_a_damaged_job_complete(sabnzbd: SabnzbdEmulator, spool: Spool) -> None:
    """Only where nothing is left it fails; deleting from the history needs archive=0."""
    sabnzbd.gap = 0
    damaged, gone = post("Damaged", FILES, spool=spool), post("Gone", FILES, spool=spool)
    spool.expire(damaged.nzb, every=3)
    spool.expire(gone.nzb)
    ids = [upload(sabnzbd, one.nzb, one.title)["nzo_ids"][0] for one in (damaged, gone)]
    until(lambda: not sabnzbd.alive())
    first, second = sab(sabnzbd, "history")["history"]["slots"]
    assert (first["status"], first["stage_log"][0]["actions"]) == ("Completed", ["2 articles were missing"])
    assert (second["status"], second["fail_message"].startswith("Aborted")) == ("Failed", True)
    sab(sabnzbd, "history", name="delete", value=ids[0], del_files=1)
    assert len(sabnzbd.jobs) == 2
    sab(sabnzbd, "history", name="delete", value=ids[0], del_files=1, archive=0)
    assert [job.id for job in sabnzbd.jobs.values()] == ids[1:]


@pytest.mark.parametrize("made", [NzbgetEmulator, SabnzbdEmulator])
def test_jobs_outlive_a_kill(made: Any, tmp_path: Path, spool: Spool) -> None:
    """A client that comes back goes on; frozen, its jobs stand still; one that forgets has none."""
    with made(folder=tmp_path, spool=spool) as service:
        service.hold = "downloading"
        job = service.add("Job", post("Posted", FILES, spool=spool).nzb)
        assert job is not None
        until(lambda: job.got)
        service.kill()
        got = job.got
        service.hold = ""
        time.sleep(0.2)
        assert job.got == got
        service.freeze()
        service.start()
        time.sleep(0.2)
        assert job.got == got
        service.thaw()
        until(lambda: job.stage == "ended")
        service.forget()
        assert not service.jobs
