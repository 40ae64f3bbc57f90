"""Fetching an NZB. Its address has somebody's key in it, and so have those that it redirects to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from cratedig import SourceContext, UnexpectedResponse
from cratedig.reading import text
from cratedig_usenet.answers import read_answer

if TYPE_CHECKING:
    import httpx

LARGEST = 50 * 2**20
"""Bytes; the NZB of a large box set has two or three millions."""
_REDIRECTS = 5
_VALUE = re.compile(r"[?&;][\w.-]{1,64}=([^&;#]{6,})")
"""What may be a key in an address."""
_FILE_NAME = re.compile(r'filename\*?=(?:UTF-8\'\')?"?([^";]+)', re.IGNORECASE)


async def fetch_nzb(context: SourceContext, url: str) -> tuple[str, bytes]:
    """Name and content; the name is "" where nobody tells it.

    Redirects are followed here and not by the client, so that each address is known as a secret before
    anything is written about it.

    :raises SourceError: there is none, and why.
    """
    for _ in range(_REDIRECTS):
        query = _VALUE.findall(url)
        context.conceal(url, *query, *map(unquote, query))
        async with context.http.stream("GET", url, follow_redirects=False) as answer:
            if not answer.has_redirect_location:
                return _name(answer), await _content(context, answer)
            url = urljoin(url, answer.headers["location"])
    raise UnexpectedResponse("the indexer redirects from one address to the next and to no NZB")


async def _content(context: SourceContext, answer: httpx.Response) -> bytes:
    if not answer.is_success:
        raise context.meaning(answer)
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > LARGEST:
            raise UnexpectedResponse(f"what should be an NZB has more than {LARGEST >> 20} MiB")
    head = bytes(body[:4096])
    if b"<nzb" not in head:
        if b"<error" in head:
            read_answer(bytes(body))
        page = "a page" if b"<html" in head.lower() else "something else"
        raise UnexpectedResponse(f"the indexer sends {page} in place of an NZB")
    return bytes(body)


def _name(answer: httpx.Response) -> str:
    """What the indexer calls it, by SABnzbd's header or that of a download."""
    told = text(answer.headers.get("x-dnzb-name"))
    found = _FILE_NAME.search(answer.headers.get("content-disposition", ""))
    return told or (re.sub(r"\.nzb$", "", text(unquote(found[1])), flags=re.IGNORECASE) if found else "")


def id_of(guid: str) -> str:
    """What ``t=get`` wants: the guid itself, or the last part of it where it is an address."""
    if "://" not in guid:
        return guid
    parts = urlsplit(guid)
    named = re.search(r"(?:^|&)(?:id|guid)=([^&]+)", parts.query)
    return unquote(named[1]) if named else unquote(parts.path.rstrip("/").rpartition("/")[2])
