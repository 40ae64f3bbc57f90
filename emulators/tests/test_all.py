"""Every emulator starts without arguments and is there."""

from __future__ import annotations

import socket

import pytest

from cratedig_emulators import emulators
from cratedig_emulators.server import Service


@pytest.mark.parametrize("service_class", emulators(), ids=lambda one: one.name)
def test_starts_listens_and_stops(service_class: type[Service]) -> None:
    """It listens on 127.0.0.1 while it runs, and no longer afterwards."""
    with service_class() as service:
        assert service.name
        socket.create_connection(("127.0.0.1", service.port), 5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", service.port), 5)
