"""The hookspecs. Implementations may take fewer arguments than the spec, so the spec can grow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from cratedig._model import RawSearchResult, Wanted
    from cratedig._plugins.check import Check
    from cratedig._plugins.delivery import Delivery, Pending, TransferUpdate
    from cratedig._plugins.info import SourceInfo
    from cratedig._plugins.login import LoginStep

PROJECT = "cratedig"
ENTRY_POINT_GROUP = "cratedig.sources"
"""The entry point's name is the source's canonical name, its value a class built as ``Source(context)``."""

CONTRACT_VERSION = "1.0"
"""``major.minor``. A source runs where the major is the same and its minor is not newer."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

Progress = Callable[..., None]
"""``progress(transferred, total=None, detail="")`` in bytes; cheap, callable from any thread."""


class SourceSpec:
    """The hooks of one source. Every one MUST be implemented unless it says MAY."""

    @hookspec(firstresult=True)
    def source_info(self) -> SourceInfo:  # type: ignore[empty-body]
        """Identity and limits. Sync, no I/O."""

    @hookspec(firstresult=True)
    def aliases(self) -> tuple[str, ...]:  # type: ignore[empty-body]
        """MAY: older names that must keep working."""

    @hookspec(firstresult=True)
    def is_configured(self) -> bool:  # type: ignore[empty-body]
        """Whether the settings it needs are there. Sync, no I/O.

        It may raise :class:`~cratedig.NotConfigured` in place of false, to say which are missing.
        """

    @hookspec(firstresult=True)
    async def check_connection(self) -> bool:  # type: ignore[empty-body]
        """One cheap probe of the service with the present login."""

    @hookspec(firstresult=True)
    async def diagnose_raw(self) -> list[Check]:  # type: ignore[empty-body]
        """MAY: all that has to be right for it to work, looked at one by one, for ``cratedig doctor``.

        A check that is not ``ok`` is a finding, not an exception; what follows from it may be left out.
        """

    @hookspec(firstresult=True)
    def reload_settings(self) -> None:
        """MAY: settings changed; drop cached logins and instances. ``context.settings`` is new already."""

    @hookspec(firstresult=True)
    async def login_raw(self, show: Callable[[LoginStep], None]) -> None:
        """MAY: have a person log in, for services where settings alone are not enough.

        Call ``show`` with what there is to do, wait until it is done, and keep the tokens in
        ``context.state``. It runs for as long as that takes; the person may cancel it.
        """

    @hookspec(firstresult=True)
    async def search_raw(self, query: str, wanted: Wanted) -> list[RawSearchResult]:  # type: ignore[empty-body]
        """Ask the API once. No retry, no filter, no dedup."""

    @hookspec(firstresult=True)
    async def download_raw(  # type: ignore[empty-body]
        self, target_id: str, dest_dir: Path, progress: Progress
    ) -> Path | Delivery | Pending:
        """Put the bytes into ``dest_dir`` and return the file; of an album, a :class:`~cratedig.Delivery`."""

    @hookspec(firstresult=True)
    async def cancel_raw(self, target_id: str, transfer_id: str) -> bool:  # type: ignore[empty-body]
        """MAY: best effort; the engine ends its own I/O and cleans up in any case.

        ``transfer_id`` is that of the :class:`~cratedig.Pending` that ``download_raw`` returned, else empty.
        Raise what went wrong: while the other program cannot be reached it is called again later, after a
        restart too.
        """

    @hookspec(firstresult=True)
    async def tidy_raw(self, target_id: str, transfer_id: str) -> None:
        """MAY: the engine has its own copy now, or does not want one; remove what the other program keeps.

        Called for every transfer whose end ``watch_raw`` has told, and again, like ``cancel_raw``, where the
        program could not be reached.
        """

    @hookspec(firstresult=True)
    def watch_raw(self) -> AsyncIterator[TransferUpdate]:  # type: ignore[empty-body]
        """MAY: news of all transfers, for sources whose ``transfer`` is ``events``.

        One stream for the whole source: it is opened while the engine waits for any transfer
        (``context.transfers()`` lists them) and closed when it waits for none. ``context.ticks()`` paces one
        that has to ask.
        """

    @hookspec(firstresult=True)
    def query_ladder(self, query: str) -> Iterable[str]:  # type: ignore[empty-body]
        """MAY: this source's own shorter queries, in place of the engine's."""
