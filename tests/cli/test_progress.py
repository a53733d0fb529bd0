"""What scrolls by is what is stored, and nobody listening ends nothing."""

import io
import sys

import pytest

from occ.cli.terminal.progress import Progress, Teller
from occ.cli.terminal.words import duration, moment, short, size
from occ.domain.events import Event, OperationPlanned, OperationReverting
from occ.domain.operation import Operation, StepState
from occ.domain.operation_fold import apply_event
from occ.domain.request import Found, Request, StepPlan
from occ.domain.step_events import StepDone, StepFailed, StepReverted, StepReverting, StepStarted
from occ.domain.values import Actor
from occ.engine.progress import PullProgress

PLANS = (
    StepPlan(name="keep_image", title="Back up current image"),
    StepPlan(name="set_policy"),
    StepPlan(name="stop_container", title="Stop the old version", disrupts=True),
)


def operation() -> Operation:
    planned = OperationPlanned(
        kind="update",
        actor=Actor(operator="ann"),
        request=Request(),
        found=Found(),
        steps=PLANS,
        shown=7,
    )
    return Operation(
        number=1,
        service="web",
        planned=planned,
        at=0,
        steps=tuple(StepState(plan=plan) for plan in PLANS),
        driver=planned.actor,
    )


def told(*events: tuple[Event, int]) -> str:
    progress, op = Progress(Teller(quiet=False)), operation()
    for event, at in events:
        op = apply_event(op, event, at)
        progress.listen(op, event)
    return ""


def test_steps_are_numbered_by_what_people_see(capsys: pytest.CaptureFixture[str]) -> None:
    told(
        (StepStarted(0), 1000),
        (StepDone(0, {"said": "occ.local/x/web:v1"}), 1100),
        (StepStarted(1), 1100),
        (StepDone(1, {"said": "no"}), 1200),
        (StepStarted(2), 1200),
        (StepFailed(index=2, code="x", message="it would not"), 1300),
        (OperationReverting(cause="failure"), 1300),
        (StepReverting(2), 1300),
        (StepReverted(2, {"said": "healthy again", "warning": "ann has no password"}), 1400),
        (StepReverting(0), 1400),
        (StepReverted(0), 1400),
    )
    assert capsys.readouterr().err.splitlines() == [
        "[1/7] Back up current image ...",
        "[1/7] Back up current image: occ.local/x/web:v1  0.1 s",
        "[2/7] Stop the old version ...",
        "[2/7] Stop the old version: failed: it would not",
        "It failed: putting everything back",
        "undo: Stop the old version ...",
        "undo: Stop the old version: healthy again",
        "      note: ann has no password",
    ]


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Teller(quiet=True).say("anything")
    assert capsys.readouterr().err == ""


class Closed(io.StringIO):
    writes = 0

    def write(self, _text: str) -> int:
        self.writes += 1
        raise BrokenPipeError


def test_a_closed_terminal_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Closed()
    monkeypatch.setattr(sys, "stderr", closed)
    teller = Teller(quiet=False)
    teller.say("one")
    teller.say("two")
    assert closed.writes == 1


def test_a_pull_is_a_line_now_and_then_where_nobody_watches(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress(Teller(quiet=False))
    for done in range(1000):
        progress.pull(PullProgress(done=done * 1000, total=1_000_000))
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "-"),
        (0, "0.0 s"),
        (59_949, "59.9 s"),
        (130_000, "2 m 10 s"),
        (3_900_000, "1 h 5 m"),
        (176_400_000, "2 d 1 h"),
    ],
)
def test_durations(ms: int | None, text: str) -> None:
    assert duration(ms) == text


def test_other_words() -> None:
    assert moment(0) == "-"
    assert short("sha256:0123456789abcdef") == "0123456789ab"
    assert size(12_345_678) == "12.3 MB"


def test_a_signal_in_the_middle_of_a_write_waits_for_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Interrupted(io.StringIO):
        def write(self, text: str) -> int:
            if text == "one\n":
                teller.say("signal\n")
            return super().write(text)

    stream = Interrupted()
    monkeypatch.setattr(sys, "stderr", stream)
    teller = Teller(quiet=False)
    teller.say("one\n")
    assert stream.getvalue() == "one\nsignal\n"
