"""The data of a rehearsal: as today's, in the real opencode too; and copies that tell nothing."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from occ.archives.members import Written
from occ.operations.reading import VolumeReader
from occ.operations.steps.copy_data import CopyData
from occ.operations.writing import VolumeWriter
from tests.box import Box, Done, get, post, serves
from tests.e2e.test_isolation import beside
from tests.e2e.test_opencode_data import DATA, HEALTH, session, sessions
from tests.forked import forked
from tests.host import client, inside
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port
from tests.testbed.opencode import publish_opencode
from tests.testbed.waiting import until

# Asks opencode inside of its container until it answers, and leaves that to be read for a while.
ASKS = """\
for n in $(seq 60); do
  busybox wget -q -O /tmp/said http://127.0.0.1:3000/session && mv /tmp/said /tmp/sessions && break
  sleep 1
done
[ -e /tmp/sessions ] && sleep 8
"""
Seen = dict[str, tuple[int, int, int, str]]
_SQLITE, _TORN = b"SQLite format 3\0", b"SQLite format 9\0"


def place(engine: PrivateEngine, name: str, path: str) -> Path:
    """The folder of the volume that a container has at a path."""
    with client(engine) as one:
        mounts = one.inspect_container(name)["Mounts"]
    return Path(next(each["Source"] for each in mounts if each["Destination"] == path))


def files(folder: Path) -> Seen:
    """Mode, owner, time and hash of every file of a folder."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    told = {}
    for path in found:
        facts, digest = path.stat(), hashlib.sha256(path.read_bytes()).hexdigest()
        told[str(path.relative_to(folder))] = (
            facts.st_mode & 0o7777,
            facts.st_uid,
            facts.st_mtime_ns // 1_000_000_000,
            digest,
        )
    return told


