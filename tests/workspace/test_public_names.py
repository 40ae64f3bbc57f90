"""The door of the library: what it declares is what it has, and what outside programs hold on to is there."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import cratedig

PUBLIC_MODULES = [
    "blocking",
    "failover",
    "fields",
    "manifests",
    "pathmap",
    "reading",
    "remux",
    "tiers",
    "ytdlp",
]
HELD_BY_OTHERS = [
    "AuthenticationFailed",
    "CorruptDownload",
    "Download",
    "DownloadEngine",
    "DownloadEvent",
    "DownloadState",
    "NotConfigured",
    "NotEntitled",
    "NotFound",
    "Pending",
    "Quality",
    "QualityPreference",
    "QualityUnavailable",
    "Rate",
    "RateLimited",
    "RateLimits",
    "RawSearchResult",
    "SearchResult",
    "SourceContext",
    "SourceError",
    "SourceInfo",
    "TransferUpdate",
    "Unavailable",
    "UnexpectedResponse",
    "Wanted",
    "hookimpl",
]


def test_the_declared_names_are_sorted_and_there() -> None:
    """Every name of `__all__` can be had, once, in an order that a reader can search."""
    declared = list(cratedig.__all__)
    assert declared == sorted(set(declared))
    assert [name for name in declared if getattr(cratedig, name, None) is None] == []


def test_what_is_importable_is_what_is_declared() -> None:
    """Nothing public stands in the door but declared names and public modules."""
    stray = "import cratedig; print(*(n for n in dir(cratedig) if n[0] != '_' and n not in cratedig.__all__))"
    found = subprocess.run([sys.executable, "-c", stray], capture_output=True, text=True, check=True).stdout
    assert set(found.split()) <= set(PUBLIC_MODULES)


def test_the_names_of_the_design_are_declared() -> None:
    """What outside programs hold on to does not go away without a deprecation."""
    assert [name for name in HELD_BY_OTHERS if name not in cratedig.__all__] == []


def test_the_public_modules_are_these() -> None:
    """A module without an underscore is a promise; a new one is made here first."""
    found = [module.name for module in pkgutil.iter_modules(cratedig.__path__)]
    assert [name for name in found if not name.startswith("_")] == PUBLIC_MODULES
