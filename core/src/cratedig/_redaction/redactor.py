"""Take planted secrets, and what looks like one, out of texts."""

from __future__ import annotations

import base64
import json
import re
import threading
import traceback
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from cratedig._redaction.patterns import MASK, is_secret_name, mask_patterns
from cratedig._redaction.secrets import secrets_in

_SHORT = 4
_MOST = 2000
"""Secrets that are remembered; tokens are renewed all day, and the oldest are worthless by then."""


class Redactor:
    """Knows the secrets of one engine. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planted: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def plant(self, *secrets: str) -> None:
        """Never let these texts through again, plain or in the way that URLs, JSON and ``repr`` write them.

        A secret of less than four characters is masked only where it stands alone.
        """
        with self._lock:
            new = {secret for secret in secrets if secret.strip()} - self._planted.keys()
            if not new:
                return
            self._planted |= dict.fromkeys(sorted(new))
            for oldest in list(self._planted)[:-_MOST]:
                del self._planted[oldest]
            self._pattern = _compiled(self._planted)

    def plant_from(self, *values: object) -> None:
        """Plant every secret in settings objects or JSON-like values; see :func:`secrets_in`."""
        self.plant(*(secret for value in values for secret in secrets_in(value)))

    def redact(self, text: str) -> str:
        """``text`` with a mask for each planted secret and for what stands where secrets stand."""
        if self._pattern is not None and text:
            text = self._pattern.sub(MASK, text)
        return mask_patterns(text)

    def redact_data(self, value: Any) -> Any:
        """A copy of JSON-like data with every text in it redacted, keys and secret-sounding fields too."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, Mapping):
            return {self._key(key): self._field(key, item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.redact_data(item) for item in value)
        return value

    def traceback(self, error: BaseException) -> str:
        """The error's traceback, causes included, redacted."""
        return self.redact("".join(traceback.format_exception(error)))

    def __repr__(self) -> str:
        """How many secrets it knows."""
        return f"<Redactor of {len(self._planted)} secrets>"

    def _key(self, key: object) -> object:
        return self.redact(key) if isinstance(key, str) else key

    def _field(self, key: object, item: Any) -> Any:
        secret = isinstance(key, str) and isinstance(item, str) and item and is_secret_name(key)
        return MASK if secret else self.redact_data(item)


def _compiled(secrets: Mapping[str, None]) -> re.Pattern[str]:
    # Longest first: where one secret is the head of another, the whole has to go.
    spellings = sorted({form for secret in secrets for form in _spellings(secret)}, key=len, reverse=True)
    return re.compile("|".join(map(_literal, spellings)))


def _literal(spelling: str) -> str:
    literal = re.escape(spelling)
    return literal if len(spelling) >= _SHORT else rf"(?<!\w){literal}(?!\w)"


def _spellings(secret: str) -> Iterator[str]:
    """The ways in which a secret turns up in a text."""
    encodable = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield secret.strip()
    yield quote(encodable, safe="")
    yield quote(encodable)
    yield quote_plus(encodable)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(str(secret))[1:-1]
    yield repr(encodable)[2:-1]
    yield secret.encode("ascii", "backslashreplace").decode()
    if len(secret) >= _SHORT:
        yield base64.b64encode(encodable).decode().rstrip("=")
