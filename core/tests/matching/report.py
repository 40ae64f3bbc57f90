"""Precision and recall of ``same_recording`` on the labelled pairs of ``pairs.csv``.

``python core/tests/matching/report.py`` prints them by kind. Rules were written against the pairs marked
``tuned``; those marked ``held-out`` were only counted. Titles are real, the ISRCs are made up.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from cratedig._matching import Verdict, same_recording
from cratedig._model import RawSearchResult

PAIRS = Path(__file__).with_name("pairs.csv")


@frozen
class Judged:
    """One labelled pair and what was made of it."""

    split: str
    kind: str
    same: bool
    left: RawSearchResult
    right: RawSearchResult
    verdict: Verdict

    @property
    def right_decision(self) -> bool:
        """Whether the verdict agrees with the label."""
        return self.verdict.same == self.same

    def __str__(self) -> str:
        """One line for a person."""
        told = " == " if self.verdict.same else " != "
        sides = (f"{side.artist} / {side.title} [{side.duration or '?'}]" for side in (self.left, self.right))
        return f"{self.kind}: {told.join(sides)}: {', '.join(self.verdict.evidence)}"


@frozen
class Count:
    """Decisions counted. Precision and recall are of "same"; 1.0 where there was nothing to find."""

    pairs: int
    hits: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of pairs called the same that are."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        """The share of same pairs that were found."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0


def _side(row: dict[str, str], side: str) -> RawSearchResult:
    duration = row[f"{side}_duration"]
    return RawSearchResult(
        target_id=side,
        artist=row[f"{side}_artist"],
        title=row[f"{side}_title"],
        album=row[f"{side}_album"],
        duration=float(duration) if duration else None,
        isrc=row[f"{side}_isrc"] or None,
    )


def judged() -> list[Judged]:
    """Every pair of the set with its verdict."""
    with PAIRS.open(encoding="utf-8", newline="") as lines:
        return [
            Judged(row["split"], row["kind"], row["same"] == "yes", left, right, same_recording(left, right))
            for row in csv.DictReader(lines)
            for left, right in [(_side(row, "a"), _side(row, "b"))]
        ]


def count(pairs: Iterable[Judged]) -> Count:
    """The decisions on ``pairs``, counted."""
    every = list(pairs)
    hits = sum(pair.same and pair.verdict.same for pair in every)
    false = sum(not pair.same and pair.verdict.same for pair in every)
    return Count(len(every), hits, false, sum(pair.same for pair in every) - hits)


def table(pairs: list[Judged]) -> str:
    """One line a kind, then the two splits and everything."""
    kinds = {kind: [pair for pair in pairs if pair.kind == kind] for kind in sorted({p.kind for p in pairs})}
    splits = {split: [pair for pair in pairs if pair.split == split] for split in ("tuned", "held-out")}
    lines = [f"{'':28}{'pairs':>6}{'false':>7}{'missed':>8}{'precision':>11}{'recall':>8}"]
    for name, group in {**kinds, **splits, "all": pairs}.items():
        told = count(group)
        lines.append(
            f"{name:28}{told.pairs:6}{told.false:7}{told.missed:8}{told.precision:11.3f}{told.recall:8.3f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table and the wrong decisions; those on held-out pairs only with ``--held-out``."""
    pairs = judged()
    shown = {"tuned", "held-out"} if "--held-out" in sys.argv else {"tuned"}
    wrong = [str(pair) for pair in pairs if not pair.right_decision and pair.split in shown]
    sys.stdout.write("\n".join([table(pairs), "", *wrong, ""]))


if __name__ == "__main__":
    main()
