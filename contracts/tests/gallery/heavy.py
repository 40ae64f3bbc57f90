"""A source that brings a library along when it is imported."""

from __future__ import annotations

import httpx

from .good import Good
from .registry import breaks


@breaks("identity_cheap_import", "httpx")
class BringsALibrary(Good):
    error = httpx.HTTPError
