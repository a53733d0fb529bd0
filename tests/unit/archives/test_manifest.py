"""The manifest: what is in a volume, by the finished file alone."""

import hashlib
import io
import tarfile
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occ.archives import manifest
from occ.archives.manifest import Difference, Listing
from occ.archives.members import Listed, Member, Members, Written, written
from occ.archives.tar import BrokenTarError, Tar
from tests.archived import file, folder, tar, tar_of

FILE = Member("a", "file", 0o644, 1, 2, 3, 1_500_000_000, "ab" * 32, "", "", "")
MEMBERS = st.builds(
    Member,
    path=st.text(min_size=1),
    type=st.sampled_from(["file", "folder", "link"]),
    mode=st.integers(0, 0o7777),
    uid=st.integers(0, 1 << 32),
    gid=st.integers(0, 1 << 32),
    size=st.integers(0, 1 << 62),
    mtime=st.integers(-(1 << 62), 1 << 62),
    sha256=st.just("ab" * 32),
    target=st.text(),
    attributes=st.just(""),
    names=st.text(),
)


def listed(raw: bytes) -> Members:
    listing = Listing()
    following = Tar(listing)
    following.feed(raw)
    following.finish()
    return listing.members()


def hard(name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.LNKTYPE, target
    return member


def sparse(name: str, size: int, pieces: dict[int, bytes]) -> tuple[tarfile.TarInfo, bytes]:
    """A sparse file as GNU tar writes it in a POSIX archive (version 1.0)."""
    numbers = [len(pieces), *(n for at, data in pieces.items() for n in (at, len(data)))]
    table = "".join(f"{number}\n" for number in numbers).encode()
    data = table + bytes(-len(table) % 512) + b"".join(pieces.values())
    member = file(f"volume/GNUSparseFile.1/{name}", len(data))
    member.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": f"volume/{name}",
        "GNU.sparse.realsize": str(size),
    }
    return member, data


def test_a_file_has_the_digest_of_its_content() -> None:
    found = listed(tar_of({"a": b"x" * 1000, "b/c": b""}))
    assert found["a"].sha256 == hashlib.sha256(b"x" * 1000).hexdigest()
    assert found["b/c"].sha256 == hashlib.sha256(b"").hexdigest()
    assert (found["."].type, found["."].sha256) == ("folder", "")


def test_both_roots_are_the_volume() -> None:
    assert listed(tar_of({"a": b"x"}, root=".")) == listed(tar_of({"a": b"x"}, root="volume"))


def test_a_file_of_several_names_is_the_same_whichever_comes_first() -> None:
    one = tar([(folder(), b""), (file("volume/a", 1), b"x"), (hard("volume/b", "volume/a"), b"")])
    two = tar([(folder(), b""), (file("volume/b", 1), b"x"), (hard("volume/a", "volume/b"), b"")])
    assert listed(one) == listed(two)
    assert listed(one)["b"].names == listed(one)["a"].names == "a"


def test_a_name_of_nothing_is_refused() -> None:
    with pytest.raises(BrokenTarError, match="is a name of gone"):
        listed(tar([(folder(), b""), (hard("volume/b", "volume/gone"), b"")]))


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        (10, {}),
        (5_000_000, {0: b"begin", 4_000_000: b"x" * 1000}),
        (3, {0: b"abc"}),
        (1000, {500: b"x" * 500, 1000: b""}),
    ],
)
def test_a_sparse_file_is_as_its_reader_sees_it(size: int, pieces: dict[int, bytes]) -> None:
    whole = bytearray(size)
    for at, data in pieces.items():
        whole[at : at + len(data)] = data
    found = listed(tar([(folder(), b""), sparse("s", size, pieces)]))
    assert found["s"].size == size
    assert found["s"].sha256 == hashlib.sha256(whole).hexdigest()


def test_a_map_that_overlaps_is_refused() -> None:
    with pytest.raises(BrokenTarError, match="overlaps"):
        listed(tar([(folder(), b""), sparse("s", 10, {5: b"aaa", 6: b"bbb"})]))
    with pytest.raises(BrokenTarError, match="overlaps"):
        listed(tar([(folder(), b""), sparse("s", 6, {5: b"aaa"})]))


class EnoughError(Exception):
    """Somebody asks for an end."""


def test_a_hole_that_takes_hours_can_be_ended() -> None:
    left = iter(range(9))

    def tick() -> None:
        if next(left, None) is None:
            raise EnoughError

    following = Tar(Listing(tick))
    with pytest.raises(EnoughError):
        following.feed(tar([(folder(), b""), sparse("s", 1 << 62, {})]))


def test_attributes_and_acls_count() -> None:
    plain, marked = file("volume/a"), file("volume/a")
    marked.pax_headers = {"SCHILY.xattr.user.x": "1"}
    before = listed(tar([(folder(), b""), (plain, b"")]))
    after = listed(tar([(folder(), b""), (marked, b"")]))
    assert [one.what for one in manifest.differences(before, after, coarse=False)] == ["attributes"]
    assert list(manifest.differences(before, after, coarse=True)) == []


def test_times_below_the_second_are_left_out_and_nothing_else() -> None:
    one = Listed.of([FILE])
    fine = Listed.of([replace(FILE, mtime=1_999_999_999)])
    assert list(manifest.differences(one, fine, coarse=True)) == []
    assert list(manifest.differences(one, fine, coarse=False)) == [Difference("a", "mtime")]
    for changed, what in [
        (replace(FILE, mtime=2_000_000_000), "mtime"),
        (replace(FILE, mode=0o600), "mode"),
        (replace(FILE, uid=9), "uid"),
        (replace(FILE, sha256="cd" * 32), "content"),
        (replace(FILE, target="x"), "target"),
        (replace(FILE, names="0"), "names"),
    ]:
        told = list(manifest.differences(one, Listed.of([changed]), coarse=True))
        assert told == [Difference("a", what)]
    assert list(manifest.differences(one, Listed({}), coarse=True)) == [Difference("a", "removed")]
    assert list(manifest.differences(Listed({}), one, coarse=True)) == [Difference("a", "added")]


@given(st.lists(MEMBERS, unique_by=lambda one: one.path))
def test_a_manifest_that_is_written_is_read(members: list[Member]) -> None:
    table = {member.path: member for member in members}
    assert Written(written(Listed.of(members))) == table


def test_names_that_are_not_utf_8_come_back() -> None:
    member = replace(FILE, path="odd \udcff\n\x0b name")
    assert Written(written(Listed.of([member]))) == {member.path: member}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}\n",
        b'{"occ":"manifest","schema":2}\n',
        b'{"occ":"manifest","schema":1}\n[]\n',
        b'{"occ":"manifest","schema":1}\n[1,2,3,4,5,6,7,8,9,10,11]\n',
        b'{"occ":"manifest","schema":1}\nnonsense\n',
        b'{"occ":"manifest","schema":1}\n{"a":1}\n',
        b"\xff",
        written(Listed.of([FILE])).replace(b",", b", ", 2),
        written(Listed.of([FILE])) + written(Listed.of([FILE])).splitlines()[1],
    ],
)
def test_what_is_no_manifest_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        Written(text)


@given(st.binary(max_size=400), st.integers(0, 3000))
@settings(deadline=None)
def test_a_sparse_map_of_strange_bytes_is_read_or_refused(data: bytes, size: int) -> None:
    member, _ = sparse("s", size, {})
    member.size = len(data)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as made:
        made.addfile(folder())
        made.addfile(member, io.BytesIO(data))
    with suppress(BrokenTarError):
        assert listed(raw.getvalue())["s"].size == size
