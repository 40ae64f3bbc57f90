"""Decrypting Deezer's stripe: beside a cipher object for each chunk, and beside OpenSSL's one bulk call."""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from Crypto.Cipher import Blowfish

from benchmarks.measuring import Line, in_turn
from cratedig_deezer.stripes import CHUNK, GROUP, Stripes, stripe_key

PIECE = 256 * 1024
"""Bytes that a transfer hands on at a time."""
GROUPS = 8192
SIZE = GROUPS * GROUP
KEY = stripe_key("3135556", "0123456789abcdef")  # a dummy
VECTOR = bytes(range(8))
_SCHEDULE = 8192
"""Bytes; OpenSSL's key schedule takes half of that."""


def _stream() -> bytes:
    """Bytes that begin like a FLAC once they are decrypted."""
    head = Blowfish.new(KEY, Blowfish.MODE_CBC, VECTOR).encrypt(b"fLaC".ljust(CHUNK, b"\0"))
    return head + hashlib.shake_128(b"noise").digest(SIZE - len(head))


def _pieces(data: bytes) -> Iterable[memoryview]:
    view = memoryview(data)
    return (view[at : at + PIECE] for at in range(0, len(data), PIECE))


def _ours(data: bytes, take: Callable[[memoryview], object]) -> float:
    """Megabytes of stream a second; ``take`` gets what comes out, as the file would."""
    started = time.perf_counter()
    stripes = Stripes(KEY)
    for piece in _pieces(data):
        take(stripes.feed(piece))
    take(stripes.finish())
    return len(data) / 1e6 / (time.perf_counter() - started)


def _chunk_at_a_time(data: bytes, take: Callable[[bytes], object]) -> float:
    """The same with a new cipher object for each chunk, as programs usually do it."""
    started = time.perf_counter()
    for at in range(0, len(data), CHUNK):
        chunk = data[at : at + CHUNK]
        if at % GROUP == 0:
            chunk = Blowfish.new(KEY, Blowfish.MODE_CBC, VECTOR).decrypt(chunk)
        take(chunk)
    return len(data) / 1e6 / (time.perf_counter() - started)


def _openssl() -> Callable[[bytes], float] | None:
    """OpenSSL's ``BF_cbc_encrypt`` over a third of the stream in one call; ``None`` where it is not there."""
    name = ctypes.util.find_library("crypto")
    try:
        library = ctypes.CDLL(name or "")
        set_key, crypt = library.BF_set_key, library.BF_cbc_encrypt
    except (OSError, AttributeError):
        return None
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    set_key.argtypes = [pointer, number, text]
    crypt.argtypes = [pointer, pointer, ctypes.c_long, pointer, text, number]
    schedule = ctypes.create_string_buffer(_SCHEDULE)
    set_key(schedule, len(KEY), KEY)

    def measure(data: bytes) -> float:
        encrypted = ctypes.create_string_buffer(data[: len(data) // 3])
        out, vector = ctypes.create_string_buffer(len(encrypted)), ctypes.create_string_buffer(VECTOR, 8)
        started = time.perf_counter()
        crypt(encrypted, out, len(data) // 3, schedule, vector, 0)
        return len(data) / 1e6 / (time.perf_counter() - started)

    return measure


def run() -> list[Line]:
    """Megabytes of stream a second, of which a third is encrypted; the bytes are compared first."""
    data = _stream()
    ours, usual = bytearray(), bytearray()
    _ours(data, ours.extend)
    _chunk_at_a_time(data, usual.extend)
    if ours != usual:
        raise AssertionError("the two ways give different bytes")
    with Path(os.devnull).open("wb") as file:
        mine, other = in_turn(lambda: _ours(data, file.write), lambda: _chunk_at_a_time(data, file.write))
    lines = [_line("stripes, a cipher object a chunk", mine, other, "pycryptodome", 4.0)]
    bulk = _openssl()
    if bulk is None:
        print("stripes: OpenSSL is left out, because libcrypto with Blowfish is not installed")
        return lines
    mine, other = in_turn(lambda: _ours(data, len), lambda: bulk(data))
    return [*lines, _line("stripes, one bulk call in C", mine, other, "OpenSSL", 0.85)]


def _line(what: str, ours: float, other: float, name: str, target: float) -> Line:
    return Line(what, f"{ours:,.0f} MB/s", f"{name}: {other:,.0f} MB/s", ours / other, target)
