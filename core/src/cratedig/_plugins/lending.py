"""What stands behind a context: the present download, the source's store, the services of its lane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from attrs import frozen

from cratedig._model import QualityPreference, RawSearchResult

if TYPE_CHECKING:
    import httpx

    from cratedig._plugins.delivery import OpenTransfer
    from cratedig._plugins.hooks import Progress

T = TypeVar("T")


@frozen(kw_only=True)
class Job:
    """The download that a hook is being called for."""

    target_id: str
    dest_dir: Path
    progress: Progress
    download_id: str = ""
    promise: RawSearchResult | None = None
    preference: QualityPreference | None = None


present_job: ContextVar[Job | None] = ContextVar("cratedig_job", default=None)


class State(Protocol):
    """A small private key-value store; values are JSON."""

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or ``default``."""
        ...

    def set(self, key: str, value: Any) -> None:
        """Keep a value."""
        ...

    def delete(self, key: str) -> None:
        """Forget a value, if it is there."""
        ...


class Services(Protocol):
    """What stands behind a context; the engine implements it once for each lane."""

    def settings(self) -> Any:
        """The source's settings as they are now."""
        ...

    def http(self) -> httpx.AsyncClient:
        """The lane's client."""
        ...

    def transfers(self) -> tuple[OpenTransfer, ...]:
        """What is waited for at the other program."""
        ...

    def conceal(self, *texts: str) -> None:
        """Keep them out of everything that is written."""
        ...

    async def permit(self) -> None:
        """One rate-limit permit."""
        ...

    async def run_blocking(self, func: Callable[[], T]) -> T:
        """Run in a thread of the lane."""
        ...

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """One request."""
        ...

    async def request_json(self, method: str, url: str, **options: Any) -> Any:
        """One API request."""
        ...

    async def fetch(
        self, url: str, name: str, *, dest_dir: Path, progress: Progress, headers: Any = None, **options: Any
    ) -> Path:
        """One file."""
        ...

    async def fetch_segments(
        self, urls: Sequence[str], name: str, *, dest_dir: Path, progress: Progress, headers: Any = None
    ) -> Path:
        """One file in parts."""
        ...
