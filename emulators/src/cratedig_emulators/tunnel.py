"""CONNECT with TLS at its end: the client believes that it speaks to the host it asked for."""

from __future__ import annotations

import io
import os
import socket
import ssl
from contextlib import suppress
from typing import Any

from cratedig_emulators.certificate import server_context
from cratedig_emulators.messages import Request, Response
from cratedig_emulators.server import Service, ServiceHandler


class ProxiedService(Service):
    """A service behind a proxy on 127.0.0.1, for clients whose addresses cannot be set.

        client ──CONNECT www.example.com:443──▶ proxy_url, which is all of the service's hosts itself

    Nothing leaves the machine: what no route takes is answered 404 and listed in ``strays``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.strays: list[str] = []

    @property
    def proxy_url(self) -> str:
        """What to set as ``proxy``; TLS is not to be verified, or against :func:`authority_pem`."""
        return self.base_url

    def connect(self, handler: ServiceHandler, target: str) -> None:
        """Be the host that the client wants a tunnel to."""
        serve_tunnel(handler, target)

    def not_found(self, request: Request) -> Response:
        """Remember what nobody should have asked for."""
        self.strays.append(f"{request.method} {request.host}{request.path}")
        return super().not_found(request)


def serve_tunnel(handler: ServiceHandler, target: str) -> None:
    """Accept the tunnel and serve the requests inside it until one side closes it."""
    handler.send_response_only(200, "Connection established")
    handler.end_headers()
    handler.wfile.flush()
    # A twin of the socket: wrapping takes its socket away, and the server still has to end this one.
    twin = socket.socket(fileno=os.dup(handler.connection.fileno()))
    host = target.rpartition(":")[0]
    with suppress(OSError), server_context(host).wrap_socket(twin, server_side=True) as tls:
        _serve_inside(handler, tls, host)
    handler.close_connection = True


def _serve_inside(handler: ServiceHandler, tls: ssl.SSLSocket, host: str) -> None:
    outside = handler.connection, handler.rfile, handler.wfile
    with tls.makefile("rb") as reader, _Writer(tls) as writer:
        inside: Any = (tls, reader, writer)
        handler.connection, handler.rfile, handler.wfile = inside
        handler.tunnel_host = host
        try:
            handler.close_connection = False
            while not handler.close_connection:
                handler.handle_one_request()
        finally:
            handler.connection, handler.rfile, handler.wfile = outside


class _Writer(io.RawIOBase):
    """Unbuffered, and whole: a plain socket file may write a part and say so."""

    def __init__(self, tls: ssl.SSLSocket) -> None:
        self._tls = tls

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._tls.sendall(data)
        return memoryview(data).nbytes
