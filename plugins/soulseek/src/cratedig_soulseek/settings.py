"""What a person can set under ``[sources.soulseek]``."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import ge, gt, le

from cratedig import Secret, SourceSettings
from cratedig.fields import address


@frozen(kw_only=True)
class SoulseekSettings(SourceSettings):
    """``base_url`` is needed, and a login unless slskd is told to do without; times are in seconds."""

    base_url: str = address()
    """slskd's address, with its ``url_base`` where it has one: ``http://nas:5030``."""
    api_key: Secret | None = None
    """One of the keys under ``web.authentication.api_keys`` in slskd's configuration."""
    username: str = ""
    """The login of slskd's web page, where there is no key."""
    password: Secret | None = None
    """Its password."""
    download_dir: str = ""
    """slskd's downloads folder as this machine sees it; empty where both see the same path."""
    path_map: dict[str, str] = field(factory=dict)
    """Further folders of slskd's machine, each with its path on this one."""
    poll_interval: float = field(default=1.0, validator=[ge(0.02), le(60)])
    """How long to wait between two looks at slskd."""
    search_quiet: float = field(default=6.0, validator=[gt(0), le(60)])
    """A search ends when nobody has answered for so long."""
    search_time: float = field(default=15.0, validator=[gt(0), le(50)])
    """A search is ended after so long, with what it has found by then."""
    max_queue: int = field(default=1_000_000, validator=ge(0))
    """Leave peers out whose queue is longer."""
    min_speed: int = field(default=0, validator=ge(0))
    """Leave peers out who are slower, in bytes/s."""
