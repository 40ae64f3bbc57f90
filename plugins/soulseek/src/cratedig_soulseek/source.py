"""The hooks.

This distribution is longer than a source should be, because another program stands between: two ways to
enqueue and an end that takes two calls (``jobs``), states that are flags and failures that pass
(``transfers``, ``watching``), files that land a moment after they are complete in a folder of another
machine's (``landing``), and paths in place of titles (``names``). Pauses, retries, deadlines, verification,
files and records are the engine's here as everywhere, and so is to end what cannot be ended at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from cratedig import (
    Check,
    Kind,
    NotConfigured,
    Pending,
    Rate,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceInfo,
    Transfer,
    TransferUpdate,
    Wanted,
    hookimpl,
)
from cratedig_soulseek.client import Slskd
from cratedig_soulseek.examining import examine, logged_in, state_of
from cratedig_soulseek.jobs import Jobs, handle_of
from cratedig_soulseek.landing import Landing
from cratedig_soulseek.responses import as_albums, as_tracks, read_offers
from cratedig_soulseek.searching import search
from cratedig_soulseek.settings import SoulseekSettings
from cratedig_soulseek.targets import parse
from cratedig_soulseek.watching import Watching

_STALL = 180.0
"""Seconds without a byte after which a transfer is given up; enqueuing alone may take 90."""


class Source:
    """Soulseek, through the person's own slskd."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._slskd = Slskd(context)
        self._landing = Landing(context, self._slskd)
        self._jobs = Jobs(context, self._slskd, self._landing)

    @hookimpl
    def source_info(self) -> SourceInfo:
        """One search at a time and two calls that enqueue, as slskd allows; its own queue holds the rest.

        Soulseek's server bans for half an hour whoever searches more than 34 times in 220 seconds.
        """
        return SourceInfo(
            name="soulseek",
            display_name="Soulseek",
            contract_version="1.0",
            delivers={Kind.TRACK, Kind.ALBUM},
            transfer=Transfer.EVENTS,
            limits=RateLimits(searches=Rate(34, 220), concurrent_searches=1, concurrent_downloads=2),
            settings_class=SoulseekSettings,
            search_timeout=90.0,
            stall_timeout=_STALL,
            homepage="https://github.com/slskd/slskd",
        )

    @hookimpl
    def aliases(self) -> tuple[str, ...]:
        """Return the name of the program that it goes through."""
        return ("slskd",)

    @hookimpl
    def is_configured(self) -> bool:
        """Look for slskd's address; it may be open to everybody."""
        if not self._context.settings.base_url:
            raise NotConfigured(
                "missing: base_url", hint="set it to slskd's address under [sources.soulseek]"
            )
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Ask slskd whether it is logged in to Soulseek."""
        return logged_in(await state_of(self._slskd))

    @hookimpl
    async def diagnose_raw(self) -> list[Check]:
        """Look at the program, its connection to Soulseek, and where its files are on this machine."""
        return await examine(self._context, self._slskd, self._landing)

    @hookimpl
    def reload_settings(self) -> None:
        """Forget the token, and what was found out about slskd."""
        self._slskd.forget()
        self._jobs.forget()
        self._landing.forget()

    @hookimpl
    async def search_raw(self, query: str, wanted: Wanted) -> list[RawSearchResult]:
        """Search for the words; files are results, or the folders that they are in for an album."""
        offers = read_offers(await search(self._context, self._slskd, query))
        return as_albums(offers, wanted) if wanted.kind is Kind.ALBUM else as_tracks(offers, wanted)

    @hookimpl
    async def download_raw(self, target_id: str) -> Pending:
        """Hand it to slskd, or find that it has it already."""
        return Pending(await self._jobs.begin(parse(target_id)))

    @hookimpl
    def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        """Ask slskd for its list once for each interval."""
        return Watching(self._context, self._slskd, self._jobs, self._landing).news()

    @hookimpl
    async def cancel_raw(self, target_id: str, transfer_id: str) -> bool:
        """End it at slskd, unless another download waits for the same."""
        job = handle_of(target_id, transfer_id)
        return await (self._jobs.end(job) if transfer_id else self._jobs.end_when_listed(job))

    @hookimpl
    async def tidy_raw(self, target_id: str, transfer_id: str) -> None:
        """Remove slskd's record and the folder, unless another download waits for the same."""
        await self._jobs.end(handle_of(target_id, transfer_id), over=True)
