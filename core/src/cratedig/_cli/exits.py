"""The exit codes of the command, and which error stands for which."""

from __future__ import annotations

from enum import IntEnum

from cratedig._errors import (
    CratedigError,
    JournalError,
    NotConfigured,
    SettingsError,
    SourceBroken,
    UnknownDownload,
    UnknownSource,
)


class Exit(IntEnum):
    """What a script may branch on; docs/cli.md has them for people."""

    OK = 0
    FAILED = 1
    """Something failed, or only a part was done."""
    USAGE = 2
    SETTINGS = 3
    """A setting is wrong, or one that is needed is missing."""
    NOTHING_FOUND = 4
    SOURCE = 5
    """A source that is needed is broken or not installed."""
    JOURNAL = 6
    """The records cannot be read or written."""
    INTERRUPTED = 130


HELP = """\b
Exit codes:
  0    everything was done
  1    something failed, or only a part was done
  2    the command line is wrong
  3    a setting is wrong, or one that is needed is missing
  4    nothing was found
  5    a source that is needed is broken or not installed
  6    the records cannot be read or written
  130  interrupted; `cratedig resume` goes on"""

_MEANINGS: tuple[tuple[type[CratedigError], Exit], ...] = (
    (SettingsError, Exit.SETTINGS),
    (NotConfigured, Exit.SETTINGS),
    (UnknownDownload, Exit.NOTHING_FOUND),
    (UnknownSource, Exit.SOURCE),
    (SourceBroken, Exit.SOURCE),
    (JournalError, Exit.JOURNAL),
)


def exit_for(error: CratedigError) -> Exit:
    """The code that a script sees when a command ends with ``error``."""
    return next((code for kind, code in _MEANINGS if isinstance(error, kind)), Exit.FAILED)
