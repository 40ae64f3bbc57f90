"""Words in titles that say nothing about the recording: upload labels, editions, soundtracks."""

from __future__ import annotations

import re

_LABEL = (
    r"(?:official|oficial|officiel|offizielles?|original|hd|hq|uhd|4k|8k|1080p|720p|hi ?res|high quality|full|new|video ?clip|clip(?:e)?"
    r"|videoclip|music|musik|video|videos|audio|lyrics?|lyrical|letra|paroles|testo|text|visuali[sz]er|animated|mv|m v|pv"
    r"|with|on screen|in description|explicit|dirty|uncensored|premiere|exclusive|stereo|flac|mp3|320 ?kbps?|320|lossless|vinyl|rip|vinyl rip"
    r"|cd ?rip|album|single|lp|ep|version|ver|track|bonus|bonus track|hidden track|deluxe|expanded|super|anniversary|\d+(?:st|nd|rd|th)"
    r"|edition|reissue|soundtrack|ost|score|theme|topic|vevo|free download|out now|prod(?:uced)? by .*|prod .*|dolby|atmos|remaster(?:ed)?"
    r"|upgrade|restored|pop video|short film|performance video|dance practice|color coded|eng|rom|han|kan|sub|subs|subtitles|subtitulado"
    r"|sub espanol|color|us|uk|international|japan|\d{4}|fan|made|official fan|klip|klipp|clip officiel|premera klipa|ofitsialnyy|tekst"
    r"|x264|aac|m4a|opus|and|the|digital|ai|mix|from \d{4})"
)
LABELS = re.compile(rf"{_LABEL}(?: {_LABEL})*")
"""A folded segment that is nothing but labels (fullmatch)."""

ORIGIN = re.compile(
    r"(?:(?:music |theme |song )?from (?:the )?.*|(?:end |main |love )?(?:theme|song) from .*|.*\b(?:soundtrack|ost|opening|ending)\b.*|shorts?)"
)
"""A folded segment that says where the song was used (fullmatch)."""

TAIL = re.compile(
    r" (?:(?:the )?official (?:\w+ )?(?:video|audio|clip|visuali[sz]er|mv)|music video|lyrics? video|lyrics video|with lyrics|lyrics"
    r"|official|visuali[sz]er|audio|video ?clip|mv|m v|hd|hq|4k|1080p|720p|flac|mp3|320kbps|letra|vevo|paroles)(?: \d{4})?$"
)
"""Labels that end a folded title without brackets."""

EDITION = re.compile(
    r"\b(?:(?:super |limited )?deluxe(?: edition| version)?|expanded(?: edition)?|special edition|bonus tracks?(?: (?:edition|version))?"
    r"|collectors edition|limited edition|(?:\d+(?:st|nd|rd|th) )?anniversary(?: super)?(?: deluxe)?(?: edition)?|platinum edition|tour edition)\b"
)
"""Words for an edition of an album that has more on it than the plain one."""

UPLOADER = re.compile(
    r"(?: official(?: artist)?(?: channel)?| topic| vevo| music official| tv official)$|(?<=\w\w)vevo$|^official "
)
"""What a channel adds to an artist's name, folded."""

FILE_SUFFIX = re.compile(
    r"\.(?:flac|mp3|m4a|aac|ogg|opus|wav|aiff?|wma|ape|alac|wv|mp4|webm)$", re.IGNORECASE
)
TRACK_NUMBER = re.compile(
    r"^\s*(?:\[?\(?(?:(?:cd|disc|disk)\s*)?(?:\d{1,2}[-.])?\d{1,3}\)?\]?\s*[.)\]_-]+\s+|0\d(?:\s*[-._)]\s*|\s+)|[A-D]\d{1,2}(?:\.|\s-)\s+)(?=\S)",
    re.IGNORECASE,
)
"""A position in front of a title: ``01 - ``, ``1-03. ``, ``A2. ``; numbers that belong to titles have no such sign."""
