"""Latin spellings of letters that music services write sometimes in their own script, sometimes not.

Cyrillic and Greek come from small tables, kana and Hangul out of the Unicode names. Han characters have
no spelling of their own (it depends on the language) and stay as they are.
"""

# ruff: noqa: RUF001 - the look-alike signs are what it is about

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ROMAN_CYRILLIC = (
    "a,b,v,g,d,e,yo,zh,z,i,y,k,l,m,n,o,p,r,s,t,u,f,kh,ts,ch,sh,shch,,y,,e,yu,ya,ye,i,yi,g,u,c,dj,lj,nj,dz,j"
)
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяєіїґўћђљњџј",
        _ROMAN_CYRILLIC.split(","),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηικλμνξοπρσςτυφω",
        "avgdeziiklmnxoprsstyfo",
        strict=True,
    )
)
_GREEK.update({"θ": "th", "χ": "ch", "ψ": "ps"})
_PAIRS = {"μπ": "b", "ντ": "d", "γκ": "g", "γγ": "ng", "ου": "u", "αυ": "av", "ευ": "ev"}
_GREEK_PAIR = re.compile("|".join(_PAIRS))
_LATIN = {
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ħ": "h",
    "ŋ": "n",
}
_HEPBURN = {"si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu", "wo": "o"}
_KANA = re.compile(r"(?:HIRAGANA|KATAKANA) LETTER (SMALL )?(\w+)$")
_HANGUL = "HANGUL SYLLABLE "
_SMALL_Y = re.compile(r"([a-z]*?)(?:i)<y([auo])>")
_SMALL_VOWEL = re.compile(r"[aiueo]<([aiueo])>")
_SOKUON = re.compile(r"<tu>([a-z])")


def _kana(name: str) -> str | None:
    found = _KANA.match(name)
    if found is None:
        return None
    sound = found[2].lower()
    # Small kana change their neighbours; the brackets let one pass over the whole text do that afterwards.
    return f"<{sound}>" if found[1] else _HEPBURN.get(sound, sound)


class _Letters(dict[int, str]):
    """A table for ``str.translate`` that fills itself from the Unicode names as letters turn up."""

    def __missing__(self, codepoint: int) -> str:
        letter = chr(codepoint)
        name = unicodedata.name(letter, "")
        if name.startswith(_HANGUL):
            roman: str | None = name.removeprefix(_HANGUL).lower()
        else:
            roman = _kana(name)
        self[codepoint] = letter if roman is None else roman
        return self[codepoint]


_LETTERS = _Letters(
    {ord(letter): roman for table in (_CYRILLIC, _GREEK, _LATIN) for letter, roman in table.items()}
)
_LETTERS[ord("ー")] = ""


def _glide(found: re.Match[str]) -> str:
    stem, vowel = found[1], found[2]
    return f"{stem}{vowel}" if stem.endswith(("sh", "ch", "j")) else f"{stem}y{vowel}"


def romanise(text: str) -> str:
    """Lower-case, composed ``text`` with every letter that has a Latin spelling written in it."""
    if text.isascii():
        return text
    latin = _GREEK_PAIR.sub(lambda found: _PAIRS[found[0]], text).translate(_LETTERS)
    if "<" in latin:
        latin = _SMALL_Y.sub(_glide, latin)
        latin = _SMALL_VOWEL.sub(r"\1", latin)
        latin = _SOKUON.sub(r"\1\1", latin).replace("<", "").replace(">", "")
    return latin


_SOUNDS = (
    (re.compile("shch|sch|sh|zh|z"), "s"),
    (re.compile("tch|ch|ts|tz"), "c"),
    (re.compile("kh"), "h"),
    (re.compile("ph"), "f"),
    (re.compile("th|d"), "t"),
    (re.compile("ck|g|q"), "k"),
    (re.compile("x"), "ks"),
    (re.compile("w|b"), "v"),
    (re.compile("l"), "r"),
    (re.compile("[jy]"), "i"),
    (re.compile("ou|oo|eo|io"), "o"),
    (re.compile("uu|eu|iu"), "u"),
    (re.compile("ie|ei"), "e"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@lru_cache(maxsize=16_384)
def sound(latin: str) -> str:
    """What remains of a spelling when the ways to romanise the same letters are made one."""
    for spelling, letter in _SOUNDS:
        latin = spelling.sub(letter, latin)
    return latin
