"""The base of every emulator: a threaded HTTP/1.1 server on 127.0.0.1 that misbehaves when it is told to.

A service is a class with methods marked by :func:`route`::

    class Hello(Service):
        @route("/hello/{name}")
        def hello(self, request: Request) -> Response:
            return json_response({"hello": request.params["name"]})

    with Hello() as service:
        service.fault("/hello/*", Fault(status=503, times=1))
        ...  # requests to service.base_url
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import unquote, urlsplit

from cratedig_emulators.faults import Fault, Faults, place_of
from cratedig_emulators.log import RequestLog, Seen
from cratedig_emulators.messages import (
    Request,
    Response,
    file_response,
    html_response,
    json_response,
    redirect,
)
from cratedig_emulators.ranges import apply_range
from cratedig_emulators.routing import route, routes_of

__all__ = [
    "Fault",
    "Request",
    "RequestLog",
    "Response",
    "Seen",
    "Service",
    "ServiceHandler",
    "file_response",
    "html_response",
    "json_response",
    "redirect",
    "route",
]

PIECE = 64 * 1024
_TICK = 0.05
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


class Listener(ThreadingHTTPServer):
    """A listener that knows its connections, so that it can end them."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, service: Service) -> None:
        handler = type("Handler", (ServiceHandler,), {"service": service})
        self._connections: set[socket.socket] = set()
        self._threads_here: list[Thread] = []
        self._lock = Lock()
        super().__init__(("127.0.0.1", service.port), handler)
        self._acceptor = Thread(
            target=self.serve_forever, args=(0.02,), name=f"{service.name}-accept", daemon=True
        )

    def listen(self) -> None:
        """Begin to accept."""
        self._acceptor.start()

    def server_bind(self) -> None:
        """Bind without the parent's look-up of the machine's name, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread that :meth:`end` can wait for."""
        thread = Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            self._connections.add(request)
            self._threads_here = [one for one in self._threads_here if one.is_alive()]
            self._threads_here.append(thread)
            thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close and forget a connection."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up; that is no news."""

    def end(self, *, abruptly: bool) -> None:
        """Stop listening and close what is open, with a reset where it has to be abrupt."""
        self.shutdown()
        self.server_close()
        with self._lock:
            connections, threads = list(self._connections), list(self._threads_here)
        for connection in connections:
            with suppress(OSError):
                if abruptly:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RDWR)
        for thread in (self._acceptor, *threads):
            thread.join(5)


class Service:
    """One emulated service. Use it as a context manager, or :meth:`start` and :meth:`stop` it.

    ``log`` has every request, ``errors`` what a handler raised (the client saw a 500). A service that needs
    a second address gives ``parent`` to another one and lists it in ``companions``: log and faults are
    then shared, and both live and die together.
    """

    name: ClassVar[str] = ""

    def __init__(self, *, parent: Service | None = None) -> None:
        self.log: RequestLog = parent.log if parent else RequestLog()
        self.faults: Faults = parent.faults if parent else Faults()
        self.errors: list[BaseException] = parent.errors if parent else []
        self.companions: list[Service] = []
        self.port = 0
        self._running = Event()
        self._frozen = Event()
        self._server: Listener | None = None
        self._routes = routes_of(type(self))

    @property
    def base_url(self) -> str:
        """``http://127.0.0.1:<port>``, the same after a restart."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[Seen]:
        """Every request so far."""
        return self.log.all()

    def start(self) -> Self:
        """Listen; on the port of the last time, if there was one."""
        self._running.set()
        self._server = Listener(self)
        self.port = self._server.server_address[1]
        self._server.listen()
        for companion in self.companions:
            companion.start()
        return self

    def stop(self) -> None:
        """Close every connection and stop listening. The state stays, and :meth:`start` goes on with it."""
        self.kill(abruptly=False)

    def kill(self, *, abruptly: bool = True) -> None:
        """Like a power cut: every connection is reset. Come back with :meth:`start`."""
        self._running.clear()
        for companion in self.companions:
            companion.kill(abruptly=abruptly)
        if self._server is not None:
            self._server.end(abruptly=abruptly)
            self._server = None

    def restart(self) -> None:
        """Kill it and start it again on the same port."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Take connections and requests, but answer none until :meth:`thaw`."""
        self._frozen.set()
        for companion in self.companions:
            companion.freeze()

    def thaw(self) -> None:
        """Answer again, beginning with the requests that wait."""
        self._frozen.clear()
        for companion in self.companions:
            companion.thaw()

    def fault(self, path_glob: str, fault: Fault) -> None:
        """Let ``fault`` happen to requests whose decoded path (or ``METHOD path``) fits ``path_glob``."""
        self.faults.plant(path_glob, fault)

    def heal(self, path_glob: str | None = None) -> None:
        """Take back the faults planted with that pattern, or all."""
        self.faults.heal(path_glob)

    def dispatch(self, request: Request) -> Response:
        """Answer by the route that fits; 404 where none does, 500 where it raised."""
        try:
            for one, name in self._routes:
                if (matched := one.match(request)) is not None:
                    return getattr(self, name)(matched)  # type: ignore[no-any-return]
            return self.not_found(request)
        except Exception as error:  # noqa: BLE001 -- the server has to go on; tests look at `errors`
            self.errors.append(error)
            return Response(status=500, body=repr(error).encode())

    def not_found(self, request: Request, /) -> Response:
        """Answer an address that no route takes."""
        return json_response({"error": f"no such address: {request.path}"}, 404)

    def connect(self, handler: ServiceHandler, target: str) -> None:
        """Answer ``CONNECT host:port``; services that are no proxy refuse it."""
        handler.send_error(405, f"no tunnel to {target}")

    def wait_while_frozen(self, connection: socket.socket) -> None:
        """Return at once, or when the service is thawed.

        :raises Cut: the service was stopped or the client has hung up meanwhile.
        """
        while self._frozen.is_set():
            self.idle(connection, _TICK)

    def idle(self, connection: socket.socket, seconds: float | None) -> None:
        """Wait for so long, ``None`` for ever.

        :raises Cut: the service was stopped.
        :raises ConnectionAbortedError: the client has hung up.
        """
        until = None if seconds is None else time.monotonic() + seconds
        while until is None or (left := until - time.monotonic()) > 0:
            if not self._running.is_set():
                raise Cut
            if has_hung_up(connection, _TICK if until is None else min(_TICK, left)):
                raise ConnectionAbortedError

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
