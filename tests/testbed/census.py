"""Counts the passed tests that drove real parts, and keeps the count from falling unnoticed."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.testbed.releases import OWN, chosen

FLOOR = Path(__file__).parents[1] / "floor.toml"
PARTS = ("engine", "registry")
PROPERTY = "real"


class Census:
    """A plugin that counts; fewer than the file `floor` says is a failure.

    `without` says why no test is tried at all; then it is the last line of the run.
    """

    def __init__(self, *, floor: Path | None, without: str = "") -> None:
        self._floor = floor
        self._without = without
        self._passed: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what passed."""
        if report.when == "call" and report.passed:
            self._passed.update(
                str(part) for name, part in report.user_properties if name == PROPERTY
            )

    def line(self) -> str:
        """The count, in words; last the engine, where it is another than the machine's own."""
        if self._without:
            return self._without
        counts = [f"real {part}: {self._passed[part]} tests" for part in PARTS]
        return "; ".join([*counts, *([] if chosen() is OWN else [chosen().told])])

    def short(self) -> list[str]:
        """Where the count is below the floor, in words."""
        if self._floor is None:
            return []
        wanted = tomllib.loads(self._floor.read_text("utf-8"))
        return [
            f"real {part}: {self._passed[part]} tests passed, the floor is {wanted[part]}"
            for part in PARTS
            if self._passed[part] < wanted[part]
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Try nothing, where nothing can be tried."""
        if self._without:
            config.hook.pytest_deselected(items=list(items))
            items.clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a good end into a bad one below the floor."""
        if self._without and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK
        if session.exitstatus == pytest.ExitCode.OK and self.short():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say the count, in one line, and what is below the floor."""
        terminalreporter.write_line(self.line())
        for line in self.short():
            terminalreporter.write_line(line, red=True)
