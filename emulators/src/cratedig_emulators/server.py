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

import socket
import time
from threading import Event
from types import TracebackType
from typing import ClassVar, Self

from cratedig_emulators.faults import Fault, Faults
from cratedig_emulators.handler import Cut, ServiceHandler, has_hung_up
from cratedig_emulators.listener import Listener
from cratedig_emulators.log import RequestLog, Seen
from cratedig_emulators.messages import (
    Request,
    Response,
    file_response,
    html_response,
    json_response,
    redirect,
)
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

_TICK = 0.05


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
