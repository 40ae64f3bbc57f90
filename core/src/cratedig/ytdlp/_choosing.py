"""Which of a recording's formats to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cratedig._errors import QualityUnavailable
from cratedig._model import QualityPreference
from cratedig.ytdlp._bytes import quality


def chosen(formats: Sequence[Mapping[str, Any]], wish: QualityPreference | None) -> Mapping[str, Any]:
    """Take the last of ``formats``, which is the best, that ``wish`` accepts.

    Raises :class:`~cratedig.QualityUnavailable`, telling what there is.
    """
    welcome = [one for one in formats if wish is None or wish.accepts(quality(one))]
    if not welcome:
        there = ", ".join(sorted({str(quality(one)) for one in formats})) or "nothing that plays"
        raise QualityUnavailable(f"what there is: {there}", hint="accept another quality or codec")
    return welcome[-1]
