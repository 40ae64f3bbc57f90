"""What goes wrong at a client has a name of its own, and a reason in the record."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.usenet.tests.conftest import Bench

from cratedig import Download, DownloadEngine, DownloadState, Wanted
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.server import Fault
from cratedig_emulators.usenet import NzbgetEmulator, SabnzbdEmulator, post
from cratedig_emulators.usenet.posts import album_files

FILES = album_files(DEFAULT.albums[2])


def incomplete(bench: Any, title: str, every: int) -> Download:
    """What becomes of a release that has lost articles."""
    release = post(title, FILES)
    bench.indexer.offer(release)
    bench.client.spool.expire(release.nzb, every=every)
    artist, album = title.split("-")[:2]

    async def use(engine: DownloadEngine) -> Download:
        found = await bench.found(engine, Wanted(artist=artist, album=album))
        return await engine.wait(await engine.dispatch_download(found, dest_dir=bench.music))

    done: Download = bench(use)
    return done


NZBGET = [
    ("FAILURE/HEALTH", "not-found", "incomplete"),
    ("FAILURE/PAR", "corrupt-download", "cannot be repaired"),
    ("FAILURE/UNPACK", "corrupt-download", "cannot be unpacked"),
    ("FAILURE/MOVE", "unavailable", "cannot move"),
    ("FAILURE/SCAN", "unexpected-response", "cannot read the NZB"),
    ("FAILURE/BAD", "not-found", "marked as bad"),
    ("FAILURE/SOMETHING_NEW", "not-found", "could not complete"),
    ("WARNING/PASSWORD", "not-entitled", "password"),
    ("WARNING/SPACE", "unavailable", "no room"),
    ("WARNING/DAMAGED", "corrupt-download", "damaged"),
    ("WARNING/REPAIRABLE", "corrupt-download", "ParRepair"),
    ("WARNING/SKIPPED", "not-found", "could not complete"),
    ("DELETED/MANUAL", "not-found", "deleted in NZBGet"),
    ("DELETED/DUPE", "not-found", "DELETED/DUPE"),
]


@pytest.mark.parametrize(("verdict", "code", "words"), NZBGET)
def test_nzbget_verdict_is_told(
    newznab: Any, nzbget: NzbgetEmulator, tmp_path: Any, verdict: str, code: str, words: str
) -> None:
    """Each status of NZBGet's history is the error that it stands for, in words."""
    nzbget.verdicts[""] = verdict
    done = Bench(newznab, nzbget, tmp_path).download()
    assert (done.state, done.code) == (DownloadState.ERRORED, code), done.detail
    assert words in done.detail
    assert verdict in done.detail


@pytest.mark.parametrize("verdict", ["SUCCESS/ALL", "SUCCESS/GOOD", "WARNING/SCRIPT", "WARNING/HEALTH"])
def test_nzbget_usable_verdict_delivers(
    newznab: Any, nzbget: NzbgetEmulator, tmp_path: Any, verdict: str
) -> None:
    """A script that failed and health that is not perfect are no loss: the audio is looked at here."""
    nzbget.verdicts[""] = verdict
    assert Bench(newznab, nzbget, tmp_path).download().state is DownloadState.COMPLETED


SABNZBD = [
    ("Aborted, cannot be completed - https://sabnzbd.org/not-complete", "not-found", "incomplete"),
    ("Repair failed, not enough repair blocks (12 short)", "corrupt-download", "cannot be repaired"),
    ("Unpacking failed, archive requires a password", "not-entitled", "password"),
    ("Unpacking failed, CRC error", "corrupt-download", "damaged"),
    ("Unpacking failed, write error or disk is full?", "unavailable", "no room"),
    ("ENCRYPTED", "not-entitled", "password"),
    ("Unwanted extension is in rar file x.exe", "not-found", "Unwanted extension"),
]


@pytest.mark.parametrize(("verdict", "code", "words"), SABNZBD)
def test_sabnzbd_verdict_is_told(
    newznab: Any, sabnzbd: SabnzbdEmulator, tmp_path: Any, verdict: str, code: str, words: str
) -> None:
    """Each way in which SABnzbd's jobs fail is the error that it stands for, in words."""
    sabnzbd.verdicts[""] = verdict
    done = Bench(newznab, sabnzbd, tmp_path).download()
    assert (done.state, done.code) == (DownloadState.ERRORED, code), done.detail
    assert words in done.detail


def test_failed_job_leaves_nothing_behind(bench: Any) -> None:
    """History and partial files of a job that failed are removed."""
    bench.client.verdicts[""] = "FAILURE/PAR" if bench.client.name == "nzbget" else "Repair failed"
    bench.download()
    assert not bench.client.jobs
    assert not bench.client.partial()
    assert bench.left() == []


