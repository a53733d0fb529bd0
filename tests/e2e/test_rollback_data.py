"""Going back with the data, on a real engine: a service that moves its data forward."""

import hashlib
from pathlib import Path

import pytest

from tests.box import Box, get, post, serves
from tests.host import client, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

KIND = "diary"
LAST = 5


@pytest.fixture
def diary(box: Box, images: Images, port: int) -> Box:
    """A service with five versions, each of which has written a line of its own."""
    box.configure(images.publish(KIND, "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    write(port, 1)
    for number in range(2, LAST + 1):
        images.publish(KIND, f"{number}.0", name=box.service)
        box.well("update", "--yes")
        write(port, number)
    return box


def write(port: int, version: int) -> None:
    """An entry of a version's own day."""
    assert post(port, "/list", f"of {version}")[0] == 200


def entries(port: int) -> list[str]:
    """The list as the service tells it."""
    status, body = get(port, "/list")
    assert status == 200
    return body.splitlines()


def upto(version: int) -> list[str]:
    """The entries of the first versions."""
    return [f"of {number}" for number in range(1, version + 1)]


def folder(engine: PrivateEngine, volume: str) -> Path:
    """Where the data of a volume is on this host."""
    with client(engine) as one:
        return Path(one.inspect_volume(volume)["Mountpoint"])


def digest(path: Path) -> str:
    """All bytes of the files in a folder, by name."""
    whole = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        whole.update(file.name.encode() + (file.read_bytes() if file.is_file() else b""))
    return whole.hexdigest()


def current(box: Box) -> int:
    """The version that the service is on."""
    return int(box.status()["version"])


def test_each_version_has_the_data_of_its_day_and_forward_brings_the_rest_back(
    diary: Box, private_engine: PrivateEngine, port: int
) -> None:
    plain = f"{diary.service}-data"
    whole = digest(folder(private_engine, plain))
    for number in (4, 2, 3, 1):
        said = diary.well("rollback", "--to", str(number), "--data", "then", "--yes")
        assert serves(port) == f"{number}.0"
        assert entries(port) == upto(number)
        assert current(diary) == number
        assert "occ rollback --to" in said.err
    assert digest(folder(private_engine, plain)) == whole

    diary.well("rollback", "--to", "5", "--data", "then", "--yes")
    assert serves(port) == "5.0"
    assert entries(port) == upto(5)
    assert [one for one in diary.status()["volumes"] if one.startswith(plain)] == [f"{plain}:/data"]


def test_newer_data_under_an_older_version_is_put_back_and_the_evidence_says_it(
    diary: Box, private_engine: PrivateEngine, port: int
) -> None:
    failed = diary.well("rollback", "--to", "3", "--data", "keep", "--yes", status=6)
    assert "it is as it was found" in failed.err
    assert serves(port) == "5.0"
    assert entries(port) == upto(5)
    rows = {row["number"]: row for row in diary.well("versions", "-o", "json").result()}
    assert (rows[3]["tried"], rows[3]["data_of"]) == ("bad", 5)
    assert rows[4]["tried"] is None
    assert rows[3]["own_data"]["version"] == 3
    assert "failed on that of 5" in diary.well("versions").out
    planned = diary.well("rollback", "--to", "3", "--plan", status=10).out
    assert "version 3 failed on data of version 5" in planned
    assert "was never tried" in diary.well("rollback", "--to", "2", "--plan", status=10).out
    assert sorted(containers(private_engine, diary.service)) == [diary.service]


def test_the_data_comes_back_under_the_plain_names(
    diary: Box, private_engine: PrivateEngine, port: int
) -> None:
    plain = f"{diary.service}-data"
    diary.well("rollback", "--to", "2", "--data", "then", "--yes")
    write(port, 9)
    rows = diary.well("data", "list", "-o", "json").result()
    assert [(row["current"], row["volumes"]) for row in rows] == [
        (True, [f"{plain}.occ-2"]),
        (False, [plain]),
    ]
    told = diary.well("doctor", "-o", "json").result()
    (note,) = [one for one in told if one["code"] == "data_elsewhere"]
    assert note["fix"].startswith("occ data adopt-name")
    assert "is removed, for good" in diary.well("data", "adopt-name", "--plan", status=10).out

    diary.well("data", "adopt-name", "--yes")
    assert serves(port) == "2.0"
    assert entries(port) == [*upto(2), "of 9"]
    assert [one for one in diary.status()["volumes"] if one.startswith(plain)] == [f"{plain}:/data"]
    with client(private_engine) as one:
        there = [v["Name"] for v in one.volumes()["Volumes"] if v["Name"].startswith(plain)]
    assert there == [plain]
    assert sorted(containers(private_engine, diary.service)) == [diary.service]
    assert "in volumes of the plain names" in diary.well("data", "adopt-name", "--yes").out
    diary.well("rollback", "--to", "4", "--data", "then", "--yes")
    assert entries(port) == upto(4)
