"""An instance's address, taken apart so that its credentials are never in a URL that somebody may see."""

from __future__ import annotations

from urllib.parse import SplitResult, unquote, urlsplit

from attrs import define, field


@define(eq=False)
class Instance:
    """One server. ``failures`` counts those in a row that say something of it, not of what it was asked."""

    base: str
    """Without credentials, without a slash at the end."""
    login: tuple[str, str] | None = field(default=None, repr=False)
    failures: int = 0

    @property
    def label(self) -> str:
        """How people know it: host, port and path."""
        return self.base.partition("://")[2]


def instance_of(address: str) -> Instance | None:
    """Read an address; ``None`` when it is none, or leads to a query or fragment."""
    parts = _split(address)
    if parts is None or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        return None
    where = parts.netloc.rpartition("@")[2]
    login = (unquote(parts.username or ""), unquote(parts.password or "")) if "@" in parts.netloc else None
    return Instance(f"{parts.scheme}://{where}{parts.path.rstrip('/')}", login)


def shown(address: str) -> str:
    """Return the address without credentials."""
    instance = instance_of(address)
    return instance.base if instance else "no address"


def _split(address: str) -> SplitResult | None:
    """``None`` where host or port make no sense, or a character that has to be encoded is not."""
    try:
        parts = urlsplit(address.strip())
        sound = bool(parts.hostname) and parts.port != 0 and parts.netloc.count("@") <= 1
    except ValueError:
        return None
    return parts if sound and address.strip().isprintable() and " " not in address.strip() else None
