"""Which version of a song a title speaks of: live, remix, karaoke and the like."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Version(StrEnum):
    """What makes a recording another one than the song's usual recording. Remasters are the same one."""

    LIVE = "live"
    REMIX = "remix"
    MIX = "mix"
    KARAOKE = "karaoke"
    COVER = "cover"
    TRIBUTE = "tribute"
    INSTRUMENTAL = "instrumental"
    A_CAPPELLA = "a cappella"
    ACOUSTIC = "acoustic"
    ARRANGEMENT = "arrangement"
    DEMO = "demo"
    ALTERNATE = "alternate"
    REMASTER = "remaster"
    RADIO_EDIT = "radio edit"
    EDIT = "edit"
    CLEAN = "clean"
    EXTENDED = "extended"
    SPED_UP = "sped up"
    SLOWED = "slowed"
    EIGHT_D = "8d"
    NIGHTCORE = "nightcore"
    BASS_BOOSTED = "bass boosted"
    MASHUP = "mashup"
    REPRISE = "reprise"
    REMAKE = "remake"
    TRANSLATED = "translated"
    MONO = "mono"
    PREVIEW = "preview"
    LESSON = "lesson"
    LOOP = "loop"


SAME_RECORDING = frozenset({Version.REMASTER})
"""Versions that do not make another recording."""

_LIVE_PLACE = (
    r"live (?:at|in|from|on|for|with|over|version|session|sessions|performance|recording|take|mix|edit"
)
_LANGUAGE = "spanish|english|french|german|italian|japanese|korean|chinese|mandarin|portuguese|russian|hindi|arabic|dutch"

_PATTERNS: dict[Version, str] = {
    Version.LIVE: (
        rf"{_LIVE_PLACE}|acoustic|studio|demo|bootleg|tour|concert|aid|video|audio|clip|hd|\d)\b.*|\blive$|^live (?=and (?:acoustic|unplugged))"
        r"|^live\b(?= remaster| official| video| hd)|\b(?:mtv )?unplugged\b|\bin concert\b|\b(?:en|ao|in) (?:vivo|directo)\b"
        r"|\bdal vivo\b|\ben public\b|\b(?:bbc|peel|radio 1|spotify|itunes|kexp|live lounge) (?:sessions?|live|lounge)\b"
        r"|\blive lounge\b|\btiny desk\b|\bcolors show\b|\braibu\b|\bv zhivuyu\b|\bzhivoy kontsert\b"
    ),
    Version.REMIX: (
        r"\b(?:remix|remixed|rmx|remiks|rimikkusu|rework|reworked|refix|bootleg|flip|vip|vip mix|dub mix|dub|club mix|house mix"
        r"|dance mix|dub version|dance version|club version|club edit|re ?edit)\b"
    ),
    Version.MIX: r"\bmix\b",
    Version.KARAOKE: (
        r"\b(?:karaoke|sing ?along|backing track|minus one|playback|in the style of|made (?:famous|popular) by"
        r"|originally performed by|with(?:out)? (?:lead|guide) vocals?)\b|\bminus$"
    ),
    Version.COVER: r"\b(?:cover|covers|covered|kaver|coverd|kaba|cover version|covered by|originally by)\b",
    Version.TRIBUTE: r"\b(?:tribute|tributo|hommage|homage|salute to)\b",
    Version.INSTRUMENTAL: r"\b(?:instrumentals?|instrumentalnaya|insuto|off vocal|no vocals?|without vocals?)\b",
    Version.A_CAPPELLA: r"\b(?:a ?capp?ell?a|acapp?ell?as?|vocals? only|isolated vocals?|studio acapella)\b",
    Version.ACOUSTIC: r"\b(?:acoustic|acustico|acustica|acoustique|akustik|akustika|akusticheskaya|stripped|campfire)\b",
    Version.ARRANGEMENT: (
        r"\b(?:orchestral|orchestra|symphonic|string quartet|strings|lullaby|music box|8 ?bit|16 ?bit|chiptune|lo ?fi"
        r"|bossa nova|jazz version|swing version|(?:piano|guitar|violin|cello|harp|flute|sax|saxophone|kalimba|metal|rock"
        r"|punk|reggae|choir|gospel)(?: solo)? (?:version|arrangement|rendition)|piano)\b"
    ),
    Version.DEMO: r"\b(?:demos?|rough mix|home recording|work tape|rehearsal|early version|first draft|writing session)\b",
    Version.ALTERNATE: r"\b(?:alternat(?:e|ive)|alt(?: version| take| mix)|out ?takes?|take \d+|unreleased|early take)\b",
    Version.REMASTER: r"\bremaster(?:ed|s|izado|isee|isiert)?\b|\brimasterizzato\b",
    Version.RADIO_EDIT: (
        r"\b(?:radio (?:edit|mix|version|cut)|single (?:edit|version|mix)|short (?:edit|version)|video (?:edit|version)"
        r"|7 (?:inch|in)(?: version| mix| edit)?|edited version|album edit)\b"
    ),
    Version.EDIT: r"\bedit\b",
    Version.CLEAN: r"\b(?:clean|censored)\b",
    Version.EXTENDED: (
        r"\b(?:extended|12 (?:inch|in)(?: version| mix)?|long version|maxi|full length version|extended play mix)\b"
    ),
    Version.SPED_UP: r"\b(?:sped up|speed(?:ed)? up|spedup|fast(?:er)? version|tik ?tok version)\b",
    Version.SLOWED: r"\b(?:slowed(?: down)?|reverb|reverbed|daycore|chopped and screwed|screwed)\b",
    Version.EIGHT_D: r"\b(?:8|9|16|3)d\b",
    Version.NIGHTCORE: r"\bnightcore\b",
    Version.BASS_BOOSTED: r"\b(?:bass ?boost(?:ed)?|earrape)\b",
    Version.MASHUP: r"\b(?:mash ?up|medley|megamix)\b",
    Version.REPRISE: r"\b(?:reprise|interlude|intro|outro|skit|prelude|epilogue)\b",
    Version.REMAKE: r"\b(?:re ?record(?:ed|ing)|remake|new recording|\w+s version|new version|\d{4} version)\b",
    Version.TRANSLATED: rf"\b(?:{_LANGUAGE}) ver(?:sion)?\b|\ben espanol\b|\bauf deutsch\b|\bversione italiana\b",
    Version.MONO: r"\bmono\b",
    Version.PREVIEW: r"\b(?:preview|snippet|teaser|trailer|sample)\b",
    Version.LESSON: r"\b(?:tutorial|lesson|reaction|how to play|chords|tabs|making of|behind the scenes|drumless|explained)\b",
    Version.LOOP: r"\b(?:loop(?:ed)?|\d+ hours?|1 ?hr)\b",
}
_COMPILED = {version: re.compile(pattern) for version, pattern in _PATTERNS.items()}
_ANY = re.compile("|".join(_PATTERNS.values()))

