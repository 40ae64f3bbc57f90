"""The listening socket of a service, the connections it has taken and the threads that serve them."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from http.server import ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from cratedig_emulators.handler import ServiceHandler

if TYPE_CHECKING:
    from cratedig_emulators.server import Service


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
