"""slskd's records of downloads, as its API lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen

from cratedig.reading import flag, items, mapping, require_items, text, whole
from cratedig_soulseek.targets import exact

_FAILURES = ("Cancelled", "TimedOut", "Errored", "Rejected", "Aborted")
_FLAGS = (
    *("Requested", "Queued", "Initializing", "InProgress", "Completed", "Succeeded"),
    *_FAILURES,
    *("Locally", "Remotely"),
)
"""In the order of their bits."""
_MADE_FROM_A_NAME = 5
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@frozen(kw_only=True)
class Transfer:
    """One record. ``failure`` is the word for how it failed, "" while it has not; sizes are in bytes.

    ``next_attempt`` is when slskd tries again, in seconds since the epoch.
    """

    id: str
    user: str
    path: str
    batch: str
    states: frozenset[str]
    size: int | None
    got: int | None
    place: int | None
    told: str
    requested: str
    next_attempt: float | None

    @property
    def own(self) -> bool:
        """Whether it was begun here: slskd's other clients make batch ids by chance, not out of a name."""
        return not self.batch or UUID(self.batch).version == _MADE_FROM_A_NAME

    @property
    def failure(self) -> str:
        """Looked for before success: slskd's states are flags, and an aborted one is completed, too."""
        found = next((word for word in _FAILURES if word in self.states), "")
        bare = "Completed" in self.states and "Succeeded" not in self.states
        return found or ("Errored" if bare else "")

    @property
    def succeeded(self) -> bool:
        """Whether all bytes are there, perhaps not yet in their place."""
        return "Succeeded" in self.states and not self.failure

    @property
    def alive(self) -> bool:
        """Whether there is more to come of it."""
        return not self.succeeded and not self.failure

    @property
    def queued(self) -> bool:
        """Whether it stands in the peer's queue."""
        return self.alive and {"Queued", "Remotely"} <= self.states

    @property
    def doing(self) -> str:
        """What it is waiting for, in a person's words."""
        if self.queued:
            return (
                f"place {self.place} in the queue of {self.user}" if self.place else f"queued at {self.user}"
            )
        if "InProgress" in self.states:
            return f"coming from {self.user}"
        if "Requested" in self.states or "Initializing" in self.states:
            return f"asking {self.user}"
        return f"queued in slskd; before: {self.told}" if self.told else "queued in slskd"


def read_transfers(answer: Any) -> list[Transfer]:
    """Read the list of all users.

    :raises UnexpectedResponse: it is no list.
    """
    return [one for user in require_items(answer, "transfers") for one in read_user(user)]


def read_user(answer: Any) -> Iterator[Transfer]:
    """Read the transfers of one user."""
    about = mapping(answer)
    for folder in items(about.get("directories")):
        for file in items(mapping(folder).get("files")):
            one = read_transfer({"username": about.get("username"), **mapping(file)})
            if one is not None:
                yield one


def read_transfer(answer: Any) -> Transfer | None:
    """Read one record; ``None`` where it cannot be told whose it is, or where it was removed."""
    record = mapping(answer)
    user, path, own = exact(record.get("username")), exact(record.get("filename")), guid(record.get("id"))
    if not (user and path and own) or flag(record.get("removed")):
        return None
    return Transfer(
        id=own,
        user=user,
        path=path,
        batch=guid(record.get("batchId")),
        states=_states(record.get("state")),
        size=whole(record.get("size")),
        got=whole(record.get("bytesTransferred")),
        place=whole(record.get("placeInQueue")),
        told=text(record.get("exception"))[:300],
        requested=text(record.get("requestedAt")),
        next_attempt=_moment(record),
    )


def guid(value: object) -> str:
    """Return an id of slskd's, "" for what is none: ids become parts of addresses and folders."""
    return value.lower() if isinstance(value, str) and _GUID.fullmatch(value) else ""


def latest(transfers: Iterable[Transfer]) -> list[Transfer]:
    """Return the records that count where some files have several."""
    in_order = sorted(transfers, key=lambda one: (one.alive, one.requested))
    return list({one.path: one for one in in_order}.values())


def _states(value: object) -> frozenset[str]:
    """Read the flags; a combination without a name of its own may come as a number."""
    number = whole(value)
    if number is not None:
        return frozenset(word for place, word in enumerate(_FLAGS) if number >> place & 1)
    return frozenset(part.strip() for part in text(value).split(","))


def _moment(record: Mapping[str, Any]) -> float | None:
    try:
        return datetime.fromisoformat(text(record.get("nextAttemptAt"))).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
