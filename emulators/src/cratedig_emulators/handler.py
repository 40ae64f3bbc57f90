"""HTTP/1.1 over the standard library's parser: requests in, answers with their faults out."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from cratedig_emulators.faults import Fault, place_of
from cratedig_emulators.log import Seen
from cratedig_emulators.messages import Request, Response
from cratedig_emulators.ranges import apply_range

if TYPE_CHECKING:
    from cratedig_emulators.server import Service

PIECE = 64 * 1024
_TLS_ALERT = b"\x15"


class Cut(Exception):
    """The connection ends here, whatever is still to be sent."""


class ServiceHandler(BaseHTTPRequestHandler):
    """One connection. ``tunnel_host`` is the host of a CONNECT that a service has accepted."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: Service
    tunnel_host = ""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the parent's name for it
        """Keep quiet; the request log has everything."""

    def do_CONNECT(self) -> None:
        """Let the service make a tunnel of this connection."""
        self.service.connect(self, self.path)

    def answer(self) -> None:
        """Serve one request."""
        request = self._request()
        seen = self.service.log.begin(request, self.service.port)
        try:
            self.service.wait_while_frozen(self.connection)
            self._reply(request, seen)
        except (Cut, OSError) as cut:
            seen.aborted = not isinstance(cut, Cut)
            self.close_connection = True
        finally:
            self.service.log.end(seen)

    def _request(self) -> Request:
        split = urlsplit(self.path)
        host = split.netloc or self.tunnel_host or self.headers.get("Host", "")
        return Request(
            method=self.command,
            path=unquote(split.path),
            raw_path=split.path,
            query=split.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
            host=host.rsplit(":", 1)[0],
        )

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _reply(self, request: Request, seen: Seen) -> None:
        fault = self.service.faults.meet(request)
        if fault.delay:
            self._idle(fault.delay)
        if fault.reset:
            raise Cut
        answer = fault.spoil(fault.answer() if fault.replaces else self.service.dispatch(request))
        answer = apply_range(request, answer)
        seen.status = answer.status
        if request.method == "HEAD" or not answer.body:
            self.service.log.release(seen)
        self._send_head(answer)
        if request.method != "HEAD":
            self._send_body(answer, fault, seen)

    def _send_head(self, answer: Response) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        if isinstance(answer.body, bytes):
            self.send_header("Content-Length", str(len(answer.body)))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_body(self, answer: Response, fault: Fault, seen: Seen) -> None:
        if not isinstance(answer.body, bytes):
            self._send_chunked(answer.body, seen)
            return
        for piece in _pieces(answer.body, fault):
            if fault.drip:
                self._idle(fault.drip[1])
            if seen.sent + len(piece) == len(answer.body):
                self.service.log.release(seen)
            self.wfile.write(piece)
            seen.sent += len(piece)
        if fault.stall_at is not None and seen.sent < len(answer.body):
            self._idle(None)
        if seen.sent < len(answer.body):
            raise Cut

    def _send_chunked(self, pieces: Iterator[bytes], seen: Seen) -> None:
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            seen.sent += len(piece)
        self.service.log.release(seen)
        self.wfile.write(b"0\r\n\r\n")

    def _idle(self, seconds: float | None) -> None:
        """Send nothing for so long (``None``: for good), but notice when the client hangs up."""
        self.service.idle(self.connection, seconds)


def _pieces(body: bytes, fault: Fault) -> Iterator[bytes]:
    ends = [place_of(end, body) for end in (fault.truncate_at, fault.stall_at) if end is not None]
    end = min([len(body), *ends])
    step = fault.drip[0] if fault.drip else PIECE
    return (body[at : min(at + step, end)] for at in range(0, end, step))


def has_hung_up(connection: socket.socket, wait: float) -> bool:
    """Whether the other side closes the connection within ``wait`` seconds; TLS connections too."""
    if not select.select([connection], [], [], wait)[0]:
        return False
    # The plain socket's method: a TLS connection cannot be peeked into, what it travels on can.
    data = socket.socket.recv(connection, 1, socket.MSG_PEEK)
    if data in {b"", _TLS_ALERT}:
        return True
    time.sleep(wait)
    return False


# The standard library looks a method up by the request's verb.
for _verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(ServiceHandler, f"do_{_verb}", ServiceHandler.answer)
