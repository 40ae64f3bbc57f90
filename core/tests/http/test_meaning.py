"""A source that looks at answers itself names them as the engine does."""

from __future__ import annotations

import logging
from typing import Any, cast

import httpx

from cratedig import RateLimited, SourceContext, Unavailable


def test_context_says_what_an_answer_means() -> None:
    """Status, Retry-After and a broken connection become the errors that the engine would make of them."""
    context = SourceContext("planted", logging.getLogger("planted"), cast("Any", None), cast("Any", None))
    request = httpx.Request("GET", "http://somebody:planted@127.0.0.1/x?token=planted")
    limited = context.meaning(httpx.Response(429, headers={"Retry-After": "7"}, request=request))
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == 7
    broken = context.meaning(httpx.ConnectError("planted", request=request))
    assert isinstance(broken, Unavailable)
    assert "planted" not in f"{limited}{broken}"
