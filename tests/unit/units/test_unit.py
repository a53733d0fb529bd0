"""The unit's text, and that systemd takes it."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from occ.errors import UsageMistakeError
from occ.units.port import Start
from occ.units.unit import Scope, unit_name, unit_text
from tests.testbed import machine
from tests.unit.units.samples import START

SYSTEM = """\
[Unit]
Description=Service web, looked after by occ
Documentation=https://github.com/occ-journal/occ
Wants=network-online.target
After=docker.service network-online.target
PartOf=docker.service
RequiresMountsFor=/var/lib/occ/journal.db

[Service]
Type=oneshot
RemainAfterExit=yes
Environment=HOME=/root
Environment=DOCKER_HOST=unix:///run/docker.sock
ExecStartPre=-/opt/occ/bin/python -P -m occ resume --yes --service web --journal \
/var/lib/occ/journal.db
ExecStart=/opt/occ/bin/python -P -m occ start --yes --service web --journal \
/var/lib/occ/journal.db
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=1 2 3 4 6 7 9

[Install]
WantedBy=docker.service
"""
ODD = "/srv/a b/c\"d\\e$f%g'h;#ü.db"
WORDS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20).filter(
    str.isprintable
)


def test_a_unit_of_the_machine() -> None:
    assert unit_text(START, "system") == SYSTEM
    assert unit_name("web") == "occ-web.service"


def test_a_unit_of_a_person_is_wanted_by_the_login_too() -> None:
    assert unit_text(START, "user") == f"{SYSTEM}WantedBy=default.target\n"


def halved(word: str, signs: str) -> str:
    """A word as systemd reads it: each of these signs must stand twice, and is one."""
    assert re.fullmatch(f"([^{signs}]|([{signs}])\\2)*", word), word
    return re.sub(f"([{signs}])\\1", r"\1", word)


@given(st.lists(WORDS, max_size=5), WORDS)
@example([ODD, "100%", "$HOME", ""], ODD)
def test_every_word_arrives(more: list[str], value: str) -> None:
    text = unit_text(replace(START, more=tuple(more), environment={"HOME": value}), "system")
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    read = [halved(word, "%$") for word in shlex.split(lines["ExecStart"])]
    assert read == [*START.occ, "start", "--yes", *more]
    (home,) = shlex.split(lines["Environment"])
    assert halved(home, "%") == f"HOME={value}"


@pytest.mark.parametrize("word", ["a\nExecStart=/bin/false", "\x1b[31m", "a\x00b", "a\rb"])
def test_a_control_character_is_refused(word: str) -> None:
    with pytest.raises(UsageMistakeError, match="no unit can hold"):
        unit_text(replace(START, more=(word,)), "system")


def _verified(start: Start, scope: Scope, folder: Path) -> str:
    """What systemd has to say to it; it must have the program, which is installed if need be."""
    machine.prepare(machine.SYSTEMD)
    unit = folder / unit_name(start.service)
    unit.write_text(unit_text(start, scope))
    done = subprocess.run(
        ["systemd-analyze", f"--{scope}", "--man=no", "verify", str(unit)],
        env={"PATH": machine.PATH, "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if done.stderr else 0)
    return done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
@pytest.mark.parametrize("scope", ["system", "user"])
@pytest.mark.parametrize("odd", [False, True], ids=["plain", "odd"])
def test_systemd_takes_it(scope: Scope, odd: bool, tmp_path: Path) -> None:
    start = replace(START, occ=(sys.executable, "-P", "-m", "occ"))
    if odd:
        start = replace(start, more=("--config", ODD), environment={"X": ODD}, files=(ODD,))
    assert _verified(start, scope, tmp_path) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
def test_systemd_would_have_said_so(tmp_path: Path) -> None:
    assert not os.path.lexists("/nowhere/occ")
    said = _verified(replace(START, occ=("/nowhere/occ",)), "system", tmp_path)
    assert "/nowhere/occ is not executable" in said
