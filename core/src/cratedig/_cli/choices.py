"""Options that several commands share: wishes, sources, qualities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from cratedig._model import QualityPreference, Wanted

F = TypeVar("F", bound=Callable[..., Any])


def complete_source(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The installed sources' names; none is imported for that."""
    from cratedig._plugins.entrypoints import installed  # noqa: PLC0415 - only a shell that completes

    return [CompletionItem(entry.name) for entry in installed() if entry.name.startswith(incomplete)]


_WISH = (
    click.option("--artist", default="", help="The artist."),
    click.option("--title", default="", help="The title of a track."),
    click.option("--album", default="", help="The album; without --title, the whole of it."),
    click.option("--isrc", default=None, help="The recording's ISRC."),
)
_QUALITY = (
    click.option(
        "--quality",
        metavar="QUALITY",
        help="Not worse than this; or a range: 'mp3 256..flac 16/44.1', '..mp3 320'.",
    ),
    click.option("--codec", "codecs", multiple=True, metavar="CODEC", help="Only this codec; repeatable."),
)
_SOURCES = (
    click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="NAME",
        shell_complete=complete_source,
        help="Only this source; repeatable, in the order of preference. Older names work, too.",
    ),
    click.option(
        "--require",
        multiple=True,
        metavar="NAME",
        shell_complete=complete_source,
        help="Stop before any work unless this source is ready; repeatable.",
    ),
)


def _all(options: tuple[Callable[[F], F], ...]) -> Callable[[F], F]:
    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


wish_options = _all(_WISH)
quality_options = _all(_QUALITY)
source_options = _all(_SOURCES)


def wanted_of(
    text: str = "", artist: str = "", title: str = "", album: str = "", isrc: str | None = None
) -> Wanted | None:
    """What the options ask for, ``None`` when they ask for nothing."""
    from cratedig._model import Wanted  # noqa: PLC0415 - not for --help

    try:
        return Wanted(text=text, artist=artist, title=title, album=album, isrc=isrc)
    except ValueError:
        return None


def preference_of(
    quality: str | None, codecs: tuple[str, ...], usual: QualityPreference
) -> QualityPreference | None:
    """The settings' preference with what the options say in its place; ``None`` when they say nothing."""
    from attrs import evolve  # noqa: PLC0415

    if quality is None and not codecs:
        return None
    low, _, high = (quality or "").partition("..")
    return evolve(
        usual,
        floor=_quality(low) if low.strip() else usual.floor,
        ceiling=_quality(high) if high.strip() else usual.ceiling,
        codecs=codecs or usual.codecs,
    )


def _quality(text: str) -> Any:
    from cratedig._settings import parse_quality  # noqa: PLC0415

    try:
        return parse_quality(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: {error}", param_hint="--quality") from None
