"""The real command on a real journal, killed while a target has its message."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from occ.domain.events import OperationDone
from occ.domain.notices import NoticeBegun, whose
from occ.journal.port import Stamp
from occ.journal.sqlite.store import SqlJournal
from tests.doubles.receiver import Receiver, receiver
from tests.unit.journal.samples import PLANNED, STAMP

CONFIG = '[services.web]\nimage = "web"\n[notify.phone]\nwebhook = "{url}"\nevents = ["done"]\n'


def prepared(folder: Path, url: str, operations: int) -> None:
    """A config with a target, and a journal with so many ended operations."""
    (folder / "config.toml").write_text(CONFIG.format(url=url))
    now = time.time_ns() // 1_000_000
    journal = SqlJournal(folder / "journal.db")
    at = Stamp(service=whose("phone"), operator="ada", at=now)
    journal.note((NoticeBegun(target="phone", position=1),), at)
    for _ in range(operations):
        stamp = Stamp(service=STAMP.service, operator=STAMP.operator, at=now)
        journal.open_operation((PLANNED, OperationDone()), stamp)
    journal.close()


def retry(folder: Path) -> "subprocess.Popen[bytes]":
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "OCC_CONFIG": str(folder / "config.toml"),
        "OCC_JOURNAL": str(folder / "journal.db"),
        **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
    }
    words = [sys.executable, "-m", "occ", "notify", "retry"]
    return subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_kill_while_it_is_delivered_loses_nothing(tmp_path: Path, number: int) -> None:
    reached, goes_on = threading.Event(), threading.Event()

    def held(_receiver: Receiver, at: int) -> int:
        if at == number and not goes_on.is_set():
            reached.set()
            goes_on.wait(20)
        return 200

    with receiver(held) as phone:
        prepared(tmp_path, phone.url, 4)
        child = retry(tmp_path)
        try:
            assert reached.wait(60)
        finally:
            child.send_signal(signal.SIGKILL)
            child.communicate()
        goes_on.set()
        _until(lambda: len(phone.bodies) >= number)
        again = retry(tmp_path)
        out, err = again.communicate(timeout=60)
        assert again.returncode == 0, err
        # the one that was under way comes again, and no other
        assert out.decode() == f"phone: {5 - number} delivered\n"
        assert [operation for operation, _ in phone.told] == [
            *range(1, number + 1),
            *range(number, 5),
        ]
        assert len({message["id"] for message in phone.messages}) == 4
    SqlJournal(tmp_path / "journal.db").verify()


def test_two_at_once_send_nothing_twice(tmp_path: Path) -> None:
    with receiver() as phone:
        prepared(tmp_path, phone.url, 5)
        children = [retry(tmp_path) for _ in range(2)]
        for child in children:
            child.communicate(timeout=60)
        assert [operation for operation, _ in phone.told] == [1, 2, 3, 4, 5]


def _until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)
