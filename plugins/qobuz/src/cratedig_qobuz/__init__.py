"""The Qobuz source of cratedig: login, signed requests, search, file addresses.

It is longer than most sources, for two reasons: Qobuz says no in some twenty ways that mean different things
to the person (`refusals`), and a sample of 30 seconds is told from hi-res by what stands beside it (`files`).
"""

from cratedig_qobuz.settings import QobuzSettings
from cratedig_qobuz.source import Source

__all__ = ["QobuzSettings", "Source"]
