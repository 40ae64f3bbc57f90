"""The data that crosses the engine's borders: frozen, slotted, validated where it comes in."""

from cratedig._model.download import (
    Attempt,
    AttemptOutcome,
    Download,
    DownloadEvent,
    DownloadState,
    FileResult,
)
from cratedig._model.plan import Candidate, Plan
from cratedig._model.quality import Quality, QualityPreference
from cratedig._model.results import Availability, RawSearchResult, SearchResult
from cratedig._model.wanted import Kind, Wanted

__all__ = [
    "Attempt",
    "AttemptOutcome",
    "Availability",
    "Candidate",
    "Download",
    "DownloadEvent",
    "DownloadState",
    "FileResult",
    "Kind",
    "Plan",
    "Quality",
    "QualityPreference",
    "RawSearchResult",
    "SearchResult",
    "Wanted",
]
