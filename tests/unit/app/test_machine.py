"""What doctor sees of a machine."""

from pathlib import Path

import pytest

from occ.app.checks import machine


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("0 3 * * * root docker system prune -f", True),
        ("0 3 * * * root docker system prune -af --volumes", True),
        ("ExecStart=/usr/bin/docker container prune -f", True),
        ("@daily podman image prune -a --force", True),
        ("@daily docker image prune --all -f", True),
        ("@daily docker volume prune -af", True),
        ("@daily docker image prune -f", False),
        ("@daily docker volume prune -f", False),
        ("# 0 3 * * * root docker system prune -f", False),
        ("0 3 * * * root docker system df", False),
    ],
)
def test_who_prunes_by_itself(tmp_path: Path, line: str, *, seen: bool) -> None:
    table = tmp_path / "etc" / "cron.d" / "clean"
    table.parent.mkdir(parents=True)
    table.write_text(f"SHELL=/bin/sh\n{line}\n")
    found = list(machine.pruners(tmp_path, tmp_path / "home", ()))
    assert [f.code for f in found] == (["prune_timer"] if seen else [])
    if seen:
        assert f"{table}, line 2" in found[0].says


def test_units_of_the_system_and_of_the_person_are_read(tmp_path: Path) -> None:
    home = tmp_path / "home" / "ann"
    for folder in (tmp_path / "etc/systemd/system", home / ".config/systemd/user"):
        folder.mkdir(parents=True)
        (folder / "clean.service").write_text("[Service]\nExecStart=docker system prune -f\n")
    assert len(list(machine.pruners(tmp_path, home, ()))) == 2


def test_watchtower_is_named() -> None:
    found = list(machine.pruners(Path("/nowhere"), Path("/nowhere"), ["web", "my-Watchtower-1"]))
    assert [f.says.split()[1] for f in found] == ["my-Watchtower-1"]


def test_room_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    missing = tmp_path / "not" / "yet"
    (finding,) = machine.low(missing, 1 << 62, "the journal")
    assert finding.code == "disk_low"
    assert str(tmp_path) in finding.says
    assert finding.fix == f"df -h {tmp_path}"
