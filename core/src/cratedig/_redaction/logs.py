"""Keep secrets out of log records: the engine's own, the plugins' and those of the HTTP libraries.

A filter on a logger sees only what is logged to that very logger, a handler sees what comes up from its
children as well. So every family of loggers gets both: the filter, and a silent handler in front of all
others that cleans each record before anybody prints it.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from cratedig._redaction.redactor import Redactor

LIBRARIES = ("asyncio", "hpack", "httpcore", "httpx", "urllib3")
"""Loggers that write addresses, headers or tracebacks of requests made for a source."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class RedactingFilter(logging.Filter):
    """Lets every record pass, without secrets in message, arguments, extras, traceback or stack."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean ``record`` in place. Arguments are kept apart from the message where both are clean."""
        self._clean_message(record)
        self._clean_traceback(record)
        if record.stack_info:
            record.stack_info = self._redactor.redact(record.stack_info)
        for name in vars(record).keys() - _STANDARD:
            setattr(record, name, self._cleaned(getattr(record, name)))
        return True

    def _clean_message(self, record: logging.LogRecord) -> None:
        arguments = record.args if isinstance(record.args, tuple) else (record.args,) if record.args else ()
        parts = [record.msg, *arguments]
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001  # a wrong format string; logging would print its arguments
            message = " ".join(map(_written, parts))
            record.msg, record.args = message, None
        clean = self._redactor.redact(message)
        if clean != message or any(self._cleaned(part) is not part for part in parts):
            record.msg, record.args = clean, None

    def _clean_traceback(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            full = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            if (clean := self._redactor.redact(full)) != full:
                # Formatters take the text where it is there; some handlers look at the exception itself.
                record.exc_info, record.exc_text = None, clean
        if record.exc_text:
            record.exc_text = self._redactor.redact(record.exc_text)

    def _cleaned(self, value: Any) -> Any:
        """``value`` itself where neither of its spellings has a secret, else the redacted text."""
        if value is None or isinstance(value, bool | float):
            return value
        for text in {_written(value), _written(value, repr)}:
            if self._redactor.redact(text) != text:
                return self._redactor.redact(_written(value))
        return value


class RedactingHandler(logging.Handler):
    """Prints nothing; cleans what passes on its way to the handlers further up."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self.addFilter(RedactingFilter(redactor))

    def emit(self, record: logging.LogRecord) -> None:
        """Do what logging does where nobody listens, for it does not know that this handler is mute."""
        last = logging.lastResort
        if last and record.levelno >= last.level and not _has_listener(record.name):
            last.handle(record)


class Installed:
    """Redaction at work in some families of loggers; a context manager that ends it."""

    def __init__(self, redactor: Redactor, names: Iterable[str]) -> None:
        self._filter = RedactingFilter(redactor)
        self._handler = RedactingHandler(redactor)
        self._loggers: dict[str, logging.Logger] = {}
        self.cover(*names)

    def cover(self, *names: str) -> None:
        """Take in more families, e.g. a plugin's; those that are in stay so."""
        for name in names:
            logger = logging.getLogger(name)
            for member in (logger, *_descendants(name)):
                self._loggers[member.name] = member
                member.addFilter(self._filter)
            if self._handler not in logger.handlers:
                logger.handlers.insert(0, self._handler)

    def close(self) -> None:
        """Leave every logger as it was."""
        for logger in self._loggers.values():
            logger.removeFilter(self._filter)
            logger.removeHandler(self._handler)
        self._loggers.clear()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def install(redactor: Redactor, names: Iterable[str] = ("cratedig", *LIBRARIES)) -> Installed:
    """Clean every record that is logged to these loggers or below them, from now on until ``close()``.

    What a host logs to its own loggers is its affair; it may add :class:`RedactingFilter` to its handlers.
    """
    return Installed(redactor, names)


def _descendants(name: str) -> list[logging.Logger]:
    known = dict(logging.Logger.manager.loggerDict)
    return [
        logger
        for child, logger in known.items()
        if child.startswith(f"{name}.") and isinstance(logger, logging.Logger)
    ]


def _has_listener(name: str) -> bool:
    logger: logging.Logger | None = logging.getLogger(name)
    while logger:
        if any(not isinstance(handler, RedactingHandler) for handler in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False


def _written(value: object, how: Any = str) -> str:
    try:
        return str(how(value))
    except Exception:  # noqa: BLE001  # whatever a foreign __str__ or __repr__ raises
        return f"<{type(value).__name__}>"
