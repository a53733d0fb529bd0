"""Updates by a real timer of a real systemd: in the window, after a missed call, after a kill.

No clock is set: the window lies around now, and the timer's calendar counts seconds.
"""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from occ.journal.open import open_journal
from tests.box import Box, serves, until_said
from tests.e2e.conftest import port
from tests.systemd.machine import Machine
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.waiting import until

pytestmark = pytest.mark.campaign  # `tox run -e systemd`

__all__ = ["port"]
SLOW = (
    'path = "/health"\nversion_field = "version"\ninterval = "100ms"\nmin_healthy = "2s"\n'
    'timeout = "20s"\n'
)
SECONDS = "[Timer]\nOnCalendar=\nOnCalendar=*:*:0/5\nAccuracySec=1s\n"
HOURS = "[Timer]\nOnCalendar=\nOnCalendar=hourly\n"


@pytest.fixture
def box(private_engine: PrivateEngine, run_name: str, tmp_path: Path) -> Box:
    return Box(tmp_path, private_engine.url, service=run_name, forked=True, snapshot="never")


@pytest.fixture
def machine(private_engine: PrivateEngine, box: Box, run_name: str) -> Iterator[Machine]:
    with Machine(private_engine, box, f"{run_name}-machine") as one:
        yield one


def window(after: timedelta, before: timedelta) -> str:
    """A window of UTC that opens so long after now, and closes so long after now."""
    now = datetime.now(UTC)
    return f"{now + after:%H:%M}-{now + before:%H:%M}"


AROUND_NOW = (timedelta(hours=-1), timedelta(hours=2))
LATER = (timedelta(hours=3), timedelta(hours=5))


def auto(hours: tuple[timedelta, timedelta]) -> str:
    return f'auto = {{ enabled = true, timezone = "UTC", window = "{window(*hours)}" }}\n'


def begun(box: Box, images: Images, port: int, hours: tuple[timedelta, timedelta]) -> None:
    """Version 1.0 serves, and the registry has a newer one."""
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, health=SLOW, more=auto(hours))
    box.well("start", "--yes")
    images.publish("good", "2.0", name=box.service)


def timed(machine: Machine, calendar: str) -> str:
    """The timer, installed there, with a calendar of its own; its name."""
    done = machine.occ("install", "--auto", "--system", "-o", "json")
    assert done.status == 0, f"{done.out}{done.err}"
    name: str = done.result()["timer"]
    machine.write(f"/etc/systemd/system/{name}.timer.d/calendar.conf", calendar)
    machine.well("systemctl", "daemon-reload")
    machine.well("systemctl", "restart", f"{name}.timer")
    return name


def test_a_timer_updates_the_service_in_its_window(
    machine: Machine, box: Box, images: Images, port: int
) -> None:
    begun(box, images, port, AROUND_NOW)
    name = timed(machine, SECONDS)
    until(lambda: serves(port) == "2.0", seconds=90, what="the timer's update")
    machine.well("systemctl", "stop", f"{name}.timer")  # the run that is under way goes on
    until(
        lambda: machine.unit(f"{name}.service")["ActiveState"] == "inactive",
        seconds=60,
        what="the end of the run",
    )
    assert machine.unit(f"{name}.service")["Result"] == "success"
    (row, *_) = box.well("history", "-o", "json").result()
    assert (row["operator"], row["kind"], row["outcome"]) == ("auto", "update", "done")
    status = box.status()["auto"]
    assert not status["late"]
    written = box.well("journal", "head", "-o", "json").result()
    ran = status["ran_at"]
    machine.well("systemctl", "start", f"{name}.timer")
    until(lambda: box.status()["auto"]["ran_at"] > ran, seconds=30, what="the next call")
    assert box.well("journal", "head", "-o", "json").result() == written


def test_outside_of_the_window_nothing_is_done(
    machine: Machine, box: Box, images: Images, port: int
) -> None:
    begun(box, images, port, LATER)
    timed(machine, SECONDS)
    until(lambda: box.status()["auto"]["ran_at"] > 0, seconds=30, what="a call")
    ran = box.status()["auto"]["ran_at"]
    until(lambda: box.status()["auto"]["ran_at"] > ran, seconds=30, what="another call")
    assert serves(port) == "1.0"
    assert len(box.well("history", "-o", "json").result()) == 1


def test_a_call_that_was_missed_is_made_up_for_at_boot(
    machine: Machine, box: Box, images: Images, port: int
) -> None:
    begun(box, images, port, AROUND_NOW)
    name = timed(machine, HOURS)
    assert serves(port) == "1.0"
    machine.off()
    machine.boot()
    assert serves(port) == "1.0", "its hour had not passed"
    machine.well("touch", "-d", "2 hours ago", f"/var/lib/systemd/timers/stamp-{name}.timer")
    machine.off()
    machine.boot()
    until(lambda: serves(port) == "2.0", seconds=90, what="the update after the boot")


def test_exit_statuses_and_the_unit_after_a_failure(
    machine: Machine, box: Box, images: Images, port: int
) -> None:
    begun(box, images, port, AROUND_NOW)
    machine.write(
        "/etc/systemd/system/told.service", "[Service]\nType=oneshot\nExecStart=/bin/touch /told\n"
    )
    done = machine.occ(
        "install", "--auto", "--system", "--on-failure", "told.service", "-o", "json"
    )
    assert done.status == 0, f"{done.out}{done.err}"
    service = f"{done.result()['timer']}.service"
    machine.well("systemctl", "stop", service.replace(".service", ".timer"))
    journal = open_journal(box.environ["OCC_JOURNAL"])
    with journal.lock(box.service).acquire():
        machine.run("systemctl", "start", service)
    journal.close()
    said = machine.unit(service)
    assert (said["ExecMainStatus"], said["Result"]) == ("8", "success")
    assert machine.run("test", "-e", "/told").status == 1
    config = box.folder / "config.toml"
    text = config.read_text()
    config.write_text(f"{text}nonsense = 1\n")
    machine.run("systemctl", "start", service)
    said = machine.unit(service)
    assert (said["ExecMainStatus"], said["Result"]) == ("2", "exit-code")
    until(lambda: machine.run("test", "-e", "/told").status == 0, seconds=20, what="OnFailure")
    config.write_text(text)
    machine.well("systemctl", "start", service)
    assert serves(port) == "2.0"
    machine.well(*box.command("uninstall", "--auto", "--system", "--config", str(config)))
    assert machine.run("systemctl", "cat", service).status != 0


def test_the_boot_unit_finishes_an_update_that_was_killed(
    machine: Machine, box: Box, images: Images, port: int
) -> None:
    begun(box, images, port, LATER)
    assert machine.occ("install", "--system").status == 0
    machine.well("systemctl", "enable", "docker.service")
    process = box.start("update", "--yes")
    until_said(process, "[7/7]")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    machine.off()
    machine.boot()
    until(lambda: box.status()["unfinished"] is None, seconds=90, what="the end of the update")
    assert serves(port) == "2.0"
