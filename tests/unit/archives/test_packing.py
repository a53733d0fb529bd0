"""From a tar to a file and back: a cut or a flipped bit anywhere is found."""

import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occ.archives.manifest import Listing
from occ.archives.packing import Packed, Packing, digest, unpacked
from occ.archives.tar import BrokenTarError
from tests.archived import tar_of

RAW = tar_of({"a": b"data" * 999, "b/zeros": bytes(70_000)})


def whole() -> bytes:
    file = io.BytesIO()
    packing = Packing(file)
    packing.take(RAW)
    packing.finish()
    return file.getvalue()


WHOLE = whole()


def test_a_file_tells_what_was_put_in() -> None:
    listing = Listing()
    told = unpacked(io.BytesIO(WHOLE), listing)
    assert told == Packed(
        bytes=len(WHOLE), raw_bytes=len(RAW), sha256=hashlib.sha256(WHOLE).hexdigest()
    )
    assert list(listing.members()) == [".", "a", "b/zeros"]
    assert digest(io.BytesIO(WHOLE)) == told.sha256


@given(st.integers(1, 5000))
@settings(deadline=None, max_examples=30)
def test_pieces_of_any_size_make_a_file_of_the_same_tar(size: int) -> None:
    file = io.BytesIO()
    packing = Packing(file)
    for at in range(0, len(RAW), size):
        packing.take(RAW[at : at + size])
    told = packing.finish()
    file.seek(0)
    assert unpacked(file) == told


@given(st.integers(0, len(RAW.rstrip(b"\0")) + 1023))
@settings(deadline=None)
def test_a_stream_that_ends_early_is_no_snapshot(cut: int) -> None:
    packing = Packing(io.BytesIO())
    with pytest.raises(BrokenTarError):  # noqa: PT012 - whichever of the two finds it
        packing.take(RAW[: min(cut, len(RAW) - 70_000)])
        packing.finish()


@given(st.integers(0, len(WHOLE) - 1))
@settings(deadline=None)
def test_a_file_that_is_cut_is_refused_or_has_another_hash(cut: int) -> None:
    try:
        told = unpacked(io.BytesIO(WHOLE[:cut]))
    except BrokenTarError:
        return
    assert told.sha256 != hashlib.sha256(WHOLE).hexdigest()


@given(st.integers(0, len(WHOLE) * 8 - 1))
@settings(deadline=None)
def test_a_flipped_bit_is_found(bit: int) -> None:
    flipped = bytearray(WHOLE)
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        told = unpacked(io.BytesIO(bytes(flipped)), Listing())
    except BrokenTarError:
        return
    assert told.sha256 != hashlib.sha256(WHOLE).hexdigest()


def test_bytes_behind_the_end_are_refused() -> None:
    with pytest.raises(BrokenTarError, match="it is not as zstd writes it"):
        unpacked(io.BytesIO(WHOLE + b"x"))


def test_whoever_ticks_can_end_it() -> None:
    class EnoughError(Exception):
        pass

    def tick() -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        unpacked(io.BytesIO(WHOLE), tick=tick)
