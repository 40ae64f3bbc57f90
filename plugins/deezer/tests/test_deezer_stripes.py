"""The stripe is decrypted to the very bytes, however they come in and wherever a transfer goes on."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import CorruptDownload
from cratedig_deezer.stripes import CHUNK, GROUP, Stripes, stripe_key
from cratedig_emulators.deezer import encrypt

NUMBER = 3135556
SECRET = "made-up secret 1"
"""Not drawn by lot: one key in two hundred makes noise that begins like audio."""
PLAIN = b"fLaC" + bytes(i % 251 for i in range(70_000))
ENDS = sorted(
    {0, 1, 3, 4, *(n * CHUNK + d for n in (1, 2, 3, 4, 6, 7, 9) for d in (-1, 0, 1)), 65_536, 70_004}
)


def decrypted(data: bytes, pieces: list[int], *, offset: int = 0, secret: str = SECRET) -> bytes:
    """Feed ``data`` in pieces of these sizes, over and over; each piece's buffer is reused."""
    stripes = Stripes(stripe_key(str(NUMBER), secret))
    stripes.start(offset)
    at, turn, out = offset, 0, bytearray()
    while at < len(data):
        piece = bytearray(data[at : at + pieces[turn % len(pieces)]])
        at, turn = at + len(piece), turn + 1
        out += stripes.feed(memoryview(piece))
        piece[:] = bytes(len(piece))
    return bytes(out + stripes.finish())


@pytest.mark.parametrize("size", ENDS)
def test_every_length_round_the_boundaries(size: int) -> None:
    """A file of any length comes out as it was, a short last chunk in the clear included."""
    assert decrypted(encrypt(PLAIN[:size], NUMBER, SECRET), [1000]) == PLAIN[:size]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=8), st.sampled_from(ENDS))
def test_any_pieces(pieces: list[int], size: int) -> None:
    """Where the network cuts the stream makes no difference."""
    assert decrypted(encrypt(PLAIN[:size], NUMBER, SECRET), pieces) == PLAIN[:size]


@pytest.mark.parametrize("groups", [0, 1, 2, 5, 11])
def test_begins_afresh_at_a_boundary(groups: int) -> None:
    """A transfer that is resumed at a multiple of 6144 bytes gives the rest of the file."""
    data = encrypt(PLAIN, NUMBER, SECRET)
    assert Stripes.boundary == GROUP
    assert decrypted(data, [5000], offset=groups * GROUP) == PLAIN[groups * GROUP :]


def test_starting_again_forgets_everything() -> None:
    """What was held back when the connection broke does not turn up after the new start."""
    data = encrypt(PLAIN, NUMBER, SECRET)
    stripes = Stripes(stripe_key(str(NUMBER), SECRET))
    stripes.feed(data[:10_000])
    stripes.start(GROUP)
    assert bytes(stripes.feed(data[GROUP:])) + bytes(stripes.finish()) == PLAIN[GROUP:]


def test_vector_of_the_protocol() -> None:
    """A made-up secret and number give the key and the bytes that the protocol's description has."""
    dummy = "0123456789abcdef"
    assert stripe_key("3135556", dummy).hex() == "3b693134386b6d636d666264666e306e"
    striped = encrypt(bytes(i % 251 for i in range(10_000)), 3135556, dummy)
    known = "f141216004b48e79c5a7548305a898e6c2abaacfee51a035b95031be56d8029e"
    assert hashlib.sha256(striped).hexdigest() == known


@pytest.mark.parametrize(
    "head", [b"fLaC", b"ID3\x04", b"\xff\xfb\x90\x00", b"\xff\xe3\x00\x00", bytes(4), b"\0\0\0\x18ftyp"]
)
def test_heads_of_audio(head: bytes) -> None:
    """FLAC, tagged and bare MPEG, and MPEG after a run of zeros are let through."""
    data = head + bytes(20_000)
    assert decrypted(encrypt(data, NUMBER, SECRET), [4096]) == data


@pytest.mark.parametrize("head", [b"\0\xa1\xb2\xc3", b"\xff\xe0\x90\0", b"\xff\xfb\xf0\0", b"\xff\xfb\x9c\0"])
def test_heads_of_noise(head: bytes) -> None:
    """One byte that could begin audio, or a frame's header with reserved values, is not enough."""
    with pytest.raises(CorruptDownload):
        decrypted(encrypt(head + bytes(20_000), NUMBER, SECRET), [4096])


def test_wrong_secret_is_noticed_with_the_first_group() -> None:
    """Noise in place of audio ends the transfer at once, and the hint names the setting, not its value."""
    data = encrypt(PLAIN, NUMBER, SECRET)
    other = "made-up secret 2"
    stripes = Stripes(stripe_key(str(NUMBER), other))
    with pytest.raises(CorruptDownload, match="stripe_secret") as caught:
        stripes.feed(data[:GROUP])
    assert other not in str(caught.value)


def test_key_belongs_to_one_track() -> None:
    """Another track's number makes noise of the same file."""
    stripes = Stripes(stripe_key(str(NUMBER + 1), SECRET))
    with pytest.raises(CorruptDownload):
        stripes.feed(encrypt(PLAIN, NUMBER, SECRET))
