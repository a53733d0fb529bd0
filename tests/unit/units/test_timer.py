"""The timer of a config: its texts, that systemd takes them, and how it is put in place."""

import plistlib
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from occ.errors import FailedError, UsageMistakeError
from occ.units.timer import Timer, agent_text, cron_text, service_text, timer_text
from occ.units.timers import LaunchdTimers, SystemdTimers
from occ.units.unit import Scope
from tests.testbed import machine
from tests.unit.units.samples import ran

GOLDEN = Path(__file__).parents[2] / "golden" / "units"
TIMER = Timer(
    name="occ_auto",
    config="/etc/occ/config.toml",
    words=(
        *("/opt/occ/bin/python", "-P", "-m", "occ", "auto", "run"),
        *("--config", "/etc/occ/config.toml", "--journal", "/var/lib/occ/journal.db"),
    ),
    environment={"HOME": "/root", "DOCKER_HOST": "unix:///run/docker.sock"},
    files=("/etc/occ/config.toml", "/var/lib/occ/journal.db"),
    run_s=15_060,
    stop_s=3_850,
)
SERVICE = """\
[Unit]
Description=Updates that are due, by occ, of /etc/occ/config.toml
Documentation=https://github.com/occ-journal/occ
Wants=network-online.target
After=docker.service network-online.target
RequiresMountsFor=/etc/occ/config.toml /var/lib/occ/journal.db

[Service]
Type=oneshot
Environment=HOME=/root
Environment=DOCKER_HOST=unix:///run/docker.sock
ExecStart=/opt/occ/bin/python -P -m occ auto run --config /etc/occ/config.toml --journal \
/var/lib/occ/journal.db
SuccessExitStatus=4 8 10 77
KillMode=mixed
TimeoutStartSec=15060
TimeoutStopSec=3850
"""
CLOCK = """\
[Unit]
Description=Starts updates that are due, by occ, of /etc/occ/config.toml
Documentation=https://github.com/occ-journal/occ

[Timer]
OnCalendar=*:0/10
Persistent=true
Unit=occ_auto.service

[Install]
WantedBy=timers.target
"""
CRON = (
    "*/10 * * * * env HOME=/root DOCKER_HOST=unix:///run/docker.sock /opt/occ/bin/python -P -m occ "
    "auto run --config /etc/occ/config.toml --journal /var/lib/occ/journal.db --quiet\n"
)


