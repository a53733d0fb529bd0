"""The inhibitor: held by a program of its own, which ends with us however we end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from occ.units.inhibitor import inhibit

# Stands in for systemd-inhibit: writes the words it got and its process, and becomes the program.
STANDING_IN = """\
#!/bin/sh
echo $$ >{folder}/process
shift
exec "$@"
"""


def stood_in(folder: Path) -> str:
    program = folder / "inhibit"
    program.write_text(STANDING_IN.format(folder=folder))
    program.chmod(0o755)
    return str(program)


def process(folder: Path) -> int:
    for _ in range(200):
        written = (folder / "process").read_text().strip() if (folder / "process").exists() else ""
        if written:
            return int(written)
        time.sleep(0.02)
    raise AssertionError("it was never started")


def gone(number: int) -> bool:
    for _ in range(200):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_it_is_held_until_it_is_let_go(tmp_path: Path) -> None:
    release = inhibit((stood_in(tmp_path), "--what=sleep"))
    number = process(tmp_path)
    os.kill(number, 0)
    release()
    assert gone(number)


def test_it_ends_with_an_occ_that_is_killed(tmp_path: Path) -> None:
    words = (stood_in(tmp_path), "--what=sleep")
    script = (
        f"import time; from occ.units.inhibitor import inhibit; inhibit({words!r}); time.sleep(60)"
    )
    ours = subprocess.Popen([sys.executable, "-c", script])
    number = process(tmp_path)
    ours.send_signal(signal.SIGKILL)
    ours.wait()
    assert gone(number)


def test_without_the_program_nothing_is_held(tmp_path: Path) -> None:
    inhibit((str(tmp_path / "none"),))()
