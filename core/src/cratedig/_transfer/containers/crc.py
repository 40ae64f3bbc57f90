"""The checksums of FLAC and Ogg; the standard library has neither polynomial."""

from __future__ import annotations

from functools import lru_cache


def crc8(data: bytes) -> int:
    """FLAC's frame header checksum (polynomial 07)."""
    value, table = 0, _table(8, 0x07)
    for byte in data:
        value = table[value ^ byte]
    return value


def crc16(data: bytes) -> int:
    """FLAC's frame checksum (polynomial 8005); 0 over a frame with its own checksum at the end."""
    value, table = 0, _table(16, 0x8005)
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ table[value >> 8 ^ byte]
    return value


def crc32(data: bytes) -> int:
    """Ogg's page checksum (polynomial 04C11DB7, neither reflected nor inverted)."""
    value, table = 0, _table(32, 0x04C11DB7)
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value


@lru_cache
def _table(width: int, polynomial: int) -> tuple[int, ...]:
    return tuple(_entry(index << width - 8, width, polynomial) for index in range(256))


def _entry(value: int, width: int, polynomial: int) -> int:
    top, mask = 1 << width - 1, (1 << width) - 1
    for _ in range(8):
        value = (value << 1 ^ polynomial if value & top else value << 1) & mask
    return value
