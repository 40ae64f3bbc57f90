"""Words in titles that say nothing about the recording: upload labels, editions, soundtracks."""

from __future__ import annotations

import re

from cratedig._matching.phrases import any_of, words

_UPLOAD = """
    official, oficial, officiel, offizielles?, ofitsialnyy, original, new, premiere, exclusive,
    out now, free download,
    hd, hq, uhd, 4k, 8k, 1080p, 720p, hi ?res, high quality, full, upgrade, restored, ai, digital, x264,
    music, musik, video, videos, video ?clip, clip, clipe, klipp?, premera klipa, mv, m v, pv,
    short film, pop video,
    performance video, dance practice, animated, visuali[sz]er, audio, topic, vevo, fan, made,
    lyrics?, lyrical, letra, paroles, testo, text, tekst, color coded, on screen, in description, with,
    eng, rom, han, kan, sub espanol, subs?, subtitles, subtitulado, color,
    flac, mp3, aac, m4a, opus, 320 ?kbps?, 320, lossless, vinyl, rip, cd ?rip, prod(?:uced)? .*
"""
_RELEASE = """
    explicit, dirty, uncensored, stereo, dolby, atmos, album, single, lp, ep, version, ver, mix, track, bonus,
    hidden track, deluxe, expanded, super, anniversary, \\d+(?:st|nd|rd|th), edition, reissue,
    remaster(?:ed)?,
    soundtrack, ost, score, theme, us, uk, international, japan, from \\d{4}, \\d{4}, and, the
"""
_LABEL = any_of(f"{_UPLOAD.strip()}, {_RELEASE}")
# Atomic, as "video clip" is one label or two: a long hostile title would be tried in every combination.
LABELS = re.compile(rf"(?>{_LABEL}\b)(?: (?>{_LABEL}\b))*+")
"""A folded segment that is nothing but labels (fullmatch)."""

PLAIN_LABEL = re.compile(
    words(
        "official, ofi[cz]iel, oficial, video, audio, lyrics?, hd, hq, 4k, 1080p, version, edition,"
        " remaster(?:ed)?, mv,"
        " bonus, deluxe, explicit, visuali[sz]er, stereo, clip"
    )
)
"""Words that no label of one word is mistaken for a title with."""

ORIGIN = re.compile(
    any_of(
        r"(?:(?:music|theme|song) )?from .*, (?:(?:end|main|love) )?(?:theme|song) from .*, shorts?,"
        r" .*\b(?:soundtrack|ost|opening|ending)\b.*"
    )
)
"""A folded segment that says where the song was used (fullmatch)."""

TAIL = re.compile(
    " "
    + any_of(
        r"(?:the )?official (?:\w+ )?(?:video|audio|clip|visuali[sz]er|mv), official, music video,"
        r" lyrics? video, with lyrics,"
        " lyrics, visuali[sz]er, audio, video ?clip, mv, m v, hd, hq, 4k, 1080p, 720p, flac, mp3,"
        " 320kbps, letra, vevo, paroles"
    )
    + r"(?: \d{4})?$"
)
"""Labels that end a folded title without brackets."""

EDITION = re.compile(
    words(
        "(?:(?:super|limited) )?deluxe(?: edition| version)?, expanded(?: edition)?,"
        " (?:special|collectors|limited|platinum|tour) edition, bonus tracks?(?: (?:edition|version))?,"
        r" (?:\d+(?:st|nd|rd|th) )?anniversary(?: super)?(?: deluxe)?(?: edition)?"
    )
)
"""Words for an edition of an album that has more on it than the plain one."""

UPLOADER = re.compile(
    any_of(
        r"[ ]official(?: artist)?(?: channel)?$, (?: (?:music|tv))? official$, [ ]topic$, [ ]vevo$,"
        r" (?<=\w\w)vevo$, ^official[ ]"
    )
)
"""What a channel adds to an artist's name, folded."""

FILE_SUFFIX = re.compile(
    r"\.(?:flac|mp3|m4a|aac|ogg|opus|wav|aiff?|wma|ape|alac|wv|mp4|webm)$", re.IGNORECASE
)
TRACK_NUMBER = re.compile(
    r"""^\s*(?:
        [\[(]? (?:(?:cd|disc|disk)\s*)? (?:\d{1,2}[-.])? \d{1,2} [)\]]? \s* [.)\]_-]+ \s+ # 1-03. x
      | 0\d (?:\s*[-._)]\s* | \s+)                                                      # 01 Title, 01-Title
      | [A-D]\d{1,2} (?:\. | \s-) \s+                                                   # A2. Title
    )(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
"""A position in front of a title. Numbers that belong to a title have no such sign behind them."""
