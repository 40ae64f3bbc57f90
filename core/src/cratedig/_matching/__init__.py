"""Which results are the same recording, and which are what someone looks for.

title, artist ─▶ splits, names ─▶ Recording ─▶ compare ─▶ same_recording ─▶ dedup
                                                  ╰─────▶ score, matches ─▶ rank
"""

from cratedig._matching.dedup import dedup
from cratedig._matching.ladder import ladder
from cratedig._matching.quality import filter_by_quality
from cratedig._matching.recording import versions
from cratedig._matching.text import normalise
from cratedig._matching.verdict import Verdict, same_recording
from cratedig._matching.versions import Version
from cratedig._matching.wishes import DEFAULT_MINIMUM, matches, rank, score

__all__ = [
    "DEFAULT_MINIMUM",
    "Verdict",
    "Version",
    "dedup",
    "filter_by_quality",
    "ladder",
    "matches",
    "normalise",
    "rank",
    "same_recording",
    "score",
    "versions",
]
