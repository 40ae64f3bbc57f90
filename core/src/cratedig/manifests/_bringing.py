"""From a manifest's address to the manifest, and from there to the file, over the context of a source."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cratedig._errors import NotEntitled, Unavailable, UnexpectedResponse
from cratedig.manifests._hls import variant_of
from cratedig.manifests._kinds import decoded, read_manifest
from cratedig.manifests._limits import MAX_CHARACTERS, address_of
from cratedig.manifests._model import Manifest

if TYPE_CHECKING:
    from cratedig._plugins.context import SourceContext

_EXTENSIONS = {"audio/flac": "flac", "audio/x-flac": "flac", "audio/mpeg": "mp3", "audio/ogg": "ogg"}
_MOST_STEPS = 3


async def open_manifest(context: SourceContext, address: str, codec: str = "") -> Manifest:
    """Read the manifest at an address of the web, or the one that a ``data:`` address holds in base64.

    A playlist of playlists is followed to its best one; sound in ``codec`` comes before any other.

    :raises SourceError: there is none, or what the answer stands for.
    """
    for _ in range(_MOST_STEPS):
        content, base = await _content(context, address)
        address = variant_of(content, base, codec)
        if not address:
            return read_manifest(content, base, codec)
    raise UnexpectedResponse("the playlist leads to playlists only")


async def fetch_audio(
    context: SourceContext,
    manifest: Manifest,
    name: str,
    *,
    dest_dir: Path | None = None,
    progress: Callable[..., None] | None = None,
    renew: Callable[[], Awaitable[Manifest]] | None = None,
) -> Path:
    """Bring what a manifest lists into one file, and take FLAC out of MP4.

    ``name`` is the file's, without extension; ``dest_dir`` and ``progress`` are as for ``context.fetch``.
    Addresses are good for a while only: where one is refused, ``renew`` is asked for others, once.

    :raises SourceError: as for ``context.fetch``; ``Unavailable`` where new addresses are refused as well.
    """
    bring = partial(_brought, context, name=name, dest_dir=dest_dir, progress=progress)
    if renew is None:
        return await bring(manifest)
    try:
        return await bring(manifest)
    except NotEntitled as error:
        context.log.info("the address is refused, asking for another: %s", error)
    fresh = await renew()
    try:
        return await bring(fresh)
    except NotEntitled as error:
        raise Unavailable("an address that the service has just handed out is refused") from error


async def _brought(context: SourceContext, manifest: Manifest, *, name: str, **where: Any) -> Path:
    file = f"{name}.{_EXTENSIONS.get(manifest.mime_type, 'mp4')}"
    if len(manifest.parts) > 1:
        path = await context.fetch_segments(manifest.parts, file, **where)
    else:
        path = await context.fetch(manifest.parts[0], file, **where)
    if manifest.codec != "flac":
        return path
    from cratedig.remux import native_flac  # noqa: PLC0415 - only downloads need it

    return await context.run_blocking(native_flac, path)


async def _content(context: SourceContext, address: str) -> tuple[str, str]:
    """A manifest's text, and what its addresses are relative to."""
    if address.startswith("data:"):
        return decoded(address.partition("base64,")[2]), ""
    body = bytearray()
    async with context.http.stream("GET", address_of(address)) as answer:
        if not answer.is_success:
            raise context.meaning(answer)
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MAX_CHARACTERS:
                raise UnexpectedResponse("the manifest is far too long")
        return body.decode("utf-8", "replace"), str(answer.url)
