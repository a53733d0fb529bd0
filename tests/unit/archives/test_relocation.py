"""A tar whose first folder gets another name, and nothing else another one."""

import io
import os
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.archives import host_tar
from occ.archives.manifest import Listing
from occ.archives.members import Members
from occ.archives.relocation import relocated
from occ.archives.tar import BrokenTarError, Tar
from tests.archived import file, folder, tar, tar_of

ENGINE = "occ-snapshot/"


def members(raw: bytes) -> Members:
    listing = Listing()
    one = Tar(listing)
    one.feed(raw)
    one.finish()
    return listing.members()


def moved(raw: bytes, root: str, piece: int = 1 << 20) -> bytes:
    cut = [raw[at : at + piece] for at in range(0, len(raw), piece)]
    return b"".join(relocated(cut, root))


@given(
    st.dictionaries(
        st.text("ab\udcff\n é.", min_size=1, max_size=140).filter(lambda n: {*n} != {"."}),
        st.binary(max_size=1_500),
        max_size=6,
    ),
    st.integers(1, 5_000),
)
def test_every_file_is_the_same_below_the_other_name(files: dict[str, bytes], piece: int) -> None:
    raw = tar_of(files, root=".")
    there = moved(raw, ENGINE, piece)
    assert members(there) == members(raw)
    with tarfile.open(fileobj=io.BytesIO(there)) as told:
        assert told.getnames() == ["occ-snapshot", *(f"occ-snapshot/{name}" for name in files)]
    assert members(moved(there, "./", piece)) == members(raw)


def test_one_that_has_the_name_is_left_as_it_is() -> None:
    raw = tar_of({"a": b"1"}, root="occ-snapshot")
    assert moved(raw, ENGINE, 100) == raw


def test_links_between_names_move_and_links_to_elsewhere_stay() -> None:
    first, hard, link = file("./" + "n" * 120), file("./hard"), file("./link")
    hard.type, hard.linkname = tarfile.LNKTYPE, first.name
    link.type, link.linkname = tarfile.SYMTYPE, "./" + "n" * 120
    raw = tar([(folder("./"), b""), (first, b""), (hard, b""), (link, b"")])
    with tarfile.open(fileobj=io.BytesIO(moved(raw, ENGINE))) as told:
        assert told.getmember("occ-snapshot/hard").linkname == "occ-snapshot/" + "n" * 120
        assert told.getmember("occ-snapshot/link").linkname == "./" + "n" * 120


@pytest.mark.skipif(not host_tar.gnu_tar(), reason="there is no GNU tar")
def test_a_sparse_file_of_gnu_tar_is_one_to_gnu_tar_again(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    with (source / ("long" * 40)).open("wb") as one:
        one.seek(4 << 20)
        one.write(b"end")
    os.setxattr(source / ("long" * 40), "user.a", b"\n\0=")
    pieces: list[bytes] = []
    host_tar.read_folder(str(source), pieces.append, tick=lambda: None)
    raw = moved(b"".join(pieces), ENGINE, 700)
    assert members(raw) == members(b"".join(pieces))
    subprocess.run(
        [host_tar.gnu_tar(), "-xf", "-", "--xattrs", "-C", str(target)], input=raw, check=True
    )
    there = target / "occ-snapshot" / ("long" * 40)
    assert there.read_bytes() == bytes(4 << 20) + b"end"
    assert there.stat().st_blocks * 512 < 1 << 20
    assert os.getxattr(there, "user.a") == b"\n\0="


def test_a_name_of_the_form_of_gnu_is_read(tmp_path: Path) -> None:
    name = "occ-snapshot/" + "d" * 200
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as made:
        top = replace_type(tarfile.TarInfo("occ-snapshot"))
        made.addfile(top)
        made.addfile(file(name, 3), io.BytesIO(b"abc"))
    there = members(moved(buffer.getvalue(), "./"))
    assert list(there) == [".", "d" * 200]
    assert replace(there["d" * 200], mtime=0).size == 3


def replace_type(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.type, member.mode = tarfile.DIRTYPE, 0o755
    return member


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        tar([(file("first", 1), b"x")]),
        tar([(folder("./"), b""), (file("elsewhere"), b"")]),
        tar_of({"a": b"1" * 900}, root=".")[:1_600],
        tar_of({"a": b"1"}, root=".") + b"x" * 512,
    ],
    ids=["empty", "no folder", "outside", "cut", "more"],
)
def test_all_else_is_refused(raw: bytes) -> None:
    with pytest.raises(BrokenTarError):
        moved(raw, ENGINE)
