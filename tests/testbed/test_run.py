"""How a test run ends: with its count, below its floor, by a signal."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testbed.census import Census
from tests.testbed.processes import of_folder
from tests.testbed.waiting import until

ROOT = Path(__file__).parents[2]

WAITING = """
import time
def test_that_waits(private_engine, registry, capsys):
    with capsys.disabled():
        print("FOLDER", private_engine.folder, private_engine.bridge.name, flush=True)
    time.sleep(60)
"""


def _report(*parts: str, outcome: str = "passed", when: str = "call") -> pytest.TestReport:
    return pytest.TestReport(
        nodeid="a test",
        location=("a file", 1, "a test"),
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=None,
        when=when,  # type: ignore[arg-type]
        user_properties=[("real", part) for part in parts],
    )


def test_only_passed_tests_on_real_parts_count(tmp_path: Path) -> None:
    floor = tmp_path / "floor.toml"
    floor.write_text("engine = 2\nregistry = 1\n", "utf-8")
    census = Census(floor=floor)
    census.pytest_runtest_logreport(_report("engine", "registry"))
    census.pytest_runtest_logreport(_report())
    census.pytest_runtest_logreport(_report("engine", outcome="failed"))
    census.pytest_runtest_logreport(_report("engine", outcome="skipped"))
    census.pytest_runtest_logreport(_report("engine", when="teardown"))
    assert census.line() == "real engine: 1 tests; real registry: 1 tests"
    assert census.short() == ["real engine: 1 tests passed, the floor is 2"]
    census.pytest_runtest_logreport(_report("engine"))
    assert census.short() == []


def test_without_a_floor_any_count_will_do() -> None:
    assert Census(floor=None).short() == []


def test_a_run_below_its_floor_fails(tmp_path: Path) -> None:
    floor = tmp_path / "floor.toml"
    floor.write_text("engine = 1\nregistry = 0\n", "utf-8")
    easy = "tests/testbed/test_run.py::test_without_a_floor_any_count_will_do"
    for options, status in (([], 0), (["--floor", f"--floor-file={floor}"], 1)):
        run = _pytest([*options, easy])
        said, _ = run.communicate(timeout=60)
        assert run.returncode == status, said
        assert "real engine: 0 tests; real registry: 0 tests" in said


def test_an_engine_that_is_not_in_the_cache_is_said_to_be_untried(tmp_path: Path) -> None:
    easy = "tests/testbed/test_run.py::test_without_a_floor_any_count_will_do"
    elsewhere = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    run = _pytest(["--engine", "newest", "--if-cached", easy], elsewhere)
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 0, said
    assert "not tried, for it is not in the cache; tox run -e engines makes it" in said


@pytest.mark.docker
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_by_a_signal_leaves_nothing(number: signal.Signals) -> None:
    waiting = ROOT / "tests" / "testbed" / f"test_waiting_{os.getpid()}.py"
    waiting.write_text(WAITING, "utf-8")
    try:
        run = _pytest([str(waiting)])
        assert run.stdout is not None
        line = next(line for line in run.stdout if "FOLDER" in line)
        folder, bridge = line.split("FOLDER ")[1].split()
        assert of_folder(Path(folder)) != []
        run.send_signal(number)
        run.communicate(timeout=60)
    finally:
        waiting.unlink()
    assert run.returncode != 0
    until(lambda: of_folder(Path(folder)) == [], seconds=1, what="the engine's end")
    assert not Path(folder).exists()
    assert not Path("/sys/class/net", bridge).exists()


def _pytest(arguments: list[str], environ: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
