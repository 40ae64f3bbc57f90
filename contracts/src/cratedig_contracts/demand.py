"""How a check says that something is not as it has to be, or that it cannot be looked at."""

from __future__ import annotations

from typing import NoReturn

import pytest


class Violation(AssertionError):
    """A source breaks the contract; the text says how, and what to do."""


def demand(truth: object, message: str) -> None:
    """Go on where ``truth`` is true.

    :raises Violation: it is not.
    """
    __tracebackhide__ = True
    if not truth:
        raise Violation(message)


def leave(reason: str) -> NoReturn:
    """Report the check as skipped, for a reason that the reader can do something about."""
    __tracebackhide__ = True
    pytest.skip(reason)
