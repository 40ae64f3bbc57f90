"""What yt-dlp remembers is in the source's own state, for one version of yt-dlp."""

from __future__ import annotations

from typing import Any

from cratedig._redaction.secrets import secrets_in
from cratedig.ytdlp import _memory
from cratedig.ytdlp._memory import MAX_KEPT, MAX_LARGE, Memory


class Kept(dict[str, Any]):
    def set(self, key: str, value: Any) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)


def test_small_values_outlive_the_process() -> None:
    """They are written down, and another memory on the same state finds them."""
    kept = Kept()
    Memory(kept).store("soundcloud", "client_id", "made-up")
    assert Memory(kept).load("soundcloud", "client_id") == "made-up"


def test_what_opens_doors_is_kept_as_a_secret() -> None:
    """A client id that an extractor found is told by no log."""
    kept = Kept()
    Memory(kept).store("soundcloud", "client_id", "planted-client-id")
    Memory(kept).store("scripts", "version", "1234567890")
    assert list(secrets_in(kept)) == ["planted-client-id"]


def test_large_values_stay_in_memory() -> None:
    """A player script is not written down; the latest few are kept."""
    kept = Kept()
    memory = Memory(kept)
    for number in range(MAX_LARGE + 1):
        memory.store("scripts", str(number), "x" * MAX_KEPT)
    assert not kept
    assert memory.load("scripts", "0", default="gone") == "gone"
    assert len(memory.load("scripts", str(MAX_LARGE))) == MAX_KEPT


def test_another_version_remembers_nothing(monkeypatch: Any) -> None:
    """What one version of yt-dlp wrote may mean something else to the next."""
    memory = Memory(Kept())
    memory.store("a", "b", 1)
    monkeypatch.setattr(_memory, "_version", lambda: "another")
    assert memory.load("a", "b", default="fresh") == "fresh"


def test_storing_nothing_forgets() -> None:
    """An extractor that stores ``None`` wants the default next time."""
    memory = Memory(Kept())
    memory.store("a", "b", 1)
    memory.store("a", "b", None)
    assert memory.load("a", "b", default=2) == 2
