"""The Usenet source of cratedig: indexers are searched, a download client brings it."""

from cratedig_usenet.settings import IndexerSettings, UsenetSettings
from cratedig_usenet.source import Source

__all__ = ["IndexerSettings", "Source", "UsenetSettings"]
