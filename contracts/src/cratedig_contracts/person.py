"""How the kit goes through a login in a person's place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Login(Protocol):
    """An author's adapter of an emulator whose service has a person log in."""

    def hold(self) -> None:
        """Let every login wait, until :meth:`confirm`."""

    def confirm(self) -> None:
        """Do what the person is asked to: the login that waits now is confirmed."""

    def secrets(self) -> Iterable[str]:
        """Everything that the service has handed out so far and nobody else may know."""
        ...
