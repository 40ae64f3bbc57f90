"""One piece of work for yt-dlp, from its parameters to its result or the error it stands for."""

# mypy: allow-untyped-calls

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from http.cookiejar import LoadError
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen
from yt_dlp.cookies import YoutubeDLCookieJar

from cratedig._errors import NotConfigured
from cratedig.ytdlp._memory import Memory
from cratedig.ytdlp._options import checked
from cratedig.ytdlp._sayings import Saying
from cratedig.ytdlp._traffic import Abandoned, Traffic
from cratedig.ytdlp._translation import plain, translated
from cratedig.ytdlp._worker import LentYoutubeDL, Notes

T = TypeVar("T")


@frozen(kw_only=True)
class Extraction:
    """Everything one run of yt-dlp needs; made and run in a thread of the lane.

    ``params`` are the engine's and the source's, ``options`` the person's, which go before them.
    """

    params: Mapping[str, Any]
    options: Mapping[str, Any]
    sayings: Sequence[Saying]
    cookies_file: str | None
    traffic: Traffic
    memory: Memory
    log: logging.Logger

    def run(self, task: Callable[[LentYoutubeDL], T]) -> T:
        """Do ``task``; raise :class:`~cratedig.SourceError` and nothing else."""
        options = checked(self.options)
        cookies = read_cookies(self.cookies_file) if self.cookies_file else None
        notes = Notes(self.log, [saying for saying in self.sayings if saying.at_once])
        try:
            with closing(self._yt_dlp(notes, cookies, options)) as ydl:
                ydl.require_ffmpeg()
                return task(ydl)
        except (Exception, Abandoned) as error:
            raise translated(
                error, traffic=self.traffic, warnings=notes.warnings, sayings=self.sayings
            ) from error

    def _yt_dlp(
        self, notes: Notes, cookies: YoutubeDLCookieJar | None, options: Mapping[str, Any]
    ) -> LentYoutubeDL:
        params = {**self.params, **options, "logger": notes}
        try:
            return LentYoutubeDL(params, traffic=self.traffic, memory=self.memory, cookies=cookies)
        except Exception as error:
            if not options:
                raise
            # Nothing was asked of anybody yet, so it can only be what the person has set.
            reason = f"{type(error).__name__}: {plain(str(error))}"
            raise NotConfigured(f"yt-dlp cannot work with `options`: {reason}") from error


def read_cookies(file: str) -> YoutubeDLCookieJar:
    """Load a Netscape cookie file, which is never written back.

    Neither its path nor a line of it is ever part of an error; yt-dlp would quote the line.
    """
    try:
        jar = YoutubeDLCookieJar(StringIO(Path(file).expanduser().read_text(encoding="utf-8")))
        jar.load()
    except OSError as error:
        problem = "is no Netscape cookie file" if isinstance(error, LoadError) else str(error.strerror)
    except UnicodeDecodeError:
        problem = "is not UTF-8 text"
    else:
        return jar
    raise NotConfigured(f"the file that `cookies_file` names cannot be used: {problem}")
