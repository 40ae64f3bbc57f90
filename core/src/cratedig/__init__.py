"""Find and download music from many sources through one engine.

Everything public is here; names are loaded when they are first used, so importing this costs little.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine as DownloadEngine
    from cratedig._errors import AuthenticationFailed as AuthenticationFailed
    from cratedig._errors import ContractMismatch as ContractMismatch
    from cratedig._errors import CorruptDownload as CorruptDownload
    from cratedig._errors import CratedigError as CratedigError
    from cratedig._errors import JournalError as JournalError
    from cratedig._errors import NameTaken as NameTaken
    from cratedig._errors import NotConfigured as NotConfigured
    from cratedig._errors import NotEntitled as NotEntitled
    from cratedig._errors import NotFound as NotFound
    from cratedig._errors import QualityUnavailable as QualityUnavailable
    from cratedig._errors import RateLimited as RateLimited
    from cratedig._errors import SettingsError as SettingsError
    from cratedig._errors import SourceBroken as SourceBroken
    from cratedig._errors import SourceBug as SourceBug
    from cratedig._errors import SourceError as SourceError
    from cratedig._errors import Unavailable as Unavailable
    from cratedig._errors import UnexpectedResponse as UnexpectedResponse
    from cratedig._errors import UnknownDownload as UnknownDownload
    from cratedig._errors import UnknownSource as UnknownSource
    from cratedig._journal.port import Journal as Journal
    from cratedig._model import Attempt as Attempt
    from cratedig._model import AttemptOutcome as AttemptOutcome
    from cratedig._model import Availability as Availability
    from cratedig._model import Download as Download
    from cratedig._model import DownloadEvent as DownloadEvent
    from cratedig._model import DownloadState as DownloadState
    from cratedig._model import FileResult as FileResult
    from cratedig._model import Kind as Kind
    from cratedig._model import Quality as Quality
    from cratedig._model import QualityPreference as QualityPreference
    from cratedig._model import RawSearchResult as RawSearchResult
    from cratedig._model import SearchResult as SearchResult
    from cratedig._model import Wanted as Wanted
    from cratedig._plugins import CONTRACT_VERSION as CONTRACT_VERSION
    from cratedig._plugins import AlbumFile as AlbumFile
    from cratedig._plugins import Check as Check
    from cratedig._plugins import Delivery as Delivery
    from cratedig._plugins import LoginStep as LoginStep
    from cratedig._plugins import OpenTransfer as OpenTransfer
    from cratedig._plugins import Pending as Pending
    from cratedig._plugins import Rate as Rate
    from cratedig._plugins import RateLimits as RateLimits
    from cratedig._plugins import SourceInfo as SourceInfo
    from cratedig._plugins import Transfer as Transfer
    from cratedig._plugins import TransferUpdate as TransferUpdate
    from cratedig._plugins import hookimpl as hookimpl
    from cratedig._plugins.context import SourceContext as SourceContext
    from cratedig._plugins.status import SourceState as SourceState
    from cratedig._plugins.status import SourceStatus as SourceStatus
    from cratedig._runtime.limiter import RateLimiter as RateLimiter
    from cratedig._search.report import SearchOutcome as SearchOutcome
    from cratedig._search.report import SearchReport as SearchReport
    from cratedig._search.report import SearchStatus as SearchStatus
    from cratedig._settings.secret import Secret as Secret
    from cratedig._settings.source import SourceSettings as SourceSettings

__version__ = "0.1.0"

_HOMES = {
    "_plugins": (
        "CONTRACT_VERSION",
        "AlbumFile",
        "Check",
        "Delivery",
        "LoginStep",
        "OpenTransfer",
        "Pending",
        "Rate",
        "RateLimits",
        "SourceInfo",
        "Transfer",
        "TransferUpdate",
        "hookimpl",
    ),
    "_plugins.context": ("SourceContext",),
    "_plugins.status": ("SourceState", "SourceStatus"),
    "_engine.engine": ("DownloadEngine",),
    "_errors": (
        "AuthenticationFailed",
        "ContractMismatch",
        "CorruptDownload",
        "CratedigError",
        "JournalError",
        "NameTaken",
        "NotConfigured",
        "NotEntitled",
        "NotFound",
        "QualityUnavailable",
        "RateLimited",
        "SettingsError",
        "SourceBroken",
        "SourceBug",
        "SourceError",
        "Unavailable",
        "UnexpectedResponse",
        "UnknownDownload",
        "UnknownSource",
    ),
    "_journal.port": ("Journal",),
    "_runtime.limiter": ("RateLimiter",),
    "_model": (
        "Attempt",
        "AttemptOutcome",
        "Availability",
        "Download",
        "DownloadEvent",
        "DownloadState",
        "FileResult",
        "Kind",
        "Quality",
        "QualityPreference",
        "RawSearchResult",
        "SearchResult",
        "Wanted",
    ),
    "_search.report": ("SearchOutcome", "SearchReport", "SearchStatus"),
    "_settings.secret": ("Secret",),
    "_settings.source": ("SourceSettings",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - one list of names, not two


def __getattr__(name: str) -> Any:
    """Load a public name from where it lives."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'cratedig' has no attribute {name!r}")
    value = getattr(import_module(f"cratedig.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return [*__all__, "__version__"]