@dataclass
class Programs:
    """Every program ends well and says nothing, but those that are told otherwise."""

    answers: Mapping[str, CompletedProcess[str]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def __call__(self, words: Sequence[str]) -> CompletedProcess[str]:
        self.ran.append(" ".join(words))
        return self.answers.get(self.ran[-1], ran())


def systemd(folder: Path, programs: Programs, scope: Scope = "system") -> SystemdTimers:
    return SystemdTimers(scope=scope, folder=folder, person="ann", run=programs)


def test_its_units() -> None:
    assert service_text(TIMER) == SERVICE
    assert timer_text(TIMER) == CLOCK


def test_a_unit_that_is_started_after_a_failure() -> None:
    text = service_text(replace(TIMER, on_failure="mail@%n.service"))
    assert "\nOnFailure=mail@%n.service\n\n[Service]" in text


def test_its_line_for_cron() -> None:
    assert cron_text(TIMER) == CRON
    odd = cron_text(replace(TIMER, words=("occ", "a b/50%.toml"), environment={}))
    assert odd == "*/10 * * * * occ 'a b/50\\%.toml' --quiet\n"
    assert shlex.split(odd.replace("\\%", "%"))[5:] == ["occ", "a b/50%.toml", "--quiet"]


def test_its_agent_for_launchd() -> None:
    text = agent_text(TIMER, Path("/Users/ann/Library/Logs"))
    assert text == (GOLDEN / "occ_auto.plist").read_text()
    assert plistlib.loads(text.encode())["StartInterval"] == 600


@pytest.mark.parametrize("unit", ["mail", "a b.service", "a\nb.service", ""])
def test_what_is_no_unit_is_refused(unit: str) -> None:
    if unit:
        with pytest.raises(UsageMistakeError, match="is no name of a unit"):
            service_text(replace(TIMER, on_failure=unit))
    else:
        assert "OnFailure" not in service_text(TIMER)


@pytest.mark.parametrize("make", [service_text, cron_text])
def test_a_control_character_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(UsageMistakeError):
        make(replace(TIMER, words=("occ", "a\nb")))


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
def test_systemd_takes_them(tmp_path: Path) -> None:
    machine.prepare(machine.SYSTEMD)
    odd = replace(
        TIMER,
        words=("/bin/true", "--config", "/srv/a b/c\"d\\e$f%g'h;#.toml"),
        config="/srv/100%/c.toml",
        on_failure="basic.target",
    )
    (tmp_path / "occ_auto.service").write_text(service_text(odd))
    clock = tmp_path / "occ_auto.timer"
    clock.write_text(timer_text(odd))
    done = subprocess.run(
        ["systemd-analyze", "--system", "--man=no", "verify", str(clock)],
        env={"PATH": machine.PATH},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_both_are_written_and_the_timer_runs(tmp_path: Path) -> None:
    programs = Programs()
    timers = systemd(tmp_path / "system", programs)
    found = timers.install(TIMER)
    assert (found.changed, found.reaches, found.fix) == (True, "every 10 minutes", "")
    assert {one.name: one.read_text() for one in (tmp_path / "system").iterdir()} == {
        "occ_auto.service": SERVICE,
        "occ_auto.timer": CLOCK,
    }
    assert programs.ran == [
        "systemctl --system daemon-reload",
        "systemctl --system enable occ_auto.timer",
        "systemctl --system restart occ_auto.timer",
    ]
    assert not timers.install(TIMER).changed


def test_a_persons_timer_needs_lingering(tmp_path: Path) -> None:
    found = systemd(tmp_path, Programs(), "user").install(TIMER)
    assert found.fix == "loginctl enable-linger ann"
    asked = "loginctl show-user ann --property=Linger --value"
    found = systemd(tmp_path, Programs({asked: ran(0, out="yes\n")}), "user").install(TIMER)
    assert (found.reaches, found.fix) == ("every 10 minutes", "")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("fails", ["daemon-reload", "enable", "restart"])
def test_what_systemctl_refuses_is_put_back(fails: str, before: bool, tmp_path: Path) -> None:
    if before:
        systemd(tmp_path, Programs()).install(TIMER)
    name = "" if fails == "daemon-reload" else " occ_auto.timer"
    no = ran(1, err="Failed to connect to bus:\nno medium")
    programs = Programs({f"systemctl --system {fails}{name}": no})
    with pytest.raises(FailedError, match="failed: Failed to connect to bus: no medium"):
        systemd(tmp_path, programs).install(replace(TIMER, run_s=1))
    there = {one.name: one.read_text() for one in tmp_path.iterdir()}
    units = {"occ_auto.service": SERVICE, "occ_auto.timer": CLOCK}
    assert there == (units if before else {})


def test_both_are_taken_away(tmp_path: Path) -> None:
    programs = Programs()
    timers = systemd(tmp_path, programs)
    timers.install(TIMER)
    programs.ran.clear()
    assert timers.remove("occ_auto")
    assert [*tmp_path.iterdir()] == []
    assert programs.ran == [
        "systemctl --system disable --now occ_auto.timer",
        "systemctl --system daemon-reload",
    ]
    assert not timers.remove("occ_auto")


def test_launchds_agent_is_written_and_removed(tmp_path: Path) -> None:
    programs = Programs()
    agents = LaunchdTimers(home=tmp_path, uid=501, run=programs)
    assert agents.install(TIMER).changed
    assert not agents.install(TIMER).changed
    path = tmp_path / "Library" / "LaunchAgents" / "occ_auto.plist"
    assert plistlib.loads(path.read_bytes())["Label"] == "occ_auto"
    assert (agents.remove("occ_auto"), agents.remove("occ_auto")) == (True, False)
    assert not path.exists()
    assert programs.ran == ["launchctl bootout gui/501/occ_auto"]
