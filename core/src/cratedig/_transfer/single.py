"""One body into one file, over as many requests as it takes, on one thread."""

from __future__ import annotations

from pathlib import Path

import httpx

from cratedig._errors import CorruptDownload, UnexpectedResponse
from cratedig._http.errors import translate
from cratedig._http.urls import shown_url
from cratedig._transfer.abort import Abort
from cratedig._transfer.answer import Answer, read_answer, refuse_page, unsatisfied_total
from cratedig._transfer.body import pieces
from cratedig._transfer.part import ChangedError, Part
from cratedig._transfer.request import FetchRequest, Progress
from cratedig._transfer.tries import ShortBodyError, Tries


class SingleTransfer:
    """The state of one transfer: the part file, and how often it went wrong in which way."""

    def __init__(
        self, request: FetchRequest, client: httpx.Client, abort: Abort, progress: Progress, stall: float
    ) -> None:
        self._request = request
        self._client = client
        self._abort = abort
        self._progress = progress
        self._stall = stall
        self._tries = Tries(abort, stall)
        self._ranged = True

    def run(self) -> Path:
        """Transfer everything and return the file's path."""
        request = self._request
        key = httpx.URL(request.url).path
        with Part(request.path, key, digest=request.digest, transform=request.transform) as part:
            while not self._attempt(part):
                self._abort.check()
            return part.finish()

    def _attempt(self, part: Part) -> bool:
        try:
            return self._ask(part)
        except ChangedError:
            part.restart()
            self._tries.restarted()
        except httpx.TransportError as error:
            self._abort.check()
            self._tries.dropped(error, part.length)
        return False

    def _ask(self, part: Part) -> bool:
        start = part.next_start
        headers = {**self._request.headers, "Accept-Encoding": "identity", **self._range(part, start)}
        extensions = {"trace": self._abort.trace}
        with self._client.stream(
            "GET", self._request.url, headers=headers, extensions=extensions
        ) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and "Range" in headers:
                return self._beyond_end(response, part)
            answer = self._check(response)
            part.accept(answer, start)
            return self._receive(response, answer, part)

    def _range(self, part: Part, start: int) -> dict[str, str]:
        size = self._request.range_size
        if not self._ranged or not (start or size):
            return {}
        end = "" if size is None else str(_last(max(start, part.length) + size - 1, part.total))
        condition = {"If-Range": part.validator} if start and part.validator else {}
        return {"Range": f"bytes={start}-{end}", **condition}

    def _check(self, response: httpx.Response) -> Answer:
        if response.status_code not in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
            raise translate(response)
        refuse_page(response, self._request.path.name)
        answer = read_answer(response)
        if answer is None:
            self._give_up_ranges(response)
            raise ChangedError
        promised = self._request.size
        if promised is not None and answer.total not in {None, promised}:
            raise CorruptDownload(f"the service has {answer.total} bytes, promised were {promised}")
        return answer

    def _receive(self, response: httpx.Response, answer: Answer, part: Part) -> bool:
        offset = answer.start
        total = answer.total if answer.total is not None else self._request.size
        for data in pieces(response, self._stall):
            part.write(data)
            offset += len(data)
            if total is not None and offset > total:
                raise CorruptDownload(f"more bytes came than the {total} that were promised")
            self._progress(offset, total)
        if total is not None and offset < total and answer.total is None:
            raise ShortBodyError(f"{offset} bytes came, promised were {total}", request=response.request)
        if total is not None and offset == answer.start < total:
            raise httpx.RemoteProtocolError("the body is empty", request=response.request)
        part.pause(offset)
        return offset == total or total is None

    def _beyond_end(self, response: httpx.Response, part: Part) -> bool:
        total = unsatisfied_total(response)
        if total == part.length and self._request.size in {None, total}:
            return True
        self._give_up_ranges(response)
        raise ChangedError

    def _give_up_ranges(self, response: httpx.Response) -> None:
        if not self._ranged:
            raise UnexpectedResponse(
                f"{shown_url(response.request.url)} answers ranges that were not asked for"
            )
        self._ranged = False


def _last(end: int, total: int | None) -> int:
    return end if total is None else min(end, total - 1)
