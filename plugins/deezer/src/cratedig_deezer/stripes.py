"""The stripe that streams are encrypted with: of every three chunks of 2048 bytes, the first.

Programs usually make a cipher object for every chunk, which is slow: Blowfish spends more time on its key
than on 2048 bytes. Here one key schedule serves the whole track. All encrypted chunks that have come are
gathered and go through ECB in one call; CBC's chaining is then one XOR with the ciphertext, eight bytes
further back, in which the last block before each chunk is replaced by the initial vector that every chunk
begins with. Only buffers that are kept are used: fresh ones of this size cost more than the XOR.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cratedig import CorruptDownload

CHUNK = 2048
GROUP = 3 * CHUNK
BLOCK = 8
_VECTOR = bytes(range(BLOCK))
_SURE = 8
"""Bytes from which a file of audio can be told."""

Bytes = bytes | bytearray | memoryview


def stripe_key(number: str, secret: str) -> bytes:
    """Return the key of the track of that number."""
    digits = hashlib.md5(number.encode(), usedforsecurity=False).hexdigest().encode()
    return bytes(a ^ b ^ c for a, b, c in zip(digits[:16], digits[16:], secret.encode(), strict=True))


class Stripes:
    """Decrypts a stream on its way to the file, a ``Transform`` of ``context.fetch``.

    What is handed out is good until the next call.
    """

    boundary = GROUP

    def __init__(self, key: bytes) -> None:
        # Imported where it is used: a search needs no cipher.
        from Crypto.Cipher import Blowfish  # noqa: PLC0415
        from Crypto.Util.strxor import strxor  # noqa: PLC0415

        self._decrypt: Callable[..., object] = Blowfish.new(key, Blowfish.MODE_ECB).decrypt  # noqa: S304 - the service's choice
        self._strxor: Callable[..., object] = strxor
        self._data = self._before = self._plain = memoryview(bytearray())
        self.start(0)

    def start(self, offset: int) -> None:
        """Begin at a group of chunks; they all are alike, only the first of the file is looked at."""
        self._held = self._data[:0]
        self._unseen = offset == 0

    def feed(self, data: Bytes) -> memoryview:
        """Take bytes; return all groups that are whole by now, decrypted."""
        filled = self._take(data)
        whole = filled - filled % GROUP
        self._decrypt_groups(whole // GROUP)
        self._held = self._data[whole:filled]
        return self._looked_at(self._data[:whole])

    def finish(self) -> memoryview:
        """Return the rest; a chunk that is cut short by the end is not encrypted."""
        filled = self._take(b"")
        self._decrypt_groups(1 if filled >= CHUNK else 0)
        self._held = self._data[:0]
        return self._looked_at(self._data[:filled])

    def _take(self, data: Bytes) -> int:
        """Put what was held back and ``data`` into the buffer; how many bytes that are."""
        held, filled = len(self._held), len(self._held) + len(data)
        if filled > len(self._data):
            chunks = filled // GROUP + 1
            self._data = memoryview(bytearray(chunks * GROUP))
            self._before = memoryview(bytearray(BLOCK + chunks * CHUNK))
            self._plain = memoryview(bytearray(chunks * CHUNK))
        self._data[:held] = self._held
        self._data[held:filled] = data
        return filled

    def _decrypt_groups(self, count: int) -> None:
        if not count:
            return
        size = count * CHUNK
        data, cipher, plain = self._data, self._before[BLOCK : BLOCK + size], self._plain[:size]
        places = [(n * CHUNK, (n + 1) * CHUNK, n * GROUP, n * GROUP + CHUNK) for n in range(count)]
        for start, end, first, last in places:
            cipher[start:end] = data[first:last]
        self._decrypt(cipher, output=plain)
        before = self._before[:size]
        before.cast("Q")[:: CHUNK // BLOCK] = memoryview(_VECTOR * count).cast("Q")
        self._strxor(plain, before, output=plain)
        for start, end, first, last in places:
            data[first:last] = plain[start:end]

    def _looked_at(self, data: memoryview) -> memoryview:
        """Make sure that a file begins like audio, so that a wrong secret ends it at once."""
        if self._unseen and len(data) >= _SURE:
            self._unseen = False
            if not _is_audio(bytes(data[:_SURE])):
                raise CorruptDownload(
                    "what comes out of the decryption is no audio",
                    hint="if it is so with every track, stripe_secret is not the right one",
                )
        return data


def _is_audio(head: bytes) -> bool:
    """Noise passes once in some ten thousand times; a run of zeros may stand before MPEG audio."""
    if head[:1] == b"\0":
        return head[4:] == b"ftyp" or not any(head[:4])
    return head.startswith((b"fLaC", b"ID3")) or _is_frame(head)


def _is_frame(head: bytes) -> bool:
    """Whether it is the header of an MPEG layer III frame, with no reserved bit rate or sampling rate.

    Source: ISO/IEC 11172-3, 2.4.2.3.
    """
    synced = head[0] == 0xFF and head[1] & 0xE6 == 0xE2  # noqa: PLR2004 - bits as the standard draws them
    return synced and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C  # noqa: PLR2004 - see above
