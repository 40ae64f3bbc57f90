"""Prowlarr: one API key for several indexers, whose own addresses and keys it hands out by a redirect."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.server import Request, Response, Service, json_response, redirect, route
from cratedig_emulators.usenet.newznab import NewznabEmulator
from cratedig_emulators.usenet.posts import NEWS, Release, Spool

_USENET, _TORRENTS = "-1", "-2"


class ProwlarrEmulator(Service):
    """Prowlarr with two usenet indexers, of which the second has nothing, and rows of a torrent tracker.

    ``down`` are the numbers of indexers that fail: their rows are missing, and without any there is 400.
    ``blocked`` answers every NZB with 429, as for an indexer at its limit.
    """

    name = "prowlarr"

    def __init__(self, *, catalogue: Catalogue = DEFAULT, spool: Spool = NEWS) -> None:
        super().__init__()
        self.api_key = f"planted{uuid4().hex}"
        self.indexer = NewznabEmulator(catalogue=catalogue, spool=spool, title="Behind Prowlarr")
        self.other = NewznabEmulator(catalogue=Catalogue(()), spool=spool, title="Empty")
        self.indexers = {3: self.indexer, 5: self.other}
        self.companions += [self.indexer, self.other]
        self.down: set[int] = set()
        self.blocked = False
        self._links: dict[str, tuple[int, str]] = {}

    @route("/api/v1/indexer")
    def listed(self, request: Request) -> Response:
        """Its indexers."""
        if not self._knows(request):
            return Response(status=401)
        rows = [_indexer(number, one.title, "usenet") for number, one in self.indexers.items()]
        return json_response([*rows, _indexer(9, "Torrents", "torrent")])

    @route("/api/v1/search")
    def search(self, request: Request) -> Response:
        """All indexers' answers in one list; those that fail are left out without a word."""
        if not self._knows(request):
            return Response(status=401)
        args = request.multi
        asked = set(args.get("indexerIds", [_USENET, _TORRENTS]))
        chosen = [n for n in self.indexers if _USENET in asked or str(n) in asked]
        if chosen and self.down.issuperset(chosen):
            return json_response(
                {"message": "Search failed due to all selected indexers being unavailable"}, 400
            )
        query = args.get("query", [""])[-1]
        categories = [int(one) for one in args.get("categories", []) if one.isdecimal()]
        rows = [
            self._row(number, release)
            for number in chosen
            if number not in self.down
            for release in self.indexers[number].find(query, categories)
        ]
        return json_response([_torrent(query), *rows])

    @route("/{number}/download")
    def download(self, request: Request) -> Response:
        """The real address, with the indexer's own key in it."""
        if request.args.get("apikey") != self.api_key:
            return Response(status=401)
        if self.blocked:
            body = b'<?xml version="1.0"?><error code="429" description="Indexer is at its limit"/>'
            return Response(status=429, body=body, content_type="application/xml").with_headers(
                Retry_After="1"
            )
        number, guid = self._links.get(request.args.get("link", ""), (0, ""))
        release = self.indexers[number].releases.get(guid) if number in self.indexers else None
        if release is None or number in self.down:
            return Response(status=410)
        return redirect(self.indexers[number].link(release), 301)

    def _knows(self, request: Request) -> bool:
        return self.api_key in (request.headers.get("x-api-key"), request.args.get("apikey"))

    def _row(self, number: int, release: Release) -> dict[str, Any]:
        indexer, link = self.indexers[number], uuid4().hex
        self._links[link] = (number, release.guid)
        address = urlencode({"apikey": self.api_key, "link": link, "file": release.title})
        return {
            "guid": indexer.guid(release),
            "age": 12,
            "ageHours": 290.1,
            "ageMinutes": 17406.0,
            "size": release.size,
            "files": 20,
            "grabs": release.grabs,
            "indexerId": number,
            "indexer": indexer.title,
            "title": release.title,
            "sortTitle": " ".join(sorted(release.words)),
            "publishDate": "2026-08-10T00:00:00Z",
            "downloadUrl": f"{self.base_url}/{number}/download?{address}",
            "infoUrl": indexer.guid(release),
            "indexerFlags": [],
            "categories": [{"id": release.category, "name": "Audio/Lossless", "subCategories": []}],
            "protocol": "usenet",
            "fileName": f"{release.title}.nzb",
        }


def _indexer(number: int, name: str, protocol: str) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "protocol": protocol,
        "enable": True,
        "privacy": "private",
        "priority": 25,
        "capabilities": {
            "limitsMax": 100,
            "limitsDefault": 50,
            "musicSearchParams": ["q", "artist", "album"],
        },
    }


def _torrent(query: str) -> dict[str, Any]:
    return {
        "guid": "magnet:?xt=urn:btih:planted",
        "title": f"{query} [FLAC]",
        "size": 10**9,
        "indexerId": 9,
        "indexer": "Torrents",
        "magnetUrl": "magnet:?xt=urn:btih:planted",
        "infoHash": "planted",
        "seeders": 40,
        "leechers": 2,
        "categories": [{"id": 3040, "name": "Audio/Lossless", "subCategories": []}],
        "protocol": "torrent",
    }
