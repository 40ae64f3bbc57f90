"""How each source stands, as data."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from cratedig._plugins import SourceInfo


class SourceState(StrEnum):
    """Where a source stands."""

    READY = "ready"
    NOT_CONFIGURED = "not configured"
    DISABLED = "disabled"
    BROKEN = "broken"


class Stage(StrEnum):
    """The step of loading at which a source broke."""

    IMPORT = "import"
    CONSTRUCTION = "construction"
    SOURCE_INFO = "source_info"
    REGISTRATION = "registration"
    SETTINGS = "settings"


@frozen(kw_only=True)
class SourceStatus:
    """One source, for a person: who ships it, whether it works, and if not, why and what to do.

    ``stage`` and ``traceback`` are there only for a broken one. ``breaker`` is its circuit breaker's state;
    ``login_refused`` what was said when its login was refused last, empty once it is accepted again.
    """

    name: str
    display_name: str
    state: SourceState
    aliases: tuple[str, ...] = ()
    reason: str = ""
    hint: str = ""
    distribution: str = ""
    version: str = ""
    stage: Stage | None = None
    traceback: str = ""
    info: SourceInfo | None = None
    breaker: str = "closed"
    login_refused: str = ""

    @property
    def usable(self) -> bool:
        """Whether the engine asks it."""
        return self.state is SourceState.READY
