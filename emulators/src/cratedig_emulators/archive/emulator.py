"""The Internet Archive over HTTP: the site, and the node that its downloads are redirected to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self
from urllib.parse import parse_qsl, quote

from cratedig_emulators.archive.items import Item, ItemFile
from cratedig_emulators.archive.query import BadQuery, Document, parse
from cratedig_emulators.archive.shelf import shelf
from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.server import (
    Request,
    Response,
    Service,
    file_response,
    html_response,
    json_response,
    redirect,
    route,
)

_PNG = b"\x89PNG\r\n\x1a\n"


class ArchiveEmulator(Service):
    """archive.org on 127.0.0.1. ``items`` are planted besides the catalogue's, or in a namesake's place."""

    name = "archive"

    def __init__(self, *, catalogue: Catalogue = DEFAULT, items: Iterable[Item] = ()) -> None:
        super().__init__()
        self.items = {item.identifier: item for item in (*shelf(catalogue), *items)}
        self.node = ArchiveNode(self)
        self.companions.append(self.node)

    def plant(self, *items: Item) -> None:
        """Add items, or replace their namesakes."""
        self.items |= {item.identifier: item for item in items}

    def prepare(self) -> Self:
        """Make all audio now, in a few seconds, and not when it is first asked for."""
        for item in self.items.values():
            item.whole("")
        return self

    @route("/advancedsearch.php")
    def search(self, request: Request) -> Response:
        """One page of items."""
        if request.args.get("output") != "json":
            return html_response("<html><body>Advanced search</body></html>")
        try:
            found = self._find(request.args.get("q", ""))
        except BadQuery as error:
            return json_response({"error": f"[QUERY_PARSE_ERROR] {error}"})
        rows = int(request.args.get("rows") or 50)
        start = (int(request.args.get("page") or 1) - 1) * rows
        documents = _sorted(found, _listed(request, "sort"))[start : start + rows]
        fields = _listed(request, "fl")
        return json_response(
            {
                "responseHeader": {"status": 0, "QTime": 12, "params": {"query": request.args.get("q", "")}},
                "response": {
                    "numFound": len(found),
                    "start": start,
                    "docs": [_reduced(document, fields) for document in documents],
                },
            }
        )

    @route("/services/search/v1/scrape", methods=("GET", "POST"))
    def scrape(self, request: Request) -> Response:
        """Answer with the page after the cursor; at least a hundred items each."""
        args = {**request.args, **dict(parse_qsl(request.body.decode()))}
        count = int(args.get("count") or 100)
        if count < 100:  # noqa: PLR2004 -- the service's own minimum
            return json_response({"error": "count must be at least 100", "errorType": "RangeException"}, 400)
        try:
            found = _sorted(self._find(args.get("q", "")), _split(args.get("sorts", "")))
        except BadQuery as error:
            return json_response({"error": str(error), "errorType": "QueryException"}, 400)
        if args.get("total_only") == "true":
            return json_response({"items": [], "count": 0, "total": len(found)})
        start = int(args.get("cursor") or "0", 36)
        page = [_reduced(one, _split(args.get("fields", ""))) for one in found[start : start + count]]
        answer = {"items": page, "count": len(page), "total": len(found)}
        if start + count < len(found):
            answer["cursor"] = _base36(start + count)
        return json_response(answer)

    @route("/metadata/{identifier}")
    def metadata(self, request: Request) -> Response:
        """Answer with a whole item; an unknown one is an empty object."""
        item = self.items.get(request.params["identifier"])
        return json_response(item.whole(f"127.0.0.1:{self.node.port}") if item else {})

    @route("/metadata/{identifier}/{part:path}")
    def metadata_part(self, request: Request) -> Response:
        """One part of an item."""
        item = self.items.get(request.params["identifier"])
        value: Any = item.whole(f"127.0.0.1:{self.node.port}") if item else {}
        for step in request.params["part"].split("/"):
            value = value.get(step) if isinstance(value, dict) else None
        return json_response({"error": "no such part"} if value is None else {"result": value})

    @route("/download/{identifier}/{name:path}")
    def download(self, request: Request) -> Response:
        """Send the client to the node that has the file."""
        file = self.open_file(request)
        if isinstance(file, Response):
            return file
        path = quote(f"/12/items/{request.params['identifier']}/{request.params['name']}")
        return redirect(f"{self.node.base_url}{path}")

    @route("/services/img/{identifier}")
    def cover(self, _request: Request) -> Response:
        """Answer with a picture."""
        return Response(body=_PNG, content_type="image/png")

    @route("/details/{identifier}")
    def details(self, request: Request) -> Response:
        """Answer with the page for people."""
        return html_response(f"<html><body>{quote(request.params['identifier'])}</body></html>")

    def not_found(self, _request: Request) -> Response:
        """Answer in HTML, as the site does."""
        return html_response("<html><body>Page not found</body></html>", 404)

    def open_file(self, request: Request) -> ItemFile | Response:
        """Return the file that is asked for, or the refusal."""
        item = self.items.get(request.params["identifier"])
        file = item.file(request.params["name"]) if item and not item.dark else None
        if file is None:
            return html_response("<html><body>Item not available</body></html>", 404)
        return html_response("<html><body>Access restricted</body></html>", 403) if file.private else file

    def _find(self, query: str) -> list[Document]:
        test = parse(query)
        return [doc for item in self.items.values() if not item.dark and test(doc := item.document())]


class ArchiveNode(Service):
    """One of the machines that hold the files."""

    name = "archive-node"

    def __init__(self, site: ArchiveEmulator) -> None:
        super().__init__(parent=site)
        self._site = site

    @route("/12/items/{identifier}/{name:path}")
    def file(self, request: Request) -> Response:
        """Answer with the bytes."""
        file = self._site.open_file(request)
        return file if isinstance(file, Response) else file_response(file.data(), file.content_type)


def _listed(request: Request, name: str) -> list[str]:
    """``name``, ``name[]``, ``name[0]``, ``name[1]`` ... in their order."""
    return [
        part
        for key, values in request.multi.items()
        if key.partition("[")[0] == name
        for value in values
        for part in _split(value)
    ]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _sorted(documents: list[Document], orders: list[str]) -> list[Document]:
    for order in reversed(orders):
        field, _, direction = order.partition(" ")
        documents = sorted(documents, key=lambda one: _sort_key(one.get(field)), reverse=direction == "desc")
    return documents


def _sort_key(value: object) -> tuple[float, str]:
    return (value, "") if isinstance(value, int) else (0, str(value or ""))


def _reduced(document: Document, fields: list[str]) -> Document:
    return {name: value for name, value in document.items() if not fields or name in fields}


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text or "0"
