"""Programs inside containers, and what a container's own layer holds, on every engine."""

import pytest

from occ.engine.values import Change, File
from occ.errors import EngineRefusedError, NotFoundError
from tests.contract.asked import made, running
from tests.contract.lab import Lab

_HASH = "$6$rounds=5000$saltsalt$abcdefgh"


def test_what_goes_in_through_stdin_comes_out_again(lab: Lab) -> None:
    container = running(lab)
    for said in (b"s3cret-word\n", b"no newline", bytes(range(256)) * 64):
        ran = lab.engine.exec(container, ("cat",), stdin=said)
        assert (ran.status, ran.out, ran.err) == (0, said, b"")


def test_accounts_are_kept_by_the_containers_own_programs(lab: Lab) -> None:
    container = running(lab)
    add = ("useradd", "-m", "-d", "/home/ann", "-s", "/bin/bash", "ann")
    assert lab.engine.exec(container, add).status == 0
    again = lab.engine.exec(container, add)
    assert (again.status, b"already exists" in again.err) == (9, True)
    hashed = lab.engine.exec(container, ("chpasswd", "-e"), stdin=f"ann:{_HASH}\n".encode())
    assert hashed.status == 0
    assert _shadow(lab, container) == _HASH
    assert lab.engine.exec(container, ("usermod", "-L", "ann")).status == 0
    assert _shadow(lab, container) == f"!{_HASH}"
    assert lab.engine.exec(container, ("usermod", "-U", "ann")).status == 0
    assert _shadow(lab, container) == _HASH
    assert lab.engine.exec(container, ("userdel", "ann")).status == 0
    assert _shadow(lab, container) == ""
    assert lab.engine.exec(container, ("userdel", "ann")).status == 6


def test_a_program_that_is_not_there_fails(lab: Lab) -> None:
    container = running(lab)
    assert lab.engine.exec(container, ("no-such-program",)).status in {126, 127}


def test_nothing_runs_in_a_container_that_does_not(lab: Lab) -> None:
    container = made(lab)
    with pytest.raises(EngineRefusedError, match="not running"):
        lab.engine.exec(container, ("cat",), stdin=b"x")


def test_a_program_of_the_config_is_run_for_its_time_and_no_longer(lab: Lab) -> None:
    container, run = running(lab), lab.engine.run_inside
    assert run(container, ("true",), told={}, most_ms=10_000).good
    no = run(container, ("false",), told={}, most_ms=10_000)
    assert (no.how, no.status) == ("ended", 1)
    assert run(container, ("no-such-program",), told={}, most_ms=10_000).how == "not started"
    late = run(container, ("sleep", "60"), told={}, most_ms=500)
    assert late.how == "timed out"
    assert lab.engine.runs_inside(container, ("sleep", "60"))
    assert not lab.engine.runs_inside(container, ("sleep", "61"))
    lab.engine.stop(container, 0)
    assert not lab.engine.runs_inside(container, ("sleep", "60"))
    with pytest.raises(EngineRefusedError, match="not running"):
        run(container, ("true",), told={}, most_ms=500)


def test_changes_are_what_would_go_with_the_container(lab: Lab) -> None:
    container = running(lab)
    before = set(lab.engine.changes(container))
    passwd = lab.engine.read_file(container, "/etc/passwd")
    assert passwd is not None
    files = [
        File(path="/srv/ann", folder=True),
        File(path="/srv/ann/notes", data=b"x"),
        File(path="/data/marker", data=b"in the volume"),
        passwd,
    ]
    lab.engine.write_files(container, files)
    assert set(lab.engine.changes(container)) - before == {
        Change(path="/etc/passwd", kind="changed"),
        Change(path="/srv/ann/notes", kind="added"),
    }
    with pytest.raises(NotFoundError):
        lab.engine.changes(lab.name("nobody"))


def _shadow(lab: Lab, container: str) -> str:
    file = lab.engine.read_file(container, "/etc/shadow")
    assert file is not None
    lines = (line.split(":") for line in file.data.decode().splitlines())
    return next((line[1] for line in lines if line[0] == "ann"), "")
