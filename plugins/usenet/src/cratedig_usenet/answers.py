"""Newznab's XML: items, errors, capabilities. https://newznab.readthedocs.io/en/latest/misc/api/."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from cratedig import AuthenticationFailed, NotEntitled, NotFound, SourceError, Unavailable, UnexpectedResponse
from cratedig.reading import text, whole, year
from cratedig_usenet.releases import LONGEST_GUID, Release

LARGEST = 20 * 2**20
MOST = 500
_KEY = "check the indexer's api_key, and your account there"
_LIMIT = "wait until its day is over, or add another indexer"
_ERRORS: Mapping[int, tuple[type[SourceError], str]] = MappingProxyType(
    {
        100: (AuthenticationFailed, _KEY),
        101: (AuthenticationFailed, "the account is suspended; ask the indexer why"),
        102: (NotEntitled, "the account has not the rights for it"),
        200: (UnexpectedResponse, ""),
        201: (UnexpectedResponse, ""),
        202: (UnexpectedResponse, ""),
        203: (UnexpectedResponse, ""),
        300: (NotFound, ""),
        # A limit for the day: to have the whole source pause for that long would stop what is under way.
        500: (NotEntitled, _LIMIT),
        501: (NotEntitled, _LIMIT),
        900: (Unavailable, ""),
        910: (Unavailable, "the indexer has switched its API off"),
    }
)
_REGISTRATION = range(103, 108)


def read_releases(body: bytes, indexer: str) -> list[Release]:
    """Read what a search has found.

    :raises SourceError: the answer is an error, or not Newznab's.
    """
    root = _parsed(body)
    channel = root.find("channel")
    if channel is None:
        raise UnexpectedResponse("the indexer's answer has no channel", hint=_NOT_NEWZNAB)
    found = (_release(item, indexer) for item in channel.findall("item")[:MOST])
    return [release for release in found if release is not None]


def has_music_search(body: bytes) -> bool:
    """Whether it searches by artist and album.

    :raises SourceError: the answer is an error, or not Newznab's.
    """
    for name in ("audio-search", "music-search"):
        for search in _parsed(body).iter(name):
            known = set(search.get("supportedParams", "").split(","))
            if search.get("available", "").lower() == "yes" and known >= {"artist", "album"}:
                return True
    return False


def raise_error(body: bytes) -> NoReturn:
    """Raise the error that the answer is.

    :raises SourceError: always.
    """
    found = re.search(rb"<error\b[^>]*>", body)
    said = found[0].decode("utf-8", "replace") if found else ""
    code, description = (_attribute(said, name) for name in ("code", "description"))
    raise _error(whole(code), text(description))


def _parsed(body: bytes) -> Any:
    from defusedxml import DefusedXmlException, ElementTree  # noqa: PLC0415 - loaded when first used

    if len(body) > LARGEST:
        raise UnexpectedResponse(f"the indexer's answer has more than {LARGEST >> 20} MiB")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnexpectedResponse("the indexer's answer is not XML", hint=_NOT_NEWZNAB) from error
    if root.tag == "error":
        raise _error(whole(root.get("code")), text(root.get("description")))
    return root


_NOT_NEWZNAB = "check the indexer's base_url; it is the address without /api"


def _error(code: int | None, said: str) -> SourceError:
    registration = (NotEntitled, _KEY) if code in _REGISTRATION else (UnexpectedResponse, "")
    kind, hint = _ERRORS.get(code or 0, registration)
    what = {500: "your requests of today are used up", 501: "your downloads of today are used up"}.get(
        code or 0
    )
    return kind(
        f"the indexer answers: {what or said[:200] or 'an error'} ({code or 'no code'})", hint=hint or None
    )


def _attribute(element: str, name: str) -> str:
    found = re.search(rf'\b{name}\s*=\s*"([^"]*)"', element)
    return found[1] if found else ""


def _release(item: Any, indexer: str) -> Release | None:
    guid, title = text(item.findtext("guid")), text(item.findtext("title"))
    enclosure = item.find("enclosure")
    link = (enclosure.get("url") if enclosure is not None else "") or item.findtext("link") or ""
    if not (guid and title) or len(guid) > LONGEST_GUID:
        return None
    attributes = list(_attributes(item))
    known = dict(reversed(attributes))  # the first of a name
    size = known.get("size") or (enclosure.get("length") if enclosure is not None else None)
    return Release(
        guid=guid,
        title=title,
        link=link.strip() if is_address(link.strip()) else "",
        size=whole(size) or None,
        categories=frozenset(
            number for name, value in attributes if name == "category" and (number := whole(value))
        ),
        grabs=whole(known.get("grabs")),
        posted=text(known.get("usenetdate")) or text(item.findtext("pubDate")),
        indexer=indexer,
        artist=text(known.get("artist")),
        album=text(known.get("album")),
        year=year(known.get("year")),
    )


def _attributes(item: Any) -> Iterator[tuple[str, str]]:
    """Every ``newznab:attr``, whatever namespace an indexer gives it."""
    for element in item:
        if isinstance(element.tag, str) and element.tag.rpartition("}")[2] == "attr":
            yield element.get("name", "").lower(), element.get("value", "")


def is_address(link: str) -> bool:
    """Whether it is one that can be asked."""
    try:
        parts = urlsplit(link)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
