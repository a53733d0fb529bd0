"""The files of snapshots: drafts that become files in one rename, or are gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.archives.packing import Packing
from occ.archives.store import Store, stem
from occ.errors import FailedError, NotFoundError
from tests.archived import pack, tar_of

NAME = "7.web-data.tar.zst"
RAW = tar_of({"a": b"x"})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "snapshots" / "1234abcd" / "web")


def names(store: Store) -> list[str]:
    return sorted(file.name for file in store.folder.iterdir())


@pytest.mark.parametrize(
    ("volume", "wanted"),
    [("web-data", "7.web-data"), ("web.data_1", "7.web.data_1")],
)
def test_a_plain_name_is_the_name_of_its_file(volume: str, wanted: str) -> None:
    assert stem(7, volume) == wanted


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_no_two_volumes_share_a_file(one: str, other: str) -> None:
    assert (stem(7, one) == stem(7, other)) == (one == other)
    assert len(f".{stem(10**18, one)}.tar.zst.0123456789ab.draft".encode()) < 255
    assert "/" not in stem(7, one)


def test_a_file_is_its_owners_alone(store: Store) -> None:
    pack(store, NAME, RAW)
    assert names(store) == [NAME]
    assert store.path(NAME).stat().st_mode & 0o777 == 0o600
    for folder in (store.folder, store.folder.parent, store.folder.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_draft_that_is_not_kept_is_gone(store: Store) -> None:
    with store.draft(NAME) as draft:
        draft.file.write(b"x")
        assert store.names(7) == tuple(names(store))
        assert len(names(store)) == 1
    assert names(store) == []
    with pytest.raises(ZeroDivisionError), store.draft(NAME) as draft:
        raise ZeroDivisionError
    assert names(store) == []


def test_files_are_known_by_their_snapshot(store: Store) -> None:
    pack(store, NAME, RAW)
    pack(store, "77.web-data.tar.zst", RAW)
    store.write("7.web-data.manifest", b"m")
    store.path("7.notes").write_text("somebody's own")
    (store.folder / f".{NAME}.0123456789ab.draft").touch()
    assert store.names(7) == (
        f".{NAME}.0123456789ab.draft",
        "7.web-data.manifest",
        NAME,
    )
    assert store.remove(7) == 3
    assert store.remove(7) == 0
    assert names(store) == ["7.notes", "77.web-data.tar.zst"]


def test_a_folder_that_is_not_there_has_nothing(store: Store) -> None:
    assert store.names(7) == ()
    assert store.remove(7) == 0
    with pytest.raises(NotFoundError, match="is not there"), store.reading(NAME):
        pass


def test_a_link_in_the_place_of_a_file_is_not_followed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    store.folder.mkdir(parents=True)
    store.path(NAME).symlink_to(tmp_path / "theirs")
    with pytest.raises(FailedError), store.reading(NAME):
        pass
    pack(store, NAME, RAW)
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert not store.path(NAME).is_symlink()


def test_a_shared_file_outlives_each_of_its_snapshots(store: Store) -> None:
    pack(store, "3.web-data.tar.zst", RAW)
    pack(store, NAME, RAW)
    assert store.refer(NAME, "3.web-data.tar.zst")
    first = store.path("3.web-data.tar.zst")
    assert first.samefile(store.path(NAME))
    content = first.read_bytes()
    store.remove(3)
    assert store.path(NAME).read_bytes() == content
    assert names(store) == [NAME]


def test_what_cannot_be_shared_stays_as_it_is(store: Store) -> None:
    pack(store, NAME, RAW)
    content = store.path(NAME).read_bytes()
    assert not store.refer(NAME, "3.web-data.tar.zst")
    assert store.path(NAME).read_bytes() == content
    assert names(store) == [NAME]


def test_a_draft_that_somebody_removed_is_never_kept(store: Store) -> None:
    with store.draft(NAME) as draft:
        store.remove(7)
        with pytest.raises(FileNotFoundError):
            draft.keep()
    assert names(store) == []


@pytest.mark.parametrize("at", ["begun", "written", "kept"])
def test_a_death_at_any_point_leaves_a_draft_or_the_whole_file(store: Store, at: str) -> None:
    child = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from occ.archives.store import Store\n"
        "from occ.archives.packing import Packing\n"
        "from tests.archived import tar_of\n"
        "def die(here):\n"
        f"    if here == {at!r}: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"with Store(Path({str(store.folder)!r})).draft({NAME!r}) as draft:\n"
        "    packing = Packing(draft.file)\n"
        "    die('begun')\n"
        "    packing.take(tar_of({'a': b'x'}))\n"
        "    packing.finish()\n"
        "    die('written')\n"
        "    draft.keep()\n"
        "    die('kept')\n"
    )
    died = subprocess.run([sys.executable, "-c", child], check=False, cwd=Path(__file__).parents[3])
    assert died.returncode == -signal.SIGKILL
    (left,) = names(store)
    assert (left == NAME) == (at == "kept")
    assert store.remove(7) == 1
    assert names(store) == []


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Store]:
    """A disk of 64 KiB."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a disk")
    place = tmp_path / "tiny"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    yield Store(place / "snapshots")
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_leaves_no_draft_and_names_the_file(tiny: Store) -> None:
    with (  # noqa: PT012 - whichever write finds it
        pytest.raises(FailedError, match=r"7\.web-data\.tar\.zst cannot be written \(No space"),
        tiny.draft(NAME) as draft,
    ):
        packing = Packing(draft.file)
        packing.take(tar_of({"a": os.urandom(200_000)}))
        packing.finish()
        draft.keep()
    assert names(tiny) == []


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_plain_file_is_neither_read_nor_waited_for(
    store: Store, make: Callable[[Path], None]
) -> None:
    store.write("7.other.manifest", b"")
    make(store.path(NAME))
    with pytest.raises(FailedError, match="it is no plain file"), store.reading(NAME):
        pass


def test_a_file_that_cannot_be_removed_is_told_so(store: Store) -> None:
    store.write("7.other.manifest", b"")
    store.path(NAME).mkdir()
    with pytest.raises(FailedError, match=f"{store.folder} cannot be changed"):
        store.remove(7)
