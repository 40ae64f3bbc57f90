"""The ways in which a service can be made to misbehave."""

from __future__ import annotations

from fnmatch import fnmatchcase
from threading import Lock

from attrs import define, evolve, field, frozen

from cratedig_emulators.messages import Request, Response, html_response


@frozen(kw_only=True)
class Fault:
    """One misbehaviour, for the requests that its path pattern takes.

    The first ``skip`` requests go well, then ``times`` of them (``None``: all) meet the fault.

    Whole answers: ``status`` with ``retry_after`` as its header, ``html`` (an outage page, with status 200
    unless ``status`` says otherwise), ``body`` and ``content_type``, ``reset`` (the connection is cut
    without an answer), ``delay`` in seconds before anything is sent.

    Bodies: ``truncate_at`` and ``stall_at`` count bytes of this answer, after which the connection is cut or
    nothing more comes; ``drip`` is (bytes, seconds) for each piece; ``corrupt_at`` is the offset of a byte
    of the whole file that is sent wrong; 0.5 as any of these places is half-way. ``ignore_range`` answers 200
    to a Range, ``no_validators`` leaves ETag and Last-Modified out, ``new_etag`` changes the file's ETag.
    """

    status: int | None = None
    times: int | None = None
    skip: int = 0
    retry_after: str | int | None = None
    html: bool = False
    body: bytes | None = None
    content_type: str | None = None
    reset: bool = False
    delay: float = 0.0
    truncate_at: float | None = None
    stall_at: float | None = None
    drip: tuple[int, float] | None = None
    corrupt_at: float | None = None
    ignore_range: bool = False
    no_validators: bool = False
    new_etag: str | None = None

    @property
    def replaces(self) -> bool:
        """Whether the service is not asked at all."""
        return self.status is not None or self.html or self.body is not None

    def answer(self) -> Response:
        """Make what comes in the service's place."""
        answer = (
            html_response(status=self.status or 200) if self.html else Response(status=self.status or 200)
        )
        if self.body is not None:
            answer = evolve(answer, body=self.body)
        if self.content_type is not None:
            answer = evolve(answer, content_type=self.content_type)
        return answer if self.retry_after is None else answer.with_headers(Retry_After=str(self.retry_after))

    def spoil(self, answer: Response) -> Response:
        """Spoil the service's answer: wrong bytes or validators."""
        headers = dict(answer.headers)
        if self.no_validators:
            headers = {k: v for k, v in headers.items() if k not in {"ETag", "Last-Modified"}}
        if self.new_etag is not None:
            headers["ETag"] = f'"{self.new_etag}"'
        body = answer.body
        if self.corrupt_at is not None and isinstance(body, bytes):
            at = place_of(self.corrupt_at, body)
            body = body[:at] + bytes(byte ^ 0xFF for byte in body[at : at + 1]) + body[at + 1 :]
        return evolve(answer, headers=headers, body=body, ranged=answer.ranged and not self.ignore_range)


def place_of(at: float, body: bytes) -> int:
    """Return a place in ``body`` in bytes; a fraction is a share of its length."""
    return int(at * len(body)) if 0 < at < 1 else int(at)


WELL = Fault()
"""No fault at all."""


@define
class _Planted:
    glob: str
    fault: Fault
    seen: int = 0

    def takes(self) -> bool:
        """Whether this request, counted now, meets the fault."""
        self.seen += 1
        times = self.fault.times
        return self.seen > self.fault.skip and (times is None or self.seen <= self.fault.skip + times)


@define
class Faults:
    """The faults that are planted now; the latest that takes a request wins."""

    _planted: list[_Planted] = field(factory=list)
    _lock: Lock = field(factory=Lock)

    def plant(self, glob: str, fault: Fault) -> None:
        """Let ``fault`` happen to requests whose decoded path, or method, blank and path, fits ``glob``."""
        with self._lock:
            self._planted.append(_Planted(glob, fault))

    def heal(self, glob: str | None = None) -> None:
        """Forget the faults that were planted with ``glob``, or all of them."""
        with self._lock:
            self._planted = [one for one in self._planted if glob is not None and one.glob != glob]

    def meet(self, request: Request) -> Fault:
        """Return the fault that this request meets, :data:`WELL` when there is none."""
        with self._lock:
            fitting = [one for one in self._planted if _fits(one.glob, request)]
            met = [one.fault for one in fitting if one.takes()]
        return met[-1] if met else WELL


def _fits(glob: str, request: Request) -> bool:
    return fnmatchcase(request.path, glob) or fnmatchcase(f"{request.method} {request.path}", glob)
