"""A snapshot in one file: what was exported is imported, and anything else refused."""

import io
import json
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occ.archives.parcel import FACTS, unwrapped, wrap
from occ.archives.store import Store
from occ.domain.snapshots import Record, Snapshot, SnapshotTaken
from occ.errors import SnapshotDamagedError
from occ.journal.codec import encode
from tests.archived import kept


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "web")


@pytest.fixture
def record(store: Store) -> Record:
    made = kept(store, 3, "web-data", {"a": b"x" * 100, "b": b""})
    store.write("3.web-data.manifest", b"manifest")
    return replace(made, manifests={"web-data": "ab" * 32})


def exported(store: Store, record: Record) -> bytes:
    out = io.BytesIO()
    wrap(store, "web", record, out)
    return out.getvalue()


def imported(store: Store, data: bytes) -> Snapshot:
    return unwrapped(io.BytesIO(data), "out.tar", store, 9, tick=lambda: None)


def test_it_is_a_tar_for_people(store: Store, record: Record) -> None:
    with tarfile.open(fileobj=io.BytesIO(exported(store, record))) as tar:
        assert tar.getnames() == [FACTS, "3.web-data.tar.zst", "3.web-data.manifest"]
        facts = tar.extractfile(FACTS)
        assert facts is not None
        told = json.load(facts)
    assert (told["occ"], told["service"], told["number"]) == ("snapshot", "web", 3)


def test_it_comes_in_under_another_number(store: Store, record: Record, tmp_path: Path) -> None:
    there = Store(tmp_path / "shop")
    found = imported(there, exported(store, record))
    (volume,) = record.snapshot.volumes
    assert found == replace(
        record.snapshot,
        number=9,
        version=0,
        imported="web 3",
        volumes=(replace(volume, file="9.web-data"),),
    )
    assert there.names(9) == ("9.web-data.tar.zst",)
    name = "9.web-data.tar.zst"
    assert there.path(name).read_bytes() == store.path("3.web-data.tar.zst").read_bytes()


def test_a_damaged_file_is_not_exported(store: Store, record: Record) -> None:
    path = store.path("3.web-data.tar.zst")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(SnapshotDamagedError, match=r"3\.web-data\.tar\.zst is damaged: its hash"):
        exported(store, record)
    path.write_bytes(content[:-1])
    with pytest.raises(SnapshotDamagedError, match="is damaged: it has"):
        exported(store, record)


@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_a_cut_or_a_flipped_bit_brings_nothing_wrong_in(data: st.DataObject) -> None:
    folder = Path(tempfile.mkdtemp())
    record = kept(Store(folder / "web"), 3, "web-data", {"a": b"x" * 100})
    raw = bytearray(exported(Store(folder / "web"), record))
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw.rstrip(b"\0")) - 1))]
    else:
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.sampled_from([1, 4, 64, 128]))
    there = Store(folder / "shop")
    try:
        found = imported(there, bytes(raw))
    except SnapshotDamagedError:
        return
    assert found.volumes[0].sha256 == record.snapshot.volumes[0].sha256
    content = there.path(there.names(9)[0]).read_bytes()
    assert content == Store(folder / "web").path("3.web-data.tar.zst").read_bytes()


def facts(**told: object) -> bytes:
    """A tar of facts alone."""
    out = io.BytesIO()
    text = json.dumps({"occ": "snapshot", "schema": 1, "service": "web", "number": 3, **told})
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo(FACTS)
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


def hole(size: int) -> bytes:
    """A tar whose volume is a hole of this size."""
    out = io.BytesIO(facts(volumes=[{"name": "a", "file": "3.a"}]))
    with tarfile.open(fileobj=out, mode="a") as tar:
        member = tarfile.TarInfo("3.a.tar.zst")
        member.pax_headers = {
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.name": member.name,
            "GNU.sparse.realsize": f"{size}",
        }
        member.size = 512
        tar.addfile(member, io.BytesIO(b"0\n".ljust(512, b"\0")))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (hole(1 << 24), r"it has no 3\.a\.tar\.zst"),
        (b"", "out.tar is no whole export"),
        (b"nonsense" * 999, "out.tar is no whole export"),
        (facts(occ="manifest"), "another occ wrote it"),
        (facts(schema=2), "another occ wrote it"),
        (facts(volumes=[]), "its volumes cannot be used"),
        (facts(volumes=[{"name": ""}]), "its volumes cannot be used"),
        (facts(volumes=[{"name": "a"}, {"name": "a"}]), "its volumes cannot be used"),
        (facts(volumes=[{"name": "x" * 9_000}]), "its volumes cannot be used"),
        (facts(volumes=[{"name": "a\0"}]), "its volumes cannot be used"),
        (facts(volumes=[{"name": "\x01" * 2_000}]), "its volumes cannot be used"),
        (facts(volumes=[{"name": "a", "file": "3.a"}]), r"it has no 3\.a\.tar\.zst"),
        (facts(volumes="a"), "its volumes cannot be used"),
    ],
)
def test_what_is_no_export_is_refused(store: Store, data: bytes, why: str) -> None:
    with pytest.raises(SnapshotDamagedError, match=why):
        imported(store, data)
    assert store.names(9) == ()


def test_texts_of_another_are_recorded_as_far_as_the_journal_takes_them(
    store: Store, record: Record, tmp_path: Path
) -> None:
    (volume,) = record.snapshot.volumes
    writers = ("!\0" * 99, *(f"{n}\x1b" * 50 for n in range(300)))
    snapshot = replace(
        record.snapshot, number=10**4_000, volumes=(replace(volume, writers=writers),)
    )
    out = io.BytesIO()
    wrap(store, "w\0b" * 99, replace(record, snapshot=snapshot), out)
    found = imported(Store(tmp_path / "shop"), out.getvalue())
    encode(SnapshotTaken(found))
    assert found.imported == "w?b" * 20 + " 1" + "0" * 59
    assert found.volumes[0].writers[0] == "!?" * 30
    assert found.volumes[0].writers[-1].endswith(" more")
