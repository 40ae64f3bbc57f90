"""slskd's REST API over an invented Soulseek network, with real files at the end."""

from __future__ import annotations

from cratedig_emulators.soulseek.about import AboutRoutes
from cratedig_emulators.soulseek.downloading import DownloadRoutes
from cratedig_emulators.soulseek.network import NetworkRoutes
from cratedig_emulators.soulseek.searching import SearchRoutes


class SlskdEmulator(AboutRoutes, SearchRoutes, DownloadRoutes, NetworkRoutes):
    """slskd on 127.0.0.1, as :class:`~cratedig_emulators.soulseek.program.Slskd` describes it."""
