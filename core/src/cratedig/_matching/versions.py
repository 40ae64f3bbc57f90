"""Which version of a song a title speaks of: live, remix, karaoke and the like."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from cratedig._matching.phrases import any_of, words


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

_LANGUAGE = any_of(
    "spanish, english, french, german, italian, japanese, korean, chinese, mandarin, portuguese,"
    " russian, hindi,"
    " arabic, dutch"
)
_AFTER_LIVE = any_of(
    "at, in, from, on, for, with, over, version, sessions?, performance, recording, take, mix, edit,"
    " acoustic, studio,"
    " demo, bootleg, tour, concert, aid, video, audio, clip, hd, remaster, official, \\d"
)
_INSTRUMENT = any_of(
    "piano, guitar, violin, cello, harp, flute, sax, saxophone, kalimba, metal, rock, punk, reggae, choir"
)

# "Live" alone proves nothing ("Live and Let Die"); what stands before or behind it does.
_PATTERNS: dict[Version, str] = {
    Version.LIVE: any_of(
        rf"\blive {_AFTER_LIVE}\b.*, \blive$, ^live and (?:acoustic|unplugged), \bunplugged\b,"
        rf" \bin concert\b,"
        r" \b(?:en|ao|in) (?:vivo|directo)\b, \bdal vivo\b, \ben public\b, \blive lounge\b, \btiny desk\b,"
        r" \b(?:bbc|peel|radio 1|spotify|itunes|kexp) (?:sessions?|live)\b, \bcolors show\b, \braibu\b,"
        r" \bv zhivuyu\b"
    ),
    Version.REMIX: words(
        "remix, remixed, rmx, remiks, rimikkusu, rework, reworked, refix, bootleg, flip, vip(?: mix)?,"
        " dub(?: mix)?,"
        " (?:club|house|dance) mix, (?:dub|dance|club) version, club edit, re ?edit"
    ),
    Version.MIX: r"\bmix\b",
    Version.KARAOKE: words(
        "karaoke, sing ?along, backing track, minus one, playback, in the style of,"
        " made (?:famous|popular) by,"
        " originally performed by, with(?:out)? (?:lead|guide) vocals?, minus$"
    ),
    Version.COVER: words("covers?, covered, kaver, kaba, originally by"),
    Version.TRIBUTE: words("tribute, tributo, hommage, homage, salute to"),
    Version.INSTRUMENTAL: words(
        "instrumentals?, instrumentalnaya, insuto, off vocal, no vocals?, without vocals?"
    ),
    Version.A_CAPPELLA: words("a ?capp?ell?as?, vocals? only, isolated vocals?"),
    Version.ACOUSTIC: words(
        "acoustic, acustic[oa], acoustique, akusti[kc]a?, akusticheskaya, stripped, campfire"
    ),
    Version.ARRANGEMENT: words(
        "orchestral, orchestra, symphonic, string quartet, strings, lullaby, music box, (?:8|16) ?bit,"
        " chiptune, lo ?fi,"
        rf" bossa nova, (?:jazz|swing|gospel) version,"
        rf" {_INSTRUMENT}(?: solo)? (?:version|arrangement|rendition), piano"
    ),
    Version.DEMO: words(
        "demos?, rough mix, home recording, work tape, rehearsal, early version, first draft, writing session"
    ),
    Version.ALTERNATE: words(
        "alternat(?:e|ive), alt (?:version|take|mix), out ?takes?, take \\d+, unreleased, early take"
    ),
    Version.REMASTER: words("re ?master(?:ed|s|izado|isee|isiert)?, rimasterizzato"),
    Version.RADIO_EDIT: words(
        "radio (?:edit|mix|version|cut), single (?:edit|version|mix), short (?:edit|version),"
        " video (?:edit|version),"
        " 7 (?:inch|in)(?: version| mix| edit)?, edited version, album edit"
    ),
    Version.EDIT: r"\bedit\b",
    Version.CLEAN: words("clean, censored"),
    Version.EXTENDED: words(
        "extended, 12 (?:inch|in)(?: version| mix)?, long version, maxi, full length version"
    ),
    Version.SPED_UP: words("sped ?up, speed(?:ed)? up, fast(?:er)? version, tik ?tok version"),
    Version.SLOWED: words("slowed(?: down)?, reverb, reverbed, daycore, (?:chopped and )?screwed"),
    Version.EIGHT_D: words("(?:8|9|16|3)d"),
    Version.NIGHTCORE: r"\bnightcore\b",
    Version.BASS_BOOSTED: words("bass ?boost(?:ed)?, earrape"),
    Version.MASHUP: words("mash ?up, medley, megamix"),
    Version.REPRISE: words("reprise, interlude, intro, outro, skit, prelude, epilogue"),
    Version.REMAKE: words(
        "re ?record(?:ed|ing), remake, new recording, \\w+s version, new version, \\d{4} version"
    ),
    Version.TRANSLATED: words(rf"{_LANGUAGE} ver(?:sion)?, en espanol, auf deutsch, versione italiana"),
    Version.MONO: r"\bmono\b",
    Version.PREVIEW: words("preview, snippet, teaser, trailer, sample"),
    Version.LESSON: words(
        "tutorial, lesson, reaction, how to play, chords, tabs, making of, behind the scenes, drumless,"
        " explained"
    ),
    Version.LOOP: words("loop(?:ed)?, \\d+ hours?, 1 ?hr"),
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
    words(
        "original (?:mix|version|recording|album version), stereo mix, dolby atmos(?: mix)?,"
        " (?:album|lp|main|explicit|full|stereo|standard|studio) (?:version|mix)"
    )
)


@lru_cache(maxsize=16_384)
def spoken(folded: str) -> frozenset[Version]:
    """Return the versions that a folded text names, when it is known to describe a version."""
    text = _HARMLESS.sub(" ", folded)
    if not _ANY.search(text):
        return frozenset()
    found = {version for version, pattern in _COMPILED.items() if pattern.search(text)}
    if len(found) > 1 and not re.search(r"\bre ?record", text):
        found.discard(Version.REMAKE)
    swallowed = {other for version in found for other in _SWALLOWS.get(version, ())}
    return frozenset(found - swallowed)
