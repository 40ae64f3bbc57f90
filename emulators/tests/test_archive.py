"""The emulated Internet Archive answers as the protocol has it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from cratedig_emulators.archive import ArchiveEmulator, Item, audio_file
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Fault

MUSIC = "mediatype:(audio OR etree) AND NOT collection:(podcasts)"


@pytest.fixture(scope="module")
def archive() -> Iterator[ArchiveEmulator]:
    with ArchiveEmulator() as service:
        yield service


@pytest.fixture
def client(archive: ArchiveEmulator) -> Iterator[httpx.Client]:
    archive.heal()
    archive.log.clear()
    with httpx.Client(base_url=archive.base_url, timeout=None) as client:
        yield client
    assert archive.errors == []


def search(client: httpx.Client, query: str, **args: Any) -> dict[str, Any]:
    answer = client.get("/advancedsearch.php", params={"q": query, "output": "json", **args})
    return dict(answer.json()["response"])


def identifiers(client: httpx.Client, query: str, **args: Any) -> list[str]:
    return [doc["identifier"] for doc in search(client, query, **args)["docs"]]


def test_query_language(client: httpx.Client) -> None:
    """Fields, phrases, operators, parentheses, ranges and escaped words select what they say."""
    concert = "mira-oldenburg2019-02-02.flac16"
    assert identifiers(client, "mediatype:etree") == [concert]
    assert identifiers(client, "creator:(mira AND oldenburg)") == [concert]
    assert identifiers(client, 'title:"old pumping station" AND date:[2019-01-01 TO 2019-12-31]') == [concert]
    assert identifiers(client, 'title:"pumping old"') == []
    assert identifiers(client, "(moth season) AND NOT mediatype:audio") == [concert]
    assert "lanterns-mp3-rip" in identifiers(client, f"title:(tram) AND {MUSIC}")
    assert identifiers(client, r"kettle AND \& OR mira") == [concert]


def test_unreadable_query_is_an_error_with_status_200(client: httpx.Client) -> None:
    """A lonely parenthesis is answered with an error key."""
    answer = client.get("/advancedsearch.php", params={"q": "title:(x", "output": "json"})
    assert answer.status_code == 200
    assert "error" in answer.json()


def test_pages_fields_and_order(client: httpx.Client) -> None:
    """rows, page, both spellings of fl and the sort are honoured; without output=json there is HTML."""
    query = "night AND collection:podcasts"
    first = search(
        client, query, rows=50, **{"sort[]": "downloads desc", "fl[]": ["identifier", "downloads"]}
    )
    third = search(client, query, rows=50, page=3, **{"sort[]": "downloads desc", "fl[0]": "identifier"})
    assert (first["numFound"], third["start"]) == (130, 100)
    assert first["docs"][0] == {"identifier": "night-tram-radio-129", "downloads": 129}
    assert third["docs"][-1] == {"identifier": "night-tram-radio-000"}
    assert "html" in client.get("/advancedsearch.php", params={"q": query}).headers["content-type"]


def test_scrape_walks_with_the_cursor(client: httpx.Client) -> None:
    """The cursor leads over all items; the last page has none; a small count is refused."""
    path = "/services/search/v1/scrape"
    first = client.get(path, params={"q": "night", "fields": "identifier", "count": 100}).json()
    last = client.post(path, data={"q": "night", "count": "100", "cursor": first["cursor"]}).json()
    assert (first["count"], last["count"], first["total"]) == (100, 30, 130)
    assert "cursor" not in last
    assert client.get(path, params={"q": "night", "total_only": "true"}).json()["total"] == 130
    assert "error" in client.get(path, params={"q": "night", "count": 5}).json()


def test_metadata_is_all_strings_and_three_shapes_of_length(client: httpx.Client) -> None:
    """Numbers are strings; a length is seconds, mm:ss or h:mm:ss; the list of files has no size."""
    concert = client.get("/metadata/mira-oldenburg2019-02-02.flac16").json()
    assert all(isinstance(value, str) for row in concert["files"] for value in row.values())
    whole = client.get("/metadata/lanterns-whole-album").json()
    lengths = [row["length"] for row in (*concert["files"], *whole["files"]) if "length" in row]
    assert {length.count(":") for length in lengths} == {0, 1, 2}
    assert "size" not in concert["files"][-1]
    assert {row["format"] for row in concert["files"]} >= {"Flac", "VBR MP3", "64Kbps MP3", "Ogg Vorbis"}


def test_unknown_dark_and_parts(client: httpx.Client) -> None:
    """An unknown item is an empty object, a dark one says so, a part comes as the result."""
    assert client.get("/metadata/nobody-knows-this").json() == {}
    assert client.get("/metadata/lanterns-removed").json()["is_dark"] is True
    part = client.get("/metadata/lanterns-mp3-rip/metadata/title").json()
    assert part == {"result": "Slow Tram Home (MP3 rip)"}


def test_download_goes_by_way_of_a_node(archive: ArchiveEmulator, client: httpx.Client) -> None:
    """The site redirects to another port, where ranges work and the bytes have the sums of the metadata."""
    row = client.get("/metadata/nl-field-recordings-of-nowhere").json()["files"][0]
    path = f"/download/nl-field-recordings-of-nowhere/{quote(row['name'])}"
    answer = client.get(path, params={"cnt": "0"})
    assert answer.status_code == 302
    assert urlsplit(answer.headers["location"]).port == archive.node.port != archive.port
    data = client.get(path, follow_redirects=True).content
    assert hashlib.md5(data).hexdigest() == row["md5"]
    assert hashlib.sha1(data).hexdigest() == row["sha1"]
    part = client.get(path, headers={"Range": "bytes=10-"}, follow_redirects=True)
    assert (part.status_code, part.content) == (206, data[10:])
    assert archive.log.all("/download/*")[0].query == "cnt=0"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("lanterns-part-private/locked.flac", 403),
        ("lanterns-part-private/gone.flac", 404),
        ("lanterns-removed/x.flac", 404),
        ("unknown/x.flac", 404),
    ],
)
def test_refusals(client: httpx.Client, path: str, status: int) -> None:
    """Private files are refused, missing ones are not found."""
    assert client.get(f"/download/{path}").status_code == status


def test_faults_hit_site_and_node(archive: ArchiveEmulator, client: httpx.Client) -> None:
    """One set of switches spoils searches, redirects and the files themselves."""
    archive.fault("/advancedsearch.php", Fault(html=True, times=1))
    archive.fault("/12/items/*", Fault(truncate_at=100))
    assert "html" in client.get("/advancedsearch.php").headers["content-type"]
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/download/lanterns-part-private/open.flac", follow_redirects=True)


def test_planted_items_are_found(archive: ArchiveEmulator, client: httpx.Client) -> None:
    """A test's own item can be searched and downloaded."""
    track = Track(artist="Zed Quill", title="Planted", seconds=1)
    archive.plant(
        Item(
            identifier="planted",
            metadata={"title": "Planted", "creator": "Zed Quill", "mediatype": "audio"},
            files=(audio_file("a/b c#1.flac", track),),
        )
    )
    assert identifiers(client, "zed quill") == ["planted"]
    assert client.get("/download/planted/a/b%20c%231.flac", follow_redirects=True).status_code == 200
