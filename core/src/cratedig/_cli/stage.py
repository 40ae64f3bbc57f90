"""The demo's stage: music services on this machine, a folder of music, settings that point there.

The services come from cratedig-emulators, which core knows by name only: whoever embeds the engine does
not have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cratedig._errors import SourceBroken
from cratedig._plugins.entrypoints import installed

EMULATORS = "cratedig_emulators"
IN_FOLDER = slice(2, 7)
"""The tracks of the album that the folder has, too."""
DRIP = (24_000, 0.03)
"""Bytes and seconds of each piece of a file, so that there is something to see."""


class Stage:
    """Services that listen while the block lasts. ``album`` is the one to download."""

    def __init__(self, folder: Path) -> None:
        emulators = _module(EMULATORS)
        self._folder = folder
        self._stack = ExitStack()
        self._classes = {service.name: service for service in emulators.emulators()}
        self.services: dict[str, Any] = {}
        self.album = _module(f"{EMULATORS}.catalogue").DEFAULT.albums[0]
        there = {entry.name for entry in installed()}
        self.sources = [name for name in ("archive", "folder", "youtube") if name in there]
        if not self.sources:
            raise SourceBroken("the demo needs a source: pip install cratedig-archive cratedig-folder")

    def __enter__(self) -> Self:
        """Start them."""
        for name in self.sources:
            if name in self._classes:
                self.services[name] = self._stack.enter_context(self._classes[name]())
        if "folder" in self.sources:
            self._fill()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop them."""
        self._stack.close()

    @property
    def failing(self) -> str:
        """The service that is going to fail; empty where nobody could take over."""
        return next(iter(self.services), "") if len(self.sources) > 1 else ""

    def settings(self, music: Path) -> Mapping[str, Any]:
        """Settings that point every source here."""
        addresses = {
            "archive": lambda service: {"base_url": service.base_url},
            "youtube": lambda service: {"proxy": service.proxy_url, "verify_tls": False},
        }
        sources = {name: addresses[name](service) for name, service in self.services.items()}
        if "folder" in self.sources:
            sources["folder"] = {"paths": [str(self._collection)]}
        engine = {"download_dir": str(music), "state_dir": str(self._folder / "state"), "retries": 2}
        return {"engine": engine, "sources": sources}

    def slow_down(self) -> None:
        """Let the bytes of the one that is going to fail come in drops."""
        if self.failing:
            drip = _module(f"{EMULATORS}.server").Fault(drip=DRIP)
            for path in ("*/items/*", "/videoplayback"):
                self.services[self.failing].fault(path, drip)

    def cut_power(self) -> None:
        """End the failing service in the middle of what it is sending."""
        self.services[self.failing].kill()

    @property
    def _collection(self) -> Path:
        return self._folder / "collection"

    def _fill(self) -> None:
        make_audio = _module(f"{EMULATORS}.audio").make_audio
        self._collection.mkdir(parents=True)
        every = len(self.services) < 2  # noqa: PLR2004 - of two services one goes on
        for track in self.album.tracks if every else self.album.tracks[IN_FOLDER]:
            file = self._collection / f"{track.number:02} {track.title}.mp3"
            file.write_bytes(make_audio(track, codec="mp3", bitrate=320))


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise SourceBroken(
            f"the demo needs the embedded music services ({error}): pip install cratedig-emulators"
        ) from error
