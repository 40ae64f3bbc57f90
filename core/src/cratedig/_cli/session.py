"""One run of a command: its settings, its engine, its output, and what becomes of errors."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cratedig._cli.exits import Exit, exit_for
from cratedig._cli.output import Output
from cratedig._errors import CratedigError, NotConfigured

if TYPE_CHECKING:
    from cratedig._engine.engine import DownloadEngine
    from cratedig._settings import Settings
    from cratedig._settings.explain import SettingOrigin

JOURNAL = "journal.db"
INTERRUPTED = "Interrupted."
GOODBYE = "Interrupted. What is finished stays; `cratedig resume` goes on with the rest."
"""Where downloads are on record."""

_LEVELS = (logging.CRITICAL, logging.INFO, logging.DEBUG)
_LEVELS_OF_OTHERS = (logging.CRITICAL, logging.WARNING, logging.INFO)

Work = Callable[["DownloadEngine"], Awaitable[int]]


class Session:
    """What a command works with. ``goodbye`` is what a person reads after Ctrl-C."""

    def __init__(
        self,
        *,
        as_json: bool = False,
        config: Path | None = None,
        journal: str | None = None,
        verbose: int = 0,
        debug: bool = False,
    ) -> None:
        self.out = Output(as_json)
        self.verbose = verbose
        self.goodbye = INTERRUPTED
        self.config = config
        self._journal = journal
        self._debug = debug

    @cached_property
    def settings(self) -> Settings:
        """The settings, read when first needed.

        :raises SettingsError: something is wrong with them.
        """
        from cratedig._settings import load  # noqa: PLC0415 - not for --help

        return load(self.config)

    @property
    def journal(self) -> str | Path:
        """Where the records are: a file, or ``memory``."""
        if self._journal == "memory":
            return "memory"
        return Path(self._journal) if self._journal else self.settings.engine.state_dir / JOURNAL

    def settings_of(self, engine: DownloadEngine) -> tuple[list[SettingOrigin], tuple[str, ...]]:
        """Return every setting, and a sentence for each section that belongs to no source."""
        from cratedig._settings.explain import explain  # noqa: PLC0415 - typed-settings takes 70 ms

        statuses = engine.sources()
        sources = [(s.name, s.info.settings_class if s.info else None, s.aliases) for s in statuses]
        known = {name for status in statuses for name in (status.name, *status.aliases)}
        return explain(self.settings, sources), self.settings.unknown_sources(sorted(known))

    def run(self, work: Work, *, require: Iterable[str] = (), journal: str | Path | None = None) -> int:
        """Do ``work`` with an engine that has every installed source; nothing is resumed unasked.

        :raises SourceBroken: one of ``require`` is missing or broken.
        :raises NotConfigured: one of them lacks a setting.
        """
        return asyncio.run(self._run(work, tuple(require), self.journal if journal is None else journal))

    def guard(self, work: Callable[[], int]) -> int:
        """``work``'s exit code, or that of the error it ended with; the person is told."""
        self._log()
        try:
            return work()
        except CratedigError as error:
            return self._failed(error.code, str(error), exit_for(error))
        except (KeyboardInterrupt, asyncio.CancelledError):
            return self._failed("interrupted", self.goodbye, Exit.INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except OSError as error:
            return self._failed("os-error", str(error), Exit.FAILED)
        except Exception as error:  # noqa: BLE001 - the person sees a sentence, and how to see more
            bug = f"an error of cratedig itself: {type(error).__name__}: {error}; --debug shows where"
            return self._failed("bug", bug, Exit.FAILED)

    def _log(self) -> None:
        level = min(self.verbose, 2)
        logging.basicConfig(level=_LEVELS_OF_OTHERS[level], stream=sys.stderr, format=_FORMAT)
        logging.getLogger("cratedig").setLevel(_LEVELS[level])

    async def _run(self, work: Work, require: tuple[str, ...], journal: str | Path) -> int:
        from cratedig._engine.engine import DownloadEngine  # noqa: PLC0415 - not for --help

        engine = DownloadEngine.open(self.settings, journal=journal, resume=False, require=require)
        self.out.redact = engine.redact
        async with engine:
            if require:
                await asyncio.to_thread(_insist, engine, require)
            return await work(engine)

    def _failed(self, code: str, message: str, exit_code: Exit) -> int:
        if self._debug:
            self.out.say(traceback.format_exc())
        if self.out.as_json:
            self.out.document({"error": {"code": code, "message": message}})
        self.out.say(message)
        return exit_code


_FORMAT = "%(levelname)s %(name)s: %(message)s"


def _insist(engine: DownloadEngine, names: Iterable[str]) -> None:
    for status in engine.sources():
        if not status.usable and not {status.name, *status.aliases}.isdisjoint(names):
            raise NotConfigured(f"is required, but {status.reason}", source=status.name, hint=status.hint)
