"""From a response to JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cratedig import UnexpectedResponse
from cratedig.reading import json_of

if TYPE_CHECKING:
    import httpx


def read_json(answer: httpx.Response, who: str) -> Any:
    """Return the body as JSON.

    :raises httpx.HTTPStatusError: the status is no success; the engine knows what each stands for.
    :raises UnexpectedResponse: it is no JSON.
    """
    answer.raise_for_status()
    if (found := json_of(answer)) is not None:
        return found
    kind = answer.headers.get("content-type", "no content type")
    raise UnexpectedResponse(
        f"{who} answers with {kind} in place of JSON",
        hint="the service may be in maintenance, or the address in the settings may be another's",
    )
