"""What is known of one source while and after it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import define, field

from cratedig._plugins import SourceInfo
from cratedig._plugins.status import SourceState, SourceStatus, Stage

if TYPE_CHECKING:
    from cratedig._plugins.context import SourceContext

Factory = Callable[["SourceContext"], object]


@define(kw_only=True)
class Entry:
    """A source, from the moment its name is known. ``load`` is called once and returns the factory."""

    name: str
    load: Callable[[], Factory]
    distribution: str = ""
    version: str = ""
    given_aliases: tuple[str, ...] = ()
    loaded: bool = False
    plugin: Any = None
    context: SourceContext | None = None
    info: SourceInfo | None = None
    aliases: tuple[str, ...] = ()
    state: SourceState = SourceState.READY
    reason: str = ""
    hint: str = ""
    stage: Stage | None = None
    error: BaseException | None = None
    traceback: str = field(default="", repr=False)

    def status(self, breaker: str = "closed", login_refused: str = "") -> SourceStatus:
        """The frozen view of it."""
        return SourceStatus(
            name=self.name,
            display_name=self.info.display_name if self.info else self.name,
            state=self.state,
            aliases=self.aliases,
            reason=self.reason,
            hint=self.hint,
            distribution=self.distribution,
            version=self.version,
            stage=self.stage,
            traceback=self.traceback,
            info=self.info,
            breaker=breaker,
            login_refused=login_refused,
        )
