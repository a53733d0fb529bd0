"""A tar that goes by: whole or refused, whatever is in it and however it comes in pieces."""

import io
import tarfile
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occ.archives.manifest import Listing
from occ.archives.members import Members
from occ.archives.tar import BLOCK, BrokenTarError, Tar, nanoseconds
from tests.archived import file, folder, tar, tar_of

NAMES = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0/"), min_size=1, max_size=60
).filter(lambda name: name not in {".", ".."})
LONG = st.lists(NAMES, min_size=1, max_size=9).map("/".join)


def seen(raw: bytes, sizes: Iterator[int] | None = None) -> Members:
    """The members of a tar that comes in pieces of these sizes, or as one."""
    listing, at = Listing(), 0
    following = Tar(listing)
    while at < len(raw):
        size = next(sizes) if sizes else len(raw)
        following.feed(raw[at : at + size])
        at += size
    following.finish()
    return listing.members()


@st.composite
def volumes(draw: st.DrawFn) -> list[tuple[tarfile.TarInfo, bytes]]:
    """Members of a volume: odd names, long paths, links, devices, negative and fine times."""
    members: list[tuple[tarfile.TarInfo, bytes]] = [(folder(), b"")]
    for path in draw(st.lists(LONG, max_size=6, unique=True)):
        member, data = tarfile.TarInfo(f"volume/{path}"), b""
        kind = draw(st.sampled_from(["file", "file", "link", "char", "fifo", "folder"]))
        if kind == "file":
            data = draw(st.binary(max_size=1500)) + bytes(draw(st.sampled_from([0, 512, 1024])))
            member.size = len(data)
        elif kind == "link":
            member.type, member.linkname = tarfile.SYMTYPE, draw(LONG)
        elif kind == "char":
            member.type, member.devmajor, member.devminor = tarfile.CHRTYPE, 5, 7
        else:
            member.type = tarfile.FIFOTYPE if kind == "fifo" else tarfile.DIRTYPE
        member.uid = draw(st.sampled_from([0, 1000, 2_097_152, 4_000_000_000]))
        member.mtime = draw(st.sampled_from([0, 1.5, -1, 1_700_000_000, 10**11]))
        member.mode = draw(st.integers(0, 0o7777))
        members.append((member, data))
    return members


@given(members=volumes(), sizes=st.lists(st.integers(1, 1500), min_size=1, max_size=20))
@settings(deadline=None)
def test_what_tarfile_wrote_is_seen_however_it_comes(
    members: list[tuple[tarfile.TarInfo, bytes]], sizes: list[int]
) -> None:
    raw = tar(members)
    found = seen(raw, iter(sizes * len(raw)))
    assert found == seen(raw)
    assert set(found) == {
        m.name.removeprefix("volume/") if m.name != "volume" else "." for m, _ in members
    }
    for member, data in members[1:]:
        one = found[member.name.removeprefix("volume/")]
        assert (one.mode, one.uid, one.size) == (member.mode, member.uid, len(data))
        assert one.mtime == round(member.mtime * 10**9)
        if member.type == tarfile.SYMTYPE:
            assert one.target == member.linkname
        if member.type == tarfile.CHRTYPE:
            assert one.target == "5:7"


@given(members=volumes(), data=st.data())
@settings(deadline=None)
def test_a_tar_that_is_cut_anywhere_is_refused(
    members: list[tuple[tarfile.TarInfo, bytes]], data: st.DataObject
) -> None:
    raw = tar(members)
    with tarfile.open(fileobj=io.BytesIO(raw)) as whole:
        last = whole.getmembers()[-1]
    end = last.offset_data + -(-last.size // BLOCK) * BLOCK
    cut = data.draw(st.integers(0, end + 2 * BLOCK - 1))
    with pytest.raises(BrokenTarError):
        seen(raw[:cut])


def test_every_cut_of_a_file_of_zeros_is_refused() -> None:
    raw = tar_of({"zeros": bytes(3 * BLOCK), "more": bytes(BLOCK)})
    end = raw.index(b"volume/more") + 2 * BLOCK
    for cut in range(end + 2 * BLOCK):
        with pytest.raises(BrokenTarError):
            seen(raw[:cut])
    assert list(seen(raw[: end + 2 * BLOCK])) == [".", "more", "zeros"]


def test_a_header_with_a_flipped_bit_is_refused() -> None:
    raw = tar_of({"a": b"data"})
    header = raw.index(b"volume/a")
    for at in range(header, header + BLOCK):
        flipped = bytearray(raw)
        flipped[at] ^= 1
        with pytest.raises(BrokenTarError):
            seen(bytes(flipped))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "it ends early, after 0 bytes"),
        (b"<html>" * 200, "no header where one belongs"),
        (tar([(folder(), b"")]) + b"x" * BLOCK, "something follows its end"),
        (tar([(file("volume/a"), b"")]), "its first member is no folder"),
        (tar([(folder(), b""), (file("elsewhere/a"), b"")]), "lies outside of the volume"),
        (tar([(folder(), b""), (file("volume/../a"), b"")]), "lies outside of the volume"),
        (tar([(folder(), b""), (file("volume//etc/a"), b"")]), "lies outside of the volume"),
    ],
)
def test_what_is_no_volume_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(BrokenTarError, match=why):
        seen(raw)


@given(st.binary(max_size=3000))
def test_strange_bytes_are_refused_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(BrokenTarError):
        seen(raw)
    with pytest.raises(BrokenTarError):
        seen(tar([(folder(), b"")])[:BLOCK] + raw.ljust(BLOCK, b"x"))


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        (b"0", 0),
        (b"1700000000.123456789", 1_700_000_000_123_456_789),
        (b"1.5", 1_500_000_000),
        (b"-1.5", -1_500_000_000),
        (b"3.1234567891234", 3_123_456_789),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: bytes, ns: int) -> None:
    assert nanoseconds(text) == ns


@pytest.mark.parametrize("text", [b"", b"-", b"1e9", b"1.", b" 1", b"9" * 20])
def test_what_is_no_time_is_refused(text: bytes) -> None:
    if text == b"1.":
        assert nanoseconds(text) == 10**9
        return
    with pytest.raises(BrokenTarError):
        nanoseconds(text)
