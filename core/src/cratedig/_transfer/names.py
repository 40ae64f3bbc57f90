"""Names from outside, made safe for every platform's file systems."""

from __future__ import annotations

import re
import unicodedata

FALLBACK = "untitled"

_FORBIDDEN = str.maketrans(
    {
        **dict.fromkeys(map(ord, "/\\|"), "-"),
        ord(":"): " -",
        ord("*"): "_",
        ord("?"): None,
        ord('"'): "'",
        ord("<"): "(",
        ord(">"): ")",
    }
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(\.|$))", re.IGNORECASE
)
_EXTENSION = re.compile(r"[^a-z0-9]+")
_LONGEST_EXTENSION = 16


def safe_name(stem: str, extension: str, *, limit_bytes: int = 255) -> str:
    """Make one file name out of a title: ``stem`` cut to fit, the extension always kept whole.

    ``limit_bytes`` counts the UTF-8 bytes of the whole name (255 on ext4, 143 under eCryptfs). The result is
    never empty, hidden, an option (``-x``), a device (``NUL``) or more than one path component, in NFC and
    without control, bidirectional or unpaired surrogate characters.
    """
    suffix = _suffix(extension)
    return _fitted(_clean(stem), limit_bytes - len(suffix)) + suffix


def _suffix(extension: str) -> str:
    kept = _EXTENSION.sub("", extension.lower())[:_LONGEST_EXTENSION]
    return f".{kept}" if kept else ""


def _clean(stem: str) -> str:
    text = unicodedata.normalize("NFC", _visible(unicodedata.normalize("NFC", _visible(stem))))
    text = " ".join(text.translate(_FORBIDDEN).split())
    return _RESERVED.sub(r"\1_", _bare(text)) or FALLBACK


def _visible(text: str) -> str:
    return "".join(
        " " if char in "\t\n\r\v\f" else char
        for char in text
        if char in _JOINERS or char in "\t\n\r\v\f" or unicodedata.category(char) not in _INVISIBLE
    )


def _bare(text: str) -> str:
    """Without what hides a file at the front, or vanishes on Windows at the end."""
    return text.lstrip(" .-~").rstrip(" .")


def _fitted(text: str, limit: int) -> str:
    """Cut to ``limit`` bytes of UTF-8, never within a character or between it and its accents."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    kept = raw[: max(0, limit)].decode(errors="ignore")
    rest = text[len(kept) :]
    while kept and rest and (unicodedata.combining(rest[0]) or rest[0] in _JOINERS or kept[-1] in _JOINERS):
        kept, rest = kept[:-1], kept[-1] + rest
    return kept.rstrip(" .") or FALLBACK[: max(1, limit)]