def test_damaged_album_that_is_called_complete_is_refused(
    newznab: Any, sabnzbd: SabnzbdEmulator, tmp_path: Any
) -> None:
    """SABnzbd calls a release complete that lacks articles; the look at its audio does not."""
    done = incomplete(Bench(newznab, sabnzbd, tmp_path), "Holes-In It-WEB-FLAC-2020-GRP", 3)
    assert (done.state, done.code) == (DownloadState.ERRORED, "corrupt-download"), done.detail


def test_release_without_its_articles_is_not_there(bench: Any) -> None:
    """Nothing left of it on the news servers: the next candidate's turn, not the same again."""
    done = incomplete(bench, "Gone-Away-WEB-FLAC-2020-GRP", 1)
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found"), done.detail
    assert "incomplete" in done.detail
    assert len(bench.client.added) == 1


def test_wrong_path_map_says_both_paths_and_the_setting(bench: Any) -> None:
    """Files that are not where the map leads to are named as there and here; they stay at the client."""
    done = bench.download(path_map={bench.client.there: str(bench.folder / "nowhere")})
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
    assert bench.client.there in done.detail
    assert str(bench.folder / "nowhere") in done.detail
    assert "path_map" in done.detail
    assert list(bench.client.complete.rglob("*.flac"))


def test_job_deleted_by_hand_ends_the_download(newznab: Any, nzbget: NzbgetEmulator, tmp_path: Any) -> None:
    """Somebody deletes it in NZBGet: the record says so, and nothing is started again."""
    nzbget.hold = "downloading"
    bench: Any = Bench(newznab, nzbget, tmp_path)

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.begin(engine)
        await bench.until(lambda: nzbget.jobs)
        nzbget.delete_by_hand(next(iter(nzbget.jobs)))
        return await engine.wait(download_id)

    done = bench(use)
    assert (done.code, len(nzbget.added)) == ("not-found", 1)
    assert "deleted in NZBGet" in done.detail


def test_job_that_the_client_has_forgotten_ends(bench: Any) -> None:
    """A client that has lost its queue is no reason to wait for ever."""
    bench.client.hold = "downloading"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.begin(engine)
        await bench.until(lambda: bench.client.jobs)
        bench.client.forget()
        return await engine.wait(download_id)

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
    assert "does not know the job any more" in done.detail


def test_refused_nzb_is_told(newznab: Any, sabnzbd: SabnzbdEmulator, tmp_path: Any) -> None:
    """SABnzbd answers rubbish with no id."""
    newznab.fault("/getnzb/*", Fault(body=b"<nzb rubbish"))
    done = Bench(newznab, sabnzbd, tmp_path).download()
    assert (done.code, "does not take the NZB" in done.detail) == ("unexpected-response", True)


@pytest.mark.parametrize(
    ("status", "code"), [(401, "authentication-failed"), (500, "unavailable"), (503, "unavailable")]
)
def test_client_that_refuses_the_job_says_why(bench: Any, status: int, code: str) -> None:
    """A refused login and an outage of the client are told apart."""
    bench.client.fault("*", Fault(status=status))
    done = bench.download()
    assert (done.state, done.code) == (DownloadState.ERRORED, code), done.detail


def test_address_of_something_else_is_told(bench: Any) -> None:
    """A page in place of the client's answer: the setting that leads there is named."""
    bench.client.fault("*", Fault(html=True))
    done = bench.download()
    assert (done.code, "client_base_url" in done.detail) == ("unexpected-response", True), done.detail


def test_sabnzbd_errors_are_read(newznab: Any, sabnzbd: SabnzbdEmulator, tmp_path: Any) -> None:
    """Its plain texts with 403 and its errors with 200 are said as they are, with what to set."""
    bench = Bench(newznab, sabnzbd, tmp_path)
    wrong = bench.download(client_api_key="planted-wrong-key")
    assert wrong.code == "authentication-failed"
    assert "API Key Incorrect" in wrong.detail
    assert "client_api_key" in wrong.detail
    sabnzbd.refuses_host = True
    refused = bench.download()
    assert refused.code == "not-configured"
    assert "host_whitelist" in refused.detail
    sabnzbd.refuses_host = False
    sabnzbd.fault("/api", Fault(body=b'{"status": false, "error": "Configuration locked"}'))
    assert "Configuration locked" in bench.download().detail


def test_nzbget_errors_are_read(newznab: Any, nzbget: NzbgetEmulator, tmp_path: Any) -> None:
    """A wrong login names the settings; an error with status 200 is said as it is."""
    bench = Bench(newznab, nzbget, tmp_path)
    wrong = bench.download(client_password="planted-wrong-password")
    assert wrong.code == "authentication-failed"
    assert "client_password" in wrong.detail
    nzbget.fault("/jsonrpc", Fault(body=b'{"version":"1.1","error":{"message":"Invalid procedure"}}'))
    refused = bench.download()
    assert (refused.code, "Invalid procedure" in refused.detail) == ("unexpected-response", True)
