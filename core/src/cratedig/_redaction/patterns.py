"""Secrets that nobody planted, known by the place where they stand.

Every pattern is linear in the length of its text: what is redacted comes from outside.
"""

from __future__ import annotations

import re

MASK = "********"
"""What stands in a secret's place."""

_WORDS = (
    r"(?:[a-z0-9]+[_-])*(?:api_?key|app_?secret|arl|auth|authorization|bearer|cookies?|credentials?|key|"
    r"pass|passphrase|passwd|password|pwd|secret|session|session_?id|sid|sig|signature|token|passwort)"
)
_SECRET_NAME = re.compile(rf"{_WORDS}(?:_value|_str)?s?", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_USERINFO = re.compile(r"(?<=://)[^/\s?#@]{1,2048}@")
# As in a header line, in the repr of a dict, and in httpcore's list of pairs of bytes.
_ANY = r"""(?:"[^"\r\n]+"|'[^'\r\n]+'|"""
_HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization|\b(?:set-)?cookie2?|-(?:token|key|secret|auth))"
    r"""(?P<sign>(?:["']?\s{0,4}[:=]|["'],)\s{0,4}b?)""" + _ANY + r"""[^"'\r\n]+)""",
    re.IGNORECASE,
)
# httpcore writes down where an answer redirects to before anybody can know what of it is a signature.
_REDIRECT = re.compile(r"""\(b'location',\s{0,4}b(?:'[^']{0,8192}'|"[^"]{0,8192}")""", re.IGNORECASE)
_SCHEME = re.compile(r"\b(?P<scheme>bearer|basic)\s{1,4}[a-z0-9._~+/=-]{8,}", re.IGNORECASE)
# As in a query string, in the repr of a dict, and in JSON.
_PAIR = re.compile(
    r"(?P<name>key|token|secret|passw(?:or)?d|passphrase|signature|session_?id|\b(?:arl|hmac|sid|sig))"
    r"""(?P<sign>=|["']\s{0,4}:\s{0,4})""" + _ANY + r"""[^"'&\s,;#)}\]]+)""",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"://|key|token|secret|pass|sig|sess|arl|hmac|sid|auth|cookie|bearer|basic|location", re.IGNORECASE
)


def is_secret_name(name: str) -> bool:
    """Whether a setting, a header or a field of this name usually holds a secret."""
    return bool(_SECRET_NAME.fullmatch(_CAMEL.sub("_", name.strip())))


def hide_userinfo(text: str) -> str:
    """``text`` with name and password masked in every address in it."""
    return _USERINFO.sub(f"{MASK}@", text) if "@" in text else text


def mask_patterns(text: str) -> str:
    """``text`` without credentials in addresses, headers, query strings and JSON."""
    if not _HINT.search(text):
        return text
    text = hide_userinfo(text)
    text = _HEADER.sub(rf"\g<name>\g<sign>{MASK}", text)
    text = _REDIRECT.sub(f"(b'Location', b'{MASK}'", text)
    text = _SCHEME.sub(rf"\g<scheme> {MASK}", text)
    return _PAIR.sub(rf"\g<name>\g<sign>{MASK}", text)
