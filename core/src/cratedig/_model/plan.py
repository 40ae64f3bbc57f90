"""What the engine means to do for one record: which candidates, which sources after them."""

from __future__ import annotations

from attrs import frozen

from cratedig._model.quality import QualityPreference
from cratedig._model.results import RawSearchResult
from cratedig._model.wanted import Wanted


@frozen(kw_only=True)
class Candidate:
    """One target at one source. ``promise`` is what the search said of it, if there was one."""

    source: str
    target_id: str
    promise: RawSearchResult | None = None


@frozen(kw_only=True)
class Plan:
    """Where a record may get its file from, in order.

    ``candidates`` come first; then each source of ``chain`` that has not been searched yet is asked for
    ``wanted``. ``quality`` is what the person asked for; ``name`` the file name without extension.
    ``transfer_id`` is set while another program works on the first candidate. ``force`` means that the
    person wants the file although it is there already, or although a candidate was given up before;
    ``partial`` that an album which lacks some tracks is welcome too. ``across`` names the sources that are
    asked for the other kind when nobody delivers the one that is wanted: for the tracks of an album, or for
    an album that holds the track.
    """

    candidates: tuple[Candidate, ...] = ()
    chain: tuple[str, ...] = ()
    wanted: Wanted | None = None
    quality: QualityPreference | None = None
    name: str = ""
    transfer_id: str = ""
    force: bool = False
    partial: bool = False
    across: tuple[str, ...] = ()
