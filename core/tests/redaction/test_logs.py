"""No log record carries a planted secret, whoever logs it and however."""

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig._redaction import MASK, RedactingFilter, Redactor, install

SECRET = f"planted-{uuid4()}"


class Remembering(logging.Handler):
    """Keeps what a formatter makes of each record, and everything that the record itself holds."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        trace = "" if not record.exc_info else repr(record.exc_info[1])
        self.lines.append(f"{self.format(record)} {vars(record)!r} {trace}")


@contextmanager
def watched(name: str) -> Iterator[Remembering]:
    """What arrives at the root from a logger that is set to tell everything."""
    handler, logger, root = Remembering(), logging.getLogger(name), logging.getLogger()
    before = logger.level
    logger.setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        logger.setLevel(before)


def planted(secret: str = SECRET) -> Redactor:
    """A redactor that knows one secret."""
    redactor = Redactor()
    redactor.plant(secret)
    return redactor


class Shows:
    """An object that tells the secret when it is printed."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __repr__(self) -> str:
        return f"Shows({self.secret})"


PLACES = st.sampled_from(
    ["message", "argument", "object", "dict", "extra", "error", "cause", "format", "number"]
)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="%*"), max_size=30)


def log_with_secret(logger: logging.Logger, place: str, secret: str, word: str) -> None:
    """Log the secret in one of the places where a program may put it by mistake."""
    extra = {"url": secret, "part": [secret]} if place == "extra" else None
    try:
        if place == "cause":
            raise ValueError(secret)
        raise KeyError(secret if place == "error" else "other")
    except LookupError as error:
        caught: Exception | None = error if place == "error" else None
    except ValueError as error:
        caught = RuntimeError(word)
        caught.__cause__ = error
    message, args = {
        "message": (f"{word}{secret}".replace("%", "%%"), ()),
        "argument": ("%s and %s", (word, secret)),
        "object": ("%s", (Shows(secret),)),
        "dict": ("%(shown)s", ({"shown": word, "hidden": secret},)),
        "format": ("%d " + word, (secret,)),
        "number": (f"{word} %d", (5,)),
    }.get(place, (word, ()))
    logger.warning(message, *args, extra=extra, exc_info=caught)


@given(PLACES, WORDS, st.text("abcdefghijklmnop%0123456789-", min_size=8, max_size=30))
def test_a_planted_secret_is_never_emitted(place: str, word: str, secret: str) -> None:
    """In any position of a log call, the secret reaches no handler, formatted or not."""
    name = "cratedig.source.somewhere"
    with install(planted(secret), ["cratedig"]), watched(name) as seen:
        log_with_secret(logging.getLogger(name), place, secret, word)
    assert len(seen.lines) == 1
    assert secret not in seen.lines[0]


def test_a_clean_record_keeps_its_arguments() -> None:
    """Handlers that group by format string still can."""
    record = logging.makeLogRecord({"msg": "%s of %d", "args": ("song", 3)})
    assert RedactingFilter(planted()).filter(record)
    assert (record.msg, record.args) == ("%s of %d", ("song", 3))


def test_loggers_made_later_are_covered_too() -> None:
    """A child that did not exist when redaction was installed is cleaned on its way up."""
    name = f"cratedig.later.{uuid4().hex}"
    with install(planted(), ["cratedig"]), watched(name) as seen:
        logging.getLogger(name).error("it is %s", SECRET)
    assert SECRET not in seen.lines[0]


def test_a_handler_on_the_very_logger_is_covered() -> None:
    """A host's handler directly on a source's logger sees the clean record."""
    logger = logging.getLogger(f"cratedig.source.{uuid4().hex}")
    handler = Remembering()
    logger.addHandler(handler)
    with install(planted(), ["cratedig"]):
        logger.error("it is %s", SECRET)
    assert SECRET not in handler.lines[0]


def test_httpx_and_httpcore_are_covered() -> None:
    """What the HTTP client logs of addresses and headers at DEBUG has no credentials."""
    with install(planted()), watched("httpx") as seen:
        transport = httpx.MockTransport(lambda _request: httpx.Response(200))
        with httpx.Client(transport=transport) as client:
            client.get(f"http://127.0.0.1/?q={SECRET}&apikey=unplanted1")
    assert seen.lines
    assert not [line for line in seen.lines if SECRET in line or "unplanted1" in line]
    with install(planted()), watched("httpcore.http11") as seen:
        headers = [(b"Set-Cookie", b"sid=unplanted2"), (b"X", SECRET.encode())]
        logging.getLogger("httpcore.http11").debug("receive.complete return_value=%r", headers)
    assert seen.lines
    assert not [line for line in seen.lines if SECRET in line or "unplanted2" in line]


def test_closing_leaves_no_trace() -> None:
    """Filters and handlers are gone, and a second engine's are not touched."""
    logger = logging.getLogger("cratedig.trace")
    parent = logging.getLogger("cratedig")
    before = (list(parent.handlers), list(parent.filters), list(logger.filters))
    first, second = install(planted(), ["cratedig"]), install(planted("another-secret"), ["cratedig"])
    first.close()
    with watched("cratedig.trace") as seen:
        logger.error("another-secret")
    assert MASK in seen.lines[0]
    second.close()
    assert (list(parent.handlers), list(parent.filters), list(logger.filters)) == before


PROGRAM = """
import logging
from cratedig._redaction import Redactor, install
install(Redactor())
logging.getLogger("asyncio").error("a task failed: token=abcdefgh")
logging.getLogger("asyncio").info("nobody wants this")
"""


def test_a_program_without_logging_still_sees_warnings() -> None:
    """The silent handler does not take logging's last resort away."""
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert run.stderr == f"a task failed: token={MASK}\n"


def test_an_argument_that_cannot_be_printed_stops_nothing() -> None:
    """A raising __repr__ is the logging program's mistake, not the end of its thread."""

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError(SECRET)

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(planted()))
    logger = logging.Logger("alone")  # noqa: LOG001  # outside the tree, so that nobody else listens
    logger.addHandler(handler)
    logger.error("it is %s", Broken())
    assert "<Broken>" in stream.getvalue()
    assert SECRET not in stream.getvalue()


@pytest.mark.parametrize("value", [5, None, True, 2.5])
def test_plain_values_pass(value: object) -> None:
    """Numbers and None are not turned into text."""
    record = logging.makeLogRecord({"msg": "%s", "args": (value,), "extra_field": value})
    RedactingFilter(planted()).filter(record)
    assert record.args == (value,)
    assert vars(record)["extra_field"] is value
