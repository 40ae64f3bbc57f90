"""HLS and DASH segments, appended in order to one file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

import httpx

from cratedig._errors import UnexpectedResponse
from cratedig._http.errors import translate
from cratedig._transfer.abort import Abort
from cratedig._transfer.answer import refuse_page
from cratedig._transfer.body import pieces
from cratedig._transfer.part import part_paths, read_note, write_all, write_note
from cratedig._transfer.request import Progress, SegmentsRequest
from cratedig._transfer.tries import Tries


class SegmentsTransfer:
    """Goes on, after a drop or a kill, behind the last segment that came whole.

    A segment is small, so one that breaks is fetched again from its beginning; that needs nothing of the
    server. How many segments are done, and the bytes they came to, lie beside the part file.
    """

    def __init__(
        self, request: SegmentsRequest, client: httpx.Client, abort: Abort, progress: Progress, stall: float
    ) -> None:
        self._request = request
        self._client = client
        self._abort = abort
        self._progress = progress
        self._stall = stall
        self._tries = Tries(abort, stall)
        self._part, self._sidecar = part_paths(request.path)
        self._key = _key(request.urls)

    def run(self) -> Path:
        """Transfer everything and return the file's path."""
        done, length = self._load()
        with self._part.open("r+b" if length else "w+b", buffering=0) as file:
            for number, url in enumerate(self._request.urls[done:], done):
                length = self._segment(file, url, number, length)
                write_note(self._sidecar, {"key": self._key, "done": number + 1, "length": length})
        self._part.replace(self._request.path)
        self._sidecar.unlink(missing_ok=True)
        return self._request.path

    def _load(self) -> tuple[int, int]:
        note = read_note(self._sidecar)
        done, length = note.get("done"), note.get("length")
        if note.get("key") != self._key or not (isinstance(done, int) and isinstance(length, int)):
            return 0, 0
        whole = self._part.is_file() and not self._part.is_symlink() and self._part.stat().st_size >= length
        return (done, length) if whole and 0 <= done <= len(self._request.urls) else (0, 0)

    def _segment(self, file: BinaryIO, url: str, number: int, start: int) -> int:
        """Append one segment, as often as it takes; return where it ends."""
        while True:
            file.seek(start)
            file.truncate()
            try:
                self._receive(file, url, number)
            except httpx.TransportError as error:
                self._abort.check()
                self._tries.dropped(error, file.seek(0, os.SEEK_END))
            else:
                return file.tell()

    def _receive(self, file: BinaryIO, url: str, number: int) -> None:
        headers = {**self._request.headers, "Accept-Encoding": "identity"}
        extensions = {"trace": self._abort.trace}
        with self._client.stream("GET", url, headers=headers, extensions=extensions) as response:
            if response.status_code == httpx.codes.PARTIAL_CONTENT:
                raise UnexpectedResponse(
                    "the service answers with a part of a segment that was asked for whole"
                )
            if response.status_code != httpx.codes.OK:
                raise translate(response)
            refuse_page(response, self._request.path.name)
            for data in pieces(response, self._stall):
                self._abort.check()
                write_all(file, data)
                self._report(file.tell(), number)

    def _report(self, position: int, number: int) -> None:
        """Tell the bytes, and a total that is estimated from the segments so far."""
        self._progress(position, position * len(self._request.urls) // (number + 1))


def _key(urls: tuple[str, ...]) -> str:
    """Tell playlists apart by the paths of their segments; signatures in queries change every time."""
    paths = "\n".join(httpx.URL(url).path for url in urls)
    return f"segments:{hashlib.sha256(paths.encode()).hexdigest()}"
