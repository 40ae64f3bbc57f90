"""PCM that differs from track to track and is cheap to make: seconds of chords, repeated."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterator
from functools import lru_cache

from cratedig_emulators.catalogue import Track

DEEP = 24
"""Bits of a high-resolution sample; every other depth is 16."""
_CHORDS = 4
_SCALE = (0, 3, 5, 7, 10, 12, 15, 17)
_NOISE = 997
"""Samples before the noise repeats; a prime, so that it never falls in step with a tone."""


def sound(track: Track, rate: int, bit_depth: int, samples: int) -> Iterator[bytes]:
    """Seconds of PCM, the track's chords in turn, cut to ``samples``."""
    seed = f"{track.artist}\0{track.title}\0{track.album}"
    dice = random.Random(seed)  # noqa: S311 -- music, not secrets
    chords = [_second(tuple(_chord(dice)), dice.getrandbits(32), rate, bit_depth) for _ in range(_CHORDS)]
    width = 2 * sample_width(bit_depth)
    for index in range(math.ceil(samples / rate)):
        yield chords[index % _CHORDS][: (samples - index * rate) * width]


def _chord(dice: random.Random) -> Iterator[int]:
    """Whole frequencies, so that a second of them can be repeated without a click."""
    root = dice.randrange(110, 330)
    for step in dice.sample(_SCALE, 3):
        yield round(root * 2 ** (step / 12))


@lru_cache(maxsize=64)
def _second(frequencies: tuple[int, ...], seed: int, rate: int, bit_depth: int) -> bytes:
    """One second, both channels alike, with a little noise so that it does not compress to nothing."""
    wave = _sine(rate)
    # 24 bits are encoded from the upper bits of 32.
    peak = 0.22 * (2**31 if bit_depth == DEEP else 2**15)
    noise = [level * peak / 200 for level in _noise(seed)]
    kind = "i" if bit_depth == DEEP else "h"
    one, two, three = frequencies
    channel = array(
        kind,
        (
            int(
                peak * (wave[i * one % rate] + wave[i * two % rate] + wave[i * three % rate])
                + noise[i % _NOISE]
            )
            for i in range(rate)
        ),
    )
    both = array(kind, bytes(2 * len(channel) * channel.itemsize))
    both[::2] = both[1::2] = channel
    return both.tobytes()


def _noise(seed: int) -> list[float]:
    dice = random.Random(seed)  # noqa: S311 -- music, not secrets
    return [dice.uniform(-1, 1) for _ in range(_NOISE)]


@lru_cache(maxsize=8)
def _sine(rate: int) -> tuple[float, ...]:
    return tuple(math.sin(2 * math.pi * i / rate) for i in range(rate))


def sample_width(bit_depth: int) -> int:
    """Bytes of one sample before it is encoded."""
    return 4 if bit_depth == DEEP else 2
