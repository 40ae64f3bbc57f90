"""slskd's searches: two run at a time, and what they found is shown when they have ended."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from cratedig_emulators.soulseek.peers import Peer

RUNNING = 2


@define(eq=False, kw_only=True)
class Search:
    """One record; ``left`` is in seconds."""

    id: str
    text: str
    left: float
    state: str = "Requested"
    responses: list[dict[str, Any]] = field(factory=list)

    @property
    def complete(self) -> bool:
        """Whether it has ended."""
        return self.state.startswith("Completed")

    def shown(self, *, responses: bool = False) -> dict[str, Any]:
        """The record as JSON; until its end it shows no responses, but counts them."""
        return {
            "id": self.id,
            "searchText": self.text,
            "token": 1234,
            "state": self.state,
            "isComplete": self.complete,
            "fileCount": sum(one["fileCount"] for one in self.responses),
            "lockedFileCount": sum(one["lockedFileCount"] for one in self.responses),
            "responseCount": len(self.responses),
            "responses": self.responses if responses and self.complete else [],
            "startedAt": "2026-08-22T10:00:00.0Z",
            **({"endedAt": "2026-08-22T10:00:15.0Z"} if self.complete else {}),
        }


class Searches:
    """All searches. The caller holds the emulator's lock. ``seconds`` is how long each takes."""

    def __init__(self, people: dict[str, Peer]) -> None:
        self.all: dict[str, Search] = {}
        self.seconds = 0.05
        self.ends = "Completed, TimedOut"
        self._people = people

    def begin(self, search_id: str, text: str) -> Search:
        """Make one."""
        self.all[search_id] = made = Search(id=search_id, text=text, left=self.seconds)
        return made

    def stop(self, search_id: str) -> bool:
        """End one early; what it found stays. Whether there is one."""
        found = self.all.get(search_id)
        if found is not None and not found.complete:
            found.state = "Completed, Cancelled"
        return found is not None

    def step(self, seconds: float) -> None:
        """Let time go by."""
        for place, one in enumerate([one for one in self.all.values() if not one.complete]):
            if place >= RUNNING:
                one.state = "Queued"
                continue
            one.state = "InProgress"
            one.responses = one.responses or self._ask(one.text)
            one.left -= seconds
            if one.left <= 0:
                one.state = self.ends

    def _ask(self, text: str) -> list[dict[str, Any]]:
        answers = (peer.response(text) for peer in list(self._people.values()))
        return [answer for answer in answers if answer]
