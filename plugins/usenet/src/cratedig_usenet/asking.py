"""One request, with what can happen on the way said in the engine's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cratedig import SourceContext

if TYPE_CHECKING:
    import httpx


async def ask(context: SourceContext, method: str, url: str, **options: Any) -> httpx.Response:
    """The answer, whatever its status; ``options`` are those of ``httpx.AsyncClient.request``.

    The engine translates what httpx raises out of a hook, too. Here it is caught earlier: what one indexer
    cannot do is no reason to stop, and what the doctor finds is no exception.

    :raises SourceError: there is no answer.
    """
    import httpx  # noqa: PLC0415 - loaded when first used

    try:
        return await context.http.request(method, url, **options)
    except httpx.HTTPError as error:
        raise context.meaning(error) from error
