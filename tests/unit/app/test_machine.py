"""What doctor sees of a machine."""

import subprocess
from pathlib import Path

import pytest

from occ.app.doctor import machine
from occ.journal.sqlite.findings import version_findings
from tests.unit.operations.toy import Toy


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("0 3 * * * root docker system prune -f", True),
        ("0 3 * * * root docker system prune -af --volumes", True),
        ("0 3 * * * root docker --context far system prune -f", True),
        ("ExecStart=/usr/bin/docker container prune -f", True),
        ("@daily podman image prune -a --force", True),
        ("@daily docker image prune --all -f", True),
        ("@daily docker volume prune -af", True),
        ("@daily docker image prune -f", False),
        ("@daily docker volume prune -f", False),
        ("# 0 3 * * * root docker system prune -f", False),
        ("0 3 * * * root docker system df", False),
        ("0 3 * * * root docker ps; apt system prune", False),
    ],
)
def test_who_prunes_by_itself(tmp_path: Path, line: str, *, seen: bool) -> None:
    table = tmp_path / "etc" / "cron.d" / "clean"
    table.parent.mkdir(parents=True)
    table.write_text(f"SHELL=/bin/sh\n{line}\n")
    found = list(machine.pruners(tmp_path, tmp_path / "home"))
    assert [f.code for f in found] == (["prune_timer"] if seen else [])
    if seen:
        assert f"{table}, line 2" in found[0].says
        subprocess.run(found[0].fix, shell=True, check=True)
        assert list(machine.pruners(tmp_path, tmp_path / "home")) == []
        assert table.read_text() == f"SHELL=/bin/sh\n#{line}\n"


def test_units_of_the_system_of_packages_and_of_the_person_are_read(tmp_path: Path) -> None:
    home = tmp_path / "home" / "ann"
    folders = ("etc/systemd/system", "usr/lib/systemd/system", "home/ann/.config/systemd/user")
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
        unit = tmp_path / folder / "clean.service"
        unit.write_text("[Service]\nExecStart=docker system prune -f\n")
    assert len(list(machine.pruners(tmp_path, home))) == 3


def test_watchtower_is_named_while_it_runs() -> None:
    toy = Toy()
    toy.put("web")
    one = toy.put("my-Watchtower-1")
    (found,) = machine.updaters(toy.engine)
    assert found.says.split()[1] == "my-Watchtower-1"
    assert found.fix.endswith("docker stop my-Watchtower-1")
    toy.engine.stop(one, 1_000)
    assert list(machine.updaters(toy.engine)) == []


def test_room_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    (finding,) = machine.low(tmp_path, 1 << 62, "the journal", "du -xh /")
    assert finding.code == "disk_low"
    assert finding.fix == "du -xh /"


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
    ],
)
def test_a_sqlite_with_a_known_fault_is_a_note(version: tuple[int, ...], *, faulty: bool) -> None:
    found = list(version_findings(version))
    assert [(f.code, f.note) for f in found] == ([("sqlite", True)] if faulty else [])
