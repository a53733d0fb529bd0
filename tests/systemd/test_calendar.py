"""The times of systemd that the table of openings tells: systemd itself is asked."""

import subprocess
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from tests.testbed import machine
from tests.unit.domain.schedules.test_due import TABLE, ms

pytestmark = pytest.mark.campaign  # `tox run -e systemd`
WORDS = [
    pytest.param(group["zone"], row, id=f"{row['now']} {row['schedule']}")
    for group in TABLE
    for row in group["rows"]
    if isinstance(row.get("schedule"), str)
    and not {"window", "jitter", "missed", "taken"} & row.keys()
]


@pytest.mark.parametrize(("zone", "row"), WORDS)
def test_systemd_has_the_time_that_the_row_says(zone: str, row: Mapping[str, Any]) -> None:
    machine.prepare(machine.SYSTEMD)
    base = f"@{ms(row['now']) // 1000}"
    words = ["systemd-analyze", "calendar", f"--base-time={base}", f"{row['schedule']} {zone}"]
    done = subprocess.run(
        words,
        env={"PATH": machine.PATH, "TZ": "UTC", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    (line,) = [line for line in done.stdout.splitlines() if "Next elapse:" in line]
    told = datetime.strptime(f"{line.split(': ', 1)[1]} +0000", "%a %Y-%m-%d %H:%M:%S UTC %z")
    assert int(told.timestamp() * 1000) == ms(row.get("systemd", row["at"]))
