"""The Tidal source of cratedig: login, catalogue and manifests; the engine does the rest."""

from cratedig_tidal.settings import TidalSettings
from cratedig_tidal.source import Source

__all__ = ["Source", "TidalSettings"]
