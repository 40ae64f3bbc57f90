"""The program that does the downloading for a source, as the kit looks at it."""

from __future__ import annotations

from typing import Protocol


class Program(Protocol):
    """What an adapter of an emulated program may have. Each is optional, and a check does without it.

    Without ``away`` and ``back``, the faults' ``status`` and ``clear`` stand in for them.
    """

    def jobs(self) -> int:
        """How many downloads it was ever told to begin."""
        ...

    def requests(self) -> int:
        """How many requests it has got so far."""
        ...

    def away(self) -> None:
        """Be gone, like a program that has been stopped; its jobs stay as they are."""

    def back(self) -> None:
        """Be there again."""
