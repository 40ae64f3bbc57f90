"""The Qobuz source of cratedig: login, signed requests, search, file addresses."""

from cratedig_qobuz.settings import QobuzSettings
from cratedig_qobuz.source import Source

__all__ = ["QobuzSettings", "Source"]
