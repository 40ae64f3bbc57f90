"""Secrets stay out of everything that is written for people to read."""

from cratedig._redaction.logs import LIBRARIES, RedactingFilter, install
from cratedig._redaction.patterns import MASK, hide_userinfo, is_secret_name, mask_patterns
from cratedig._redaction.redactor import Redactor
from cratedig._redaction.secrets import secrets_in

__all__ = [
    "LIBRARIES",
    "MASK",
    "RedactingFilter",
    "Redactor",
    "hide_userinfo",
    "install",
    "is_secret_name",
    "mask_patterns",
    "secrets_in",
]