def manifested(box: Box) -> Seen:
    """The same, by the manifest of a copy that is in use."""
    manifest = next(box.folder.glob(f"snapshots/**/rehearsal/*{box.service}-data*.manifest"))
    members = Written(manifest.read_bytes())
    return {
        path: (one.mode & 0o7777, one.uid, one.mtime // 1_000_000_000, one.sha256)
        for path, one in members.items()
        if one.type == "file"
    }


@pytest.fixture
def opencode(
    private_engine: PrivateEngine, images: Images, run_name: str, tmp_path: Path
) -> tuple[Box, int]:
    """The real opencode 1.18.31 with three sessions; 1.18.32 is at its registry."""
    box, port = Box(tmp_path, private_engine.url, service=run_name), free_port()
    ref = publish_opencode(images, "1.18.31", "latest", name=run_name).ref
    (tmp_path / "config.toml").write_text(
        f'[services.{run_name}]\nimage = "{ref}"\nports = ["127.0.0.1:{port}:3000"]\n'
        f'volumes = ["{run_name}-data:{DATA}"]\nstop_timeout = "2s"\n'
        f"[services.{run_name}.health]\n{HEALTH}"
    )
    box.well("start", "--yes")
    for _ in range(3):
        session(port)
    publish_opencode(images, "1.18.32", "latest", name=run_name)
    return box, port


def asks(box: Box, more: str = "") -> None:
    """Have it asked for its sessions in its rehearsals."""
    config = box.folder / "config.toml"
    check = f"rehearse_check = {json.dumps(['sh', '-c', ASKS])}\n{more}"
    config.write_text(config.read_text().replace("stop_timeout", f"{check}stop_timeout"))


def kept(seen: Seen) -> Seen:
    """All but what a running opencode goes on with by itself: its log and its locks."""
    return {path: facts for path, facts in seen.items() if not path.startswith(("locks/", "log/"))}


def listed(engine: PrivateEngine, container: str) -> list[str]:
    """The sessions that the real program told inside of a container."""
    found: list[str] = []

    def told() -> bool:
        said = inside(engine, container, "cat /tmp/sessions 2>/dev/null || echo")
        found.extend(each["id"] for each in json.loads(said.strip() or "[]"))
        return bool(found)

    until(told, seconds=90, what="the sessions of a rehearsed opencode")
    return sorted(found)


@pytest.mark.opencode
def test_a_rehearsed_opencode_lists_all_sessions_of_today(
    opencode: tuple[Box, int], private_engine: PrivateEngine
) -> None:
    box, port = opencode
    today = sorted(sessions(port))
    assert len(today) == 3
    folder = place(private_engine, box.service, DATA)
    before = kept(files(folder))
    assert any(path.endswith(".db") for path in before)
    asks(box)
    words = ("update", "--rehearse-only", "--yes", "-o", "json")
    with box.start(*words) as running:
        there = beside(private_engine, box)
        copy = manifested(box)
        told = listed(private_engine, there["Id"])
        out, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert told == today
    assert kept(copy) == before
    assert kept(files(folder)) == before
    assert json.loads(out)["result"]["rehearsal"]["reported"] == "1.18.32"
    assert sorted(sessions(port)) == today


def torn() -> None:
    """Have every SQLite database read as one that was caught in the middle of a write."""
    real = VolumeReader.read

    def read(self: VolumeReader, source: str, take: Callable[[bytes], None], **more: Any) -> Any:
        return real(self, source, lambda piece: take(piece.replace(_SQLITE, _TORN)), **more)

    VolumeReader.read = read  # type: ignore[method-assign]


@pytest.mark.opencode
def test_a_live_copy_of_opencode_that_is_torn_judges_nobody(
    opencode: tuple[Box, int], private_engine: PrivateEngine
) -> None:
    box, port = opencode
    today = sorted(sessions(port))
    asks(box, 'rehearse_data = "live"\n')
    refuses_to_judge(box, forked(box, "update", "--rehearse", "--yes", before=torn))
    assert sorted(sessions(port)) == today
    box.well("update", "--rehearse", "--yes")
    assert sorted(sessions(port)) == today


def refuses_to_judge(box: Box, done: Done, why: str = "this copy cannot be judged by") -> None:
    """It ended with 6, says why, and the new version is as good as it was before."""
    assert done.status == 6, done
    assert f"could not be judged beside the service, which was not stopped: {why}" in done.err
    versions = box.well("versions", "-o", "json").result()
    assert {each["standing"] for each in versions if each["number"] == 2} == {"unproven"}
    assert "failed here" not in box.well("update", "--plan", status=10).out


def begun(box: Box, images: Images, port: int, more: str = "") -> None:
    """A service that keeps a list, and a new version at its registry."""
    box.configure(images.publish("diary", "1.0", name=box.service).ref, port, more=more)
    box.well("start", "--yes")
    for entry in ("one", "two", "three"):
        assert post(port, "/list", entry)[0] == 200
    images.publish("diary", "2.0", name=box.service)


def emptied() -> None:
    """Have a writer that writes nothing, and says that all is well."""

    def write(_: VolumeWriter, target: str, give: Iterable[bytes], **more: Any) -> Any:
        for _piece in give:
            continue
        return "engine"

    VolumeWriter.write = write  # type: ignore[assignment,method-assign]


def shortened() -> None:
    """Have the file of the copy lose its end between the copying and the run."""
    real = CopyData.apply

    def apply(self: CopyData, context: Any) -> Any:
        result = real(self, context)
        folder = Path(context.operation.planned.request.rehearsing.folder)
        for file in folder.glob("rehearsal/*.tar.zst"):
            file.write_bytes(file.read_bytes()[:-20])
        return result

    CopyData.apply = apply  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("fault", "why"), [(emptied, "the volume "), (shortened, "/")], ids=["emptied", "short"]
)
def test_a_copy_that_is_not_as_it_was_read_judges_nobody(
    fault: Callable[[], None],
    why: str,
    box: Box,
    images: Images,
    port: int,
    private_engine: PrivateEngine,
) -> None:
    begun(box, images, port)
    folder = place(private_engine, box.service, "/data")
    before = files(folder)
    refuses_to_judge(box, forked(box, "update", "--rehearse", "--yes", before=fault), why)
    assert files(folder) == before
    assert serves(port) == "1.0"
    box.well("update", "--rehearse", "--yes")
    assert (serves(port), get(port, "/list")[1]) == ("2.0", "one\ntwo\nthree\n")


def test_a_live_copy_that_is_torn_judges_nobody_by_its_control(
    box: Box, images: Images, port: int, private_engine: PrivateEngine
) -> None:
    begun(box, images, port, more='rehearse_data = "live"\n')
    kept = place(private_engine, box.service, "/data") / "list"
    whole = kept.read_bytes()
    kept.write_bytes(whole[3:])  # as a reader sees it that comes in the middle of a write
    done = box.occ("update", "--rehearse", "--yes")
    kept.write_bytes(whole)
    refuses_to_judge(box, done)
    assert "version 1 does not pass on it" in done.err
    box.well("update", "--rehearse", "--yes")
    assert (serves(port), get(port, "/list")[1]) == ("2.0", "one\ntwo\nthree\n")


def test_the_copy_is_the_volume_and_the_volume_stays(
    box: Box, images: Images, port: int, private_engine: PrivateEngine
) -> None:
    begun(box, images, port)
    folder = place(private_engine, box.service, "/data")
    before = files(folder)
    assert "list" in before
    with box.start("update", "--rehearse-only", "--yes") as running:
        beside(private_engine, box)
        copy = manifested(box)
        running.communicate(timeout=120)
    assert running.returncode == 0
    assert copy == before
    assert files(folder) == before