# A wider word also stands in narrower ones: "radio edit" is no plain edit, "mono mix" no new mix.
_SWALLOWS: dict[Version, frozenset[Version]] = {
    Version.RADIO_EDIT: frozenset({Version.EDIT, Version.MIX}),
    Version.EXTENDED: frozenset({Version.EDIT, Version.MIX}),
    Version.REMIX: frozenset({Version.EDIT, Version.MIX, Version.EXTENDED, Version.RADIO_EDIT}),
    Version.LIVE: frozenset({Version.EDIT, Version.MIX, Version.ACOUSTIC, Version.REMAKE, Version.MONO}),
    Version.DEMO: frozenset({Version.MIX, Version.REMAKE, Version.ACOUSTIC, Version.ALTERNATE}),
    Version.MONO: frozenset({Version.MIX, Version.RADIO_EDIT}),
    Version.ALTERNATE: frozenset({Version.MIX}),
    Version.INSTRUMENTAL: frozenset({Version.MIX, Version.KARAOKE}),
    Version.KARAOKE: frozenset({Version.COVER, Version.INSTRUMENTAL, Version.TRIBUTE}),
    Version.TRIBUTE: frozenset({Version.COVER}),
    Version.COVER: frozenset({Version.ARRANGEMENT, Version.ACOUSTIC}),
    Version.NIGHTCORE: frozenset({Version.SPED_UP}),
    Version.ACOUSTIC: frozenset({Version.ARRANGEMENT, Version.MIX}),
    Version.REMAKE: frozenset({Version.MIX}),
}
_HARMLESS = re.compile(
    r"\b(?:original (?:mix|version|recording|album version)|(?:album|lp|main|explicit|full|stereo|standard|studio) (?:version|mix)"
    r"|stereo mix|dolby atmos(?: mix)?)\b"
)


@lru_cache(maxsize=65_536)
def spoken(folded: str) -> frozenset[Version]:
    """The versions that a folded text names, when it is known to describe a version."""
    text = _HARMLESS.sub(" ", folded)
    if not _ANY.search(text):
        return frozenset()
    found = {version for version, pattern in _COMPILED.items() if pattern.search(text)}
    if len(found) > 1 and not re.search(r"\bre ?record", text):
        found.discard(Version.REMAKE)
    swallowed = {other for version in found for other in _SWALLOWS.get(version, ())}
    return frozenset(found - swallowed)
