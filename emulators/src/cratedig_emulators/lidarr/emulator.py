"""Lidarr's HTTP API."""

from __future__ import annotations

from cratedig_emulators.lidarr.about import AboutRoutes
from cratedig_emulators.lidarr.library import LibraryRoutes
from cratedig_emulators.lidarr.working import WorkRoutes


class LidarrEmulator(AboutRoutes, LibraryRoutes, WorkRoutes):
    """Lidarr on 127.0.0.1, as :class:`~cratedig_emulators.lidarr.program.Lidarr` describes it."""
