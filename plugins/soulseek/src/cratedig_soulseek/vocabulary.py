"""slskd's sentences and states, in the engine's errors."""

from __future__ import annotations

from cratedig import NotEntitled, NotFound, SourceError, Unavailable

_GONE = ("not shared", "not found", "no such file", "offline", "does not exist", "blacklisted")
_REFUSING = ("banned", "denied", "reject", "blocked", "permission")
"""Words of slskd's and of peers' own sentences; what has none of them is a matter of the network."""

_WORDS: dict[str, tuple[type[SourceError], str, str]] = {
    "Rejected": (NotEntitled, "{user} refuses", "another peer may have it"),
    "Aborted": (NotFound, "{user} has another file there by now", "search again"),
    "Cancelled": (NotFound, "somebody has cancelled it in slskd", "start it again if it is wanted"),
    "TimedOut": (Unavailable, "{user} does not answer", ""),
    "Errored": (Unavailable, "the transfer from {user} broke off", ""),
}
_GIVEN_UP = ("hard time limit", "shut")


def refused(sentence: str, user: str) -> SourceError:
    """Say what it means that slskd has not taken a file on, from its sentence alone."""
    return meant(sentence, Unavailable)(_joined(f"slskd does not take on a file of {user}", sentence))


def failed(failure: str, sentence: str, user: str) -> SourceError:
    """Say what it means that a transfer has failed, from its state and slskd's sentence."""
    kind, said, hint = _WORDS.get(failure, _WORDS["Errored"])
    if failure == "Cancelled" and any(word in sentence.lower() for word in _GIVEN_UP):
        kind, said, hint = Unavailable, "slskd has given up on {user}", ""
    elif failure != "Cancelled":
        kind = meant(sentence, kind)
    return kind(_joined(said.format(user=user), sentence), hint=hint or None)


def meant(sentence: str, otherwise: type[SourceError]) -> type[SourceError]:
    """Return the kind of error that a sentence of slskd's or of a peer's stands for."""
    low = sentence.lower()
    if any(word in low for word in _GONE):
        return NotFound
    refusing = any(word in low for word in _REFUSING)
    return NotEntitled if refusing and otherwise is not NotFound else otherwise


def _joined(said: str, sentence: str) -> str:
    return f"{said}: {sentence}" if sentence else said
