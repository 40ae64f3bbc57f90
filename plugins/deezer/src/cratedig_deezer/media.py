"""From a track's token to the addresses of its bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from cratedig import NotEntitled, QualityUnavailable, SourceContext, UnexpectedResponse
from cratedig.reading import items, json_of, mapping, require_mapping, text
from cratedig_deezer.account import Account
from cratedig_deezer.answers import read_json
from cratedig_deezer.songs import Song
from cratedig_deezer.tiers import Tier
from cratedig_deezer.vocabulary import raise_media_error

if TYPE_CHECKING:
    import httpx

STRIPE = "BF_CBC_STRIPE"
_MIRRORS = 3
_FORBIDDEN = 403


@frozen(kw_only=True)
class Stream:
    """Where the bytes of ``song`` are, at one or more mirrors, and whether they are encrypted."""

    song: Song
    tier: Tier
    encrypted: bool
    addresses: tuple[str, ...] = field(repr=False)


async def ask_media(context: SourceContext, account: Account, song: Song, tiers: Sequence[Tier]) -> Stream:
    """Ask for the best of ``tiers`` that the service grants.

    :raises SourceError: none is granted; see :func:`read_media`.
    """
    wish = {
        "license_token": account.license_token,
        "media": [
            {"type": "FULL", "formats": [{"cipher": STRIPE, "format": tier.name} for tier in tiers]},
        ],
        "track_tokens": [song.token],
    }
    answer = await context.http.post(f"{context.settings.media_base}/v1/get_url", json=wish)
    return read_media(_body(answer), song, tiers)


def _body(answer: httpx.Response) -> Any:
    if answer.status_code == _FORBIDDEN:
        # The refusal of a licence has a reason in its body, other refusals are the engine's to read.
        raise_media_error(mapping(json_of(answer)).get("errors"))
    return read_json(answer, "the media service")


def read_media(answer: Any, song: Song, tiers: Iterable[Tier]) -> Stream:
    """Read the answer to a request for one track.

    :raises StaleTrack: the track's token is not accepted.
    :raises LicenseRefused: the subscription does not include the tiers.
    :raises NotEntitled: the track is not released for the account, or only a preview of it.
    :raises QualityUnavailable: there is no file in these tiers.
    :raises UnexpectedResponse: it is something else.
    """
    whole = require_mapping(answer, "media answer")
    raise_media_error(whole.get("errors"))
    data = mapping(next(iter(items(whole.get("data"))), {}))
    raise_media_error(data.get("errors"))
    media = mapping(next(iter(items(data.get("media"))), {}))
    if not media:
        raise QualityUnavailable("Deezer has no file of the track in the quality asked for")
    if text(media.get("media_type")).upper() == "PREVIEW":
        raise NotEntitled("Deezer hands out a preview only", hint="the account's subscription may lack it")
    return Stream(
        song=song,
        tier=_granted(media, tiers),
        encrypted=_is_encrypted(media),
        addresses=_addresses(media),
    )


def _granted(media: Any, tiers: Iterable[Tier]) -> Tier:
    name = text(media.get("format"))
    found = next((tier for tier in tiers if tier.name == name), None)
    if found is None:
        raise QualityUnavailable(f"Deezer offers {name[:40] or 'no format'}, which was not asked for")
    return found


def _is_encrypted(media: Any) -> bool:
    kind = text(mapping(media.get("cipher")).get("type"))
    if kind not in {STRIPE, "NONE"}:
        raise UnexpectedResponse(f"the stream is encrypted as {kind[:40]!r}, which this source does not know")
    return kind == STRIPE


def _addresses(media: Any) -> tuple[str, ...]:
    told = [text(mapping(source).get("url")) for source in items(media.get("sources"))]
    found = tuple(url for url in told if url.startswith(("https://", "http://")))[:_MIRRORS]
    if not found:
        raise UnexpectedResponse("the media service grants the track without an address")
    return found
