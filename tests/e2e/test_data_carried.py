"""Data is more than its bytes: folders of the host, owners and modes, a database's own log."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.box import Box, get, post, serves
from tests.host import birth, client, inside, inspect
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

WRITER = """
import sqlite3, sys, time
one = sqlite3.connect(sys.argv[1], isolation_level=None)
one.execute("PRAGMA journal_mode = WAL")
one.execute("PRAGMA wal_autocheckpoint = 0")
one.execute("CREATE TABLE notes (line TEXT)")
one.executemany("INSERT INTO notes VALUES (?)", [(f"note {n}",) for n in range(1000)])
print("written", flush=True)
time.sleep(600)
"""


def data(box: Box, engine: PrivateEngine) -> Path:
    """Where the data of the service lies on this host: the volume that it mounts now."""
    mounts = inspect(engine, box.service)["Mounts"]
    return Path(next(one["Source"] for one in mounts if one["Destination"] == "/data"))


def mounted(box: Box, engine: PrivateEngine) -> list[tuple[str, str, str, bool]]:
    """The folders of the host that the service mounts."""
    found: list[Any] = inspect(engine, box.service)["Mounts"]
    kept = ("Type", "Source", "Destination", "RW")
    return sorted(tuple(one[key] for key in kept) for one in found if one["Type"] == "bind")


def test_folders_of_the_host_stay_mounted_and_are_never_touched(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    notes, fixed = box.folder / "notes", box.folder / "fixed"
    notes.mkdir()
    fixed.mkdir()
    (notes / "mine").write_text("first")
    more = f'mounts = ["{notes}:/notes", "{fixed}:/fixed:ro"]\n'
    box.configure(images.publish("good", "1.0", name=box.service).ref, port, more=more)
    box.well("start", "--yes")
    post(port, "/marker", "of 1")
    whole = [
        ("bind", str(fixed), "/fixed", False),
        ("bind", str(notes), "/notes", True),
    ]
    assert mounted(box, private_engine) == whole
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    assert mounted(box, private_engine) == whole
    post(port, "/marker", "of 2")
    inside(private_engine, box.service, "echo second > /notes/mine; echo .")

    box.well("rollback", "--data", "then", "--yes")
    assert (serves(port), get(port, "/marker")[1]) == ("1.0", "of 1")
    assert mounted(box, private_engine) == whole
    # it is a person's own, and no part of the data of then
    assert (notes / "mine").read_text() == "second\n"
    box.well("rollback", "--to", "2", "--data", "then", "--yes")
    assert mounted(box, private_engine) == whole
    assert get(port, "/marker")[1] == "of 2"


def test_users_and_files_keep_their_numbers_when_the_container_and_the_data_are_new(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    name = box.service
    for user, number in (("ann", "1700"), ("bob", "1500")):  # in no order that they are made in
        added = ("user", "add", user, "--uid", number, "--password-stdin")
        assert box.occ(*added, stdin="word-1234\n").status == 0
    script = (
        "mkdir /data/hers && echo hers > /data/hers/file && chown -R ann:ann /data/hers && "
        "chmod 750 /data/hers && chmod 4640 /data/hers/file && echo his > /data/his && "
        "chmod 644 /data/his && chown bob:3000000 /data/his && echo done"
    )
    assert inside(private_engine, name, script).strip() == "done"
    look = "stat -c '%n %u %g %a %U' /data/hers /data/hers/file /data/his; id ann; id bob"
    before = inside(private_engine, name, look)
    assert "/data/hers/file 1700 1700 4640 ann" in before
    assert "/data/his 1500 3000000 644 bob" in before

    images.publish("good", "2.0", name=name)
    box.well("update", "--yes")
    assert inside(private_engine, name, look) == before
    inside(private_engine, name, "chown -R 0:0 /data/hers /data/his; echo .")
    box.well("user", "remove", "bob", "--yes")
    box.occ("user", "add", "bob", "--uid", "1500", "--password-stdin", stdin="word-5678\n")

    box.well("rollback", "--data", "then", "--yes")
    assert serves(port) == "1.0"
    assert data(box, private_engine).parent.name.startswith(f"{name}-data.occ-")
    assert inside(private_engine, name, look) == before


def killed_writer(path: Path) -> None:
    """Have a database whose rows are in its log alone, as a kill leaves it."""
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.kill()
    assert writer.returncode == -signal.SIGKILL


def database(folder: Path) -> dict[str, bytes]:
    """The files of that database, its log among them."""
    return {one.name: one.read_bytes() for one in folder.glob("notes.db*")}


def rows(path: Path) -> int:
    """The notes in a database that is sound."""
    with closing(sqlite3.connect(path)) as one:
        assert one.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(one.execute("SELECT count(*) FROM notes").fetchone()[0])


def test_a_database_comes_back_with_the_log_that_its_last_rows_are_in(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    killed_writer(data(box, private_engine) / "notes.db")
    there = database(data(box, private_engine))
    # the file alone has no rows: whoever left the log out would lose them all
    assert b"note 1" not in there["notes.db"]
    assert b"note 999" in there["notes.db-wal"]

    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    plain = data(box, private_engine) / "notes.db"
    with closing(sqlite3.connect(plain)) as one, one:
        one.execute("DELETE FROM notes WHERE rowid > 10")
    assert rows(plain) == 10
    (first, *_) = box.well("snapshot", "list", "-o", "json").result()
    assert first["fuzzy"] == []

    box.well("rollback", "--data", "then", "--yes")
    place = data(box, private_engine)
    assert database(place) == there
    assert rows(place / "notes.db") == 1000
    assert rows(plain) == 10


def test_a_service_that_stands_still_is_taken_and_put_back_and_stays_so(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "of 1")
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    post(port, "/marker", "of 2")
    box.well("stop", "--yes")
    before = birth(private_engine, box.service)
    taken = box.well("snapshot", "create", "-o", "json").result()["snapshot"]
    assert (taken["fuzzy"], taken["verified"]) == ([], True)
    assert birth(private_engine, box.service) == before
    box.well("rollback", "--data", "then", "--yes")
    with client(private_engine) as one:
        assert one.inspect_container(box.service)["State"]["Running"] is False
    assert (data(box, private_engine) / "marker").read_text() == "of 1"
    box.well("start", "--yes")
    assert (serves(port), get(port, "/marker")[1]) == ("1.0", "of 1")
