"""What every HTTP client of one lane has in common."""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata

from attrs import field, frozen
from attrs.validators import gt, instance_of


@lru_cache(maxsize=1)
def default_user_agent() -> str:
    """``cratedig/<version> (+<homepage>)``, without the part in brackets where no homepage is declared."""
    try:
        about = metadata.metadata("cratedig")
    except metadata.PackageNotFoundError:
        return "cratedig"
    links = [link.partition(", ") for link in about.get_all("Project-URL") or ()]
    homepage = next((url for label, _, url in links if label.lower() == "homepage"), "")
    return f"cratedig/{about['Version']}" + (f" (+{homepage})" if homepage else "")


@frozen(kw_only=True)
class HttpOptions:
    """How a lane reaches its service. Time-outs are in seconds; ``proxy`` is an address or ``None``.

    ``trust_env`` lets ``HTTPS_PROXY``, ``NO_PROXY`` and ``SSL_CERT_FILE`` count where nothing is set here.
    """

    proxy: str | None = None
    verify_tls: bool = field(default=True, validator=instance_of(bool))
    user_agent: str = field(factory=default_user_agent, validator=instance_of(str))
    connect_timeout: float = field(default=10.0, validator=gt(0))
    read_timeout: float = field(default=30.0, validator=gt(0))
    max_connections: int = field(default=20, validator=gt(0))
    trust_env: bool = field(default=True, validator=instance_of(bool))
