"""Newznab's XML: items, errors, capabilities. https://newznab.readthedocs.io/en/latest/misc/api/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cratedig import AuthenticationFailed, NotEntitled, NotFound, SourceError, Unavailable, UnexpectedResponse
from cratedig.reading import text, whole, year
from cratedig_usenet.failures import Failure
from cratedig_usenet.releases import Release

_KEY = "check the indexer's api_key, and your account there"
_LIMIT = "wait until its day is over, or add another indexer"
_NOT_NEWZNAB = "check the indexer's base_url; it is the address without /api"
REFUSED = Failure(AuthenticationFailed, "the indexer refuses the key", _KEY)
_ERRORS: Mapping[int, Failure] = {
    100: REFUSED,
    101: Failure(AuthenticationFailed, "the account is suspended", "ask the indexer why"),
    102: Failure(NotEntitled, "the account has not the rights for it"),
    **dict.fromkeys(range(103, 108), Failure(NotEntitled, "the account is not registered", _KEY)),
    300: Failure(NotFound, "the indexer has no such release"),
    # A limit for the day: to have the whole source pause for that long would stop what is under way.
    500: Failure(NotEntitled, "your requests of today are used up", _LIMIT),
    501: Failure(NotEntitled, "your downloads of today are used up", _LIMIT),
    900: Failure(Unavailable, "the indexer is in trouble"),
    910: Failure(Unavailable, "the indexer has switched its API off"),
}
_OTHER = Failure(UnexpectedResponse, "the indexer answers an error")


def read_releases(body: bytes, indexer: str) -> list[Release]:
    """Read what a search has found.

    :raises SourceError: the answer is an error, or not Newznab's.
    """
    channel = read_answer(body).find("channel")
    if channel is None:
        raise UnexpectedResponse("the indexer's answer has no channel", hint=_NOT_NEWZNAB)
    return [_release(item, indexer) for item in channel.findall("item")]


def has_music_search(body: bytes) -> bool:
    """Whether it searches by artist and album.

    :raises SourceError: the answer is an error, or not Newznab's.
    """
    root = read_answer(body)
    searches = [*root.iter("audio-search"), *root.iter("music-search")]
    able = [search for search in searches if search.get("available", "").lower() == "yes"]
    return any({"artist", "album"} <= set(search.get("supportedParams", "").split(",")) for search in able)


def read_answer(body: bytes) -> Any:
    """Read an answer's XML.

    :raises SourceError: it is an error, or not Newznab's.
    """
    from defusedxml import DefusedXmlException, ElementTree  # noqa: PLC0415 - loaded when first used

    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnexpectedResponse("the indexer's answer is not XML", hint=_NOT_NEWZNAB) from error
    if root.tag == "error":
        raise _error(whole(root.get("code")), text(root.get("description")))
    return root


def _error(code: int | None, said: str) -> SourceError:
    return _ERRORS.get(code or 0, _OTHER).error(
        f"{said[:150] or 'no reason given'}, code {code or 'unknown'}"
    )


def _release(item: Any, indexer: str) -> Release:
    # Indexers give ``newznab:attr`` namespaces of their own, and one name several times: the first counts.
    attributes = [(one.get("name", "").lower(), one.get("value", "")) for one in item.iterfind("{*}attr")]
    known = dict(reversed(attributes))
    enclosure = item.find("enclosure")
    enclosed = {} if enclosure is None else enclosure.attrib
    return Release(
        guid=text(item.findtext("guid")),
        title=text(item.findtext("title")),
        link=(enclosed.get("url") or item.findtext("link") or "").strip(),
        size=whole(known.get("size") or enclosed.get("length")) or None,
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
