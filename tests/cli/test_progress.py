"""What scrolls by is what is stored, and nobody listening ends nothing."""

import io
import sys

import pytest

from occ.cli.terminal.fitting import width
from occ.cli.terminal.progress import Progress, Teller
from occ.cli.terminal.words import duration, moment, short, size
from occ.domain.events import Event, OperationPlanned, OperationReverting
from occ.domain.operation import Operation, StepState
from occ.domain.operation_fold import apply_event
from occ.domain.request import Found, Request, StepPlan
from occ.domain.step_events import StepDone, StepFailed, StepReverted, StepReverting, StepStarted
from occ.domain.values import Actor
from occ.engine.progress import BuildProgress, GateProgress, HowFar, PullProgress

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
        "[1/7] Back up current image ... occ.local/x/web:v1  0.1 s",
        "[2/7] Stop the old version ... failed: it would not",
        "It failed: putting everything back",
        "undo: Stop the old version ... healthy again",
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


FAR: tuple[HowFar, ...] = (
    PullProgress(done=500_000, total=1_000_000),
    BuildProgress(text="Step 1/5 : FROM x", step=1, steps=5),
    GateProgress(said="connection refused", for_ms=12_400),
    GateProgress(said="answers", for_ms=4_000, of_ms=10_000),
)


def test_where_nobody_watches_a_step_has_one_line_and_nothing_of_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress, op = Progress(Teller(quiet=False)), operation()
    op = apply_event(op, StepStarted(0), 1000)
    progress.listen(op, StepStarted(0))
    for far in FAR:
        progress.tell(far)
    assert capsys.readouterr().err == "[1/7] Back up current image ..."
    progress.listen(apply_event(op, StepDone(0, {"said": "v1"}), 1100), StepDone(0, {"said": "v1"}))
    assert capsys.readouterr().err == " v1  0.1 s\n"


def test_a_line_that_something_else_came_into_begins_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    teller = Teller(quiet=False)
    progress, op = Progress(teller), apply_event(operation(), StepStarted(0), 1000)
    progress.listen(op, StepStarted(0))
    teller.aside("ending in order")
    progress.listen(apply_event(op, StepDone(0, {"said": "v1"}), 1100), StepDone(0, {"said": "v1"}))
    assert capsys.readouterr().err.splitlines() == [
        "[1/7] Back up current image ...",
        "ending in order",
        "[1/7] Back up current image ... v1  0.1 s",
    ]


@pytest.mark.parametrize(
    ("far", "shown"),
    [
        *zip(
            FAR,
            [
                "[############            ] 0.5 MB of 1.0 MB",
                "Step 1/5 : FROM x",
                "connection refused, 12 s",
                "answers, 4 of 10 s",
            ],
            strict=True,
        )
    ],
)
def test_on_a_terminal_the_line_of_a_step_is_written_over_while_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, far: HowFar, shown: str
) -> None:
    progress, screen = on_a_terminal(monkeypatch, 100)
    progress.tell(far)
    began = "[1/7] Back up current image ..."
    assert screen.getvalue() == f"{began}\r{began} {shown}\x1b[K"


def test_a_line_that_is_written_over_never_wraps_whatever_its_characters_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    progress, screen = on_a_terminal(monkeypatch, 40)
    progress.tell(GateProgress(said="更新" * 40, for_ms=3_000))
    shown = screen.getvalue().rpartition("\r")[2].removesuffix("\x1b[K")
    assert shown == "[1/7] Back up cur .. 更新更新更新, 3 s"
    assert width(shown) == 38


def test_without_a_line_at_hand_nothing_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    Progress(Teller(quiet=False)).tell(FAR[-1])
    assert screen.getvalue() == ""


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> tuple[Progress, Screen]:
    """A terminal that shows a step that has just begun; time goes on by a second at each look."""
    screen, at = Screen(), iter(range(100))
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("time.monotonic", lambda: float(next(at)))
    progress, op = Progress(Teller(quiet=False)), operation()
    progress.listen(apply_event(op, StepStarted(0), 1000), StepStarted(0))
    return progress, screen


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
