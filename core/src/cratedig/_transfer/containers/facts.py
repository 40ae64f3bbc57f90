"""What was found out about a file by reading it."""

from __future__ import annotations

from attrs import frozen

from cratedig._model import Quality


@frozen(kw_only=True)
class Facts:
    """``declared`` is what the header says, ``actual`` what is really there; both in seconds.

    ``cut`` says what is missing where the end of the file allows a doubt (an encoder may have been
    stopped), ``short`` how much less there is than the header counts. A file of just the promised size gets
    the benefit of the doubt.
    """

    quality: Quality
    extension: str
    declared: float | None = None
    actual: float | None = None
    cut: str = ""
    short: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def duration(self) -> float | None:
        """The best figure there is."""
        return self.declared if self.actual is None else self.actual
