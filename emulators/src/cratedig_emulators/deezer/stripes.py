"""The cipher of the streams, chunk by chunk as its description has it."""

from __future__ import annotations

import hashlib

from Crypto.Cipher import Blowfish

CHUNK = 2048
_VECTOR = bytes(range(8))


def key_of(number: int, secret: str) -> bytes:
    """Return the key of a track: its number's MD5 in hex, folded, with the secret."""
    digits = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
    return bytes(ord(digits[i]) ^ ord(digits[i + 16]) ^ ord(secret[i]) for i in range(16))


def encrypt(data: bytes, number: int, secret: str) -> bytes:
    """Encrypt every third whole chunk, each by itself."""
    key = key_of(number, secret)
    chunks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    return b"".join(
        Blowfish.new(key, Blowfish.MODE_CBC, _VECTOR).encrypt(chunk)  # noqa: S304 -- the service's choice
        if index % 3 == 0 and len(chunk) == CHUNK
        else chunk
        for index, chunk in enumerate(chunks)
    )
