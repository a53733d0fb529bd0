"""Running occ on a stage, in this process, and comparing what it prints with what it should."""

import io
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from occ.cli import run
from tests.cli.stage import Stage

GOLDEN = Path(__file__).parents[1] / "golden" / "cli"


@dataclass(frozen=True)
class Said:
    """What a run of occ printed, and its exit status."""

    status: int
    out: str
    err: str


Occ = Callable[..., Said]
Golden = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A place on earth, and a terminal of no particular kind."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    for name in ("COLUMNS", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    yield
    monkeypatch.undo()
    time.tzset()


class Terminal(io.StringIO):
    """Standing in for a stream on which a person looks, or from which one types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def occ(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Occ:
    """Run occ on the stage; with `terminal` all three streams are one, that wide.


    What is `piped` comes from no terminal.
    """

    def call(
        *words: str, typed: str | None = None, piped: str | bytes = "", terminal: int = 0
    ) -> Said:
        kind = Terminal if terminal else io.StringIO
        out, err = kind(), kind()
        monkeypatch.setattr("sys.stdout", out)
        monkeypatch.setattr("sys.stderr", err)
        brought = piped.encode() if isinstance(piped, str) else piped
        given = Terminal(typed) if typed is not None else io.TextIOWrapper(io.BytesIO(brought))
        monkeypatch.setattr("sys.stdin", given)
        if terminal:
            monkeypatch.setenv("COLUMNS", str(terminal))
        status = run(words, open_app=stage.open)
        return Said(status, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare with a file that was read by a person; `--update-golden` writes it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, newline="")
        assert text == path.read_bytes().decode(), f"pytest tests/cli --update-golden: {path.name}"

    return compare


@pytest.fixture
def environ() -> dict[str, str]:
    """What a process of its own gets."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
