"""The one script behind both commands of the README, on machines where something is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "tox"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The checkout on a machine with a shell and no Python; `bin` is all of its PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "dirname"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (tmp_path / ".ci").mkdir()
    shutil.copy(SCRIPT, tmp_path / ".ci" / "tox")
    return tmp_path


def program(machine: Path, name: str, *lines: str) -> None:
    """Put a program there that notes how it is called."""
    path = machine / "bin" / name
    told = f'echo "{name} $*" >>"{machine}/calls"'
    path.write_text("\n".join(["#!/bin/sh", told, *lines, ""]), "utf-8")
    path.chmod(0o755)


def typed(machine: Path) -> subprocess.CompletedProcess[str]:
    """The script typed there."""
    return subprocess.run(
        [machine / ".ci" / "tox", "run", "-e", "demo"],
        env={"PATH": str(machine / "bin")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def calls(machine: Path) -> list[str]:
    """How the programs were called."""
    return (machine / "calls").read_text("utf-8").splitlines()


def test_whoever_is_not_root_is_told_what_to_install_and_what_to_type_then(machine: Path) -> None:
    program(machine, "id", "echo 1000")
    program(machine, "apt-get")
    done = typed(machine)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "on Debian, as root: apt-get install -y python3 python3-venv git\n" in done.stderr
    assert "then again: .ci/tox run -e demo\n" in done.stderr
    assert calls(machine) == ["id -u"]


def test_root_elsewhere_than_on_debian_is_told_the_same(machine: Path) -> None:
    program(machine, "id", "echo 0")
    assert typed(machine).returncode == 1


def test_root_on_debian_gets_what_is_missing_and_is_told(machine: Path) -> None:
    # What apt-get "installs" is a python3 whose venv has a pip and, after that, a tox.
    program(machine, "id", "echo 0")
    program(machine, "git")
    for name in ("mkdir", "cat", "chmod"):
        (machine / "bin" / name).symlink_to(str(shutil.which(name)))
    made = ["#!/bin/sh", f'echo "$0 $*" >>"{machine}/calls"']
    (machine / "any").write_text("\n".join([*made, ""]), "utf-8")
    (machine / "any").chmod(0o755)
    pip = f'echo "pip $*" >>"{machine}/calls"; cat "{machine}/any" >.venv/bin/tox'
    (machine / "pip").write_text(f"#!/bin/sh\n{pip}\nchmod +x .venv/bin/tox\n", "utf-8")
    python = [
        '[ "$1" = -m ] || exit 0',
        "mkdir -p .venv/bin",
        f'cat "{machine}/pip" >.venv/bin/pip',
        "chmod +x .venv/bin/pip",
    ]
    (machine / "python").write_text("\n".join(["#!/bin/sh", *python, ""]), "utf-8")
    there = f'cat "{machine}/python" >"{machine}/bin/python3"; chmod +x "{machine}/bin/python3"'
    program(machine, "apt-get", f'case "$*" in *" install "*) {there} ;; esac')
    done = typed(machine)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "installs the Debian packages: python3 python3-venv",
        "installs tox into .venv",
    ]
    said = calls(machine)
    assert next(line for line in said if "install -y" in line).endswith("python3 python3-venv")
    assert said[-1] == ".venv/bin/tox run -e demo"
    again = typed(machine)
    assert (again.returncode, again.stdout) == (0, "")


def test_the_script_may_be_run(machine: Path) -> None:
    assert os.access(SCRIPT, os.X_OK)
