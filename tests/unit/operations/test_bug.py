"""The way back does not depend on a stranger: errors that nobody foresaw, in every place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from occ.domain.events import Event, OperationResumed, OperationReverting
from occ.domain.operation import Operation
from occ.domain.step_events import StepFailed, StepStuck
from occ.errors import (
    EngineUnreachableError,
    JournalConflictError,
    JournalDamagedError,
    JournalError,
    JournalUnwritableError,
    UnfinishedError,
)
from occ.operations.plan import Extension
from occ.operations.runner import Runner
from occ.operations.step_context import StepContext
from occ.operations.steps import planned
from occ.operations.steps.containers import RemoveContainer
from tests.unit.operations.test_runner import ANN, SWAP, Bench

SAYS = "a bug in occ, or an answer that nobody foresaw: RecursionError"


@dataclass
class Odd(Bench):
    """A toy engine of which some calls, and some of what is around it, raise what they like."""

    raises: dict[str, BaseException] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    file: str = "/there/journal.db.bugs"
    blind: bool = False
    lost: Exception | None = None
    stage: Exception | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.toy.before = self.before

    def before(self, call: str) -> None:
        if error := self.raises.get(call):
            raise error

    def context(self, operation: Operation) -> StepContext:
        if self.lost is not None:
            raise self.lost
        if self.blind:
            raise TypeError("no secrets")
        return super().context(operation)

    def report(self, operation: Operation, error: Exception) -> str:
        self.kept.append(f"{operation.number}: {type(error).__name__}")
        return self.file

    def run(self, operation: Operation, *first: Event) -> Operation:
        def extend(_: Operation) -> Extension | None:
            if self.stage is not None:
                raise self.stage
            return None

        runner = Runner(
            journal=self.journal,
            clock=self.clock,
            operator="ann",
            context=self.context,
            extend=extend,
            report=self.report,
        )
        return runner.carry_out(operation, *first)

    def serving(self) -> bool:
        return {c.name: (c.state, c.policy) for c in self.toy.there.values()} == {
            "web": ("running", "always")
        }

    def failures(self) -> Sequence[StepFailed | StepStuck]:
        events = (entry.event for entry in self.journal.entries())
        return [event for event in events if isinstance(event, StepFailed | StepStuck)]


@pytest.fixture
def odd() -> Odd:
    return Odd()


@pytest.mark.parametrize("call", ["create web.occ-next", "stop web", "start web.occ-next"])
def test_whatever_a_step_raises_is_put_back(odd: Odd, call: str) -> None:
    odd.raises[call] = RecursionError("nested too deep")
    operation = odd.plan(*SWAP, commits_at=4)
    ended = odd.run(operation)
    assert (ended.ending, ended.cause) == ("undone", "failure")
    assert odd.serving()
    assert odd.kept == [f"{operation.number}: RecursionError"]
    (failed,) = odd.failures()
    assert (failed.code, failed.hint) == ("bug", f"occ show {operation.number}")
    assert failed.message == f"{SAYS}; its traceback is in {odd.file}"


def test_without_a_file_the_kind_of_error_is_all_that_is_said(odd: Odd) -> None:
    odd.file = ""
    odd.raises["stop web"] = RecursionError("the password is hunter22")
    assert odd.run(odd.plan(*SWAP, commits_at=4)).ending == "undone"
    (failed,) = odd.failures()
    assert failed.message == SAYS


def test_on_the_way_back_it_is_stuck_and_resume_goes_on(odd: Odd) -> None:
    odd.toy.fails["start web.occ-next"] = 1
    odd.raises["start web"] = ZeroDivisionError()
    operation = odd.plan(*SWAP, commits_at=4)
    with pytest.raises(UnfinishedError, match="a bug in occ"):
        odd.run(operation)
    assert [f.code for f in odd.failures()] == ["failed", "bug"]
    odd.raises.clear()
    assert odd.run(odd.told(operation.number)).ending == "undone"
    assert odd.serving()


def test_after_activation_resume_leads_forward(odd: Odd) -> None:
    odd.raises["remove web"] = KeyError("Id")
    operation = odd.plan(*SWAP, planned(RemoveContainer("id-web")), commits_at=4)
    with pytest.raises(UnfinishedError, match="version 2 of web is current"):
        odd.run(operation)
    odd.raises.clear()
    assert odd.run(odd.told(operation.number)).ending == "done"


def test_a_context_that_cannot_be_made_fails_the_step(odd: Odd) -> None:
    odd.blind = True
    operation = odd.plan(*SWAP, commits_at=4)
    with pytest.raises(UnfinishedError, match="a bug in occ"):
        odd.run(operation)
    assert [f.code for f in odd.failures()] == ["bug", "bug"]
    odd.blind = False
    assert odd.run(odd.told(operation.number)).ending == "undone"
    assert odd.serving()


def test_the_way_back_takes_the_context_that_was_there(odd: Odd) -> None:
    def fail(call: str) -> None:
        if call == "start web.occ-next":
            odd.blind = True
            raise RecursionError

    odd.toy.before = fail
    ended = odd.run(odd.plan(*SWAP, commits_at=4))
    assert ended.ending == "undone"
    assert odd.serving()


def test_a_second_stage_that_cannot_be_planned_is_put_back(odd: Odd) -> None:
    odd.stage = IndexError("list index out of range")
    operation = odd.plan(SWAP[0])
    staged = odd.told(operation.number)
    ended = odd.run(_of_two_stages(staged))
    assert ended.ending == "undone"
    assert odd.serving()
    assert [f.code for f in odd.failures()] == ["bug"]


def _of_two_stages(operation: Operation) -> Operation:
    return replace(operation, planned=replace(operation.planned, stages=2))


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), SystemExit(3), JournalConflictError("x")])
def test_an_end_of_the_process_and_a_lost_race_touch_nothing(
    odd: Odd, raised: BaseException
) -> None:
    odd.raises["start web.occ-next"] = raised
    operation = odd.plan(*SWAP, commits_at=4)
    with pytest.raises(type(raised)):
        odd.run(operation)
    assert odd.toy.calls[-1] == "stop web"
    assert odd.failures() == []
    assert odd.kept == []


def test_the_old_one_serves_though_the_context_cannot_be_had_at_the_rescue(odd: Odd) -> None:
    odd.journal.from_event = StepFailed

    def fail(call: str) -> None:
        if call == "start web.occ-next":
            odd.blind = True
            raise RecursionError

    odd.toy.before = fail
    with pytest.raises(JournalUnwritableError, match="serves again"):
        odd.run(odd.plan(*SWAP, commits_at=4))
    assert odd.toy.there["id-web"].state == "running"


def test_a_rescue_that_meets_a_bug_tells_the_journals_error(odd: Odd) -> None:
    odd.journal.from_event = StepFailed
    odd.raises["start web.occ-next"] = RecursionError()
    odd.raises["start web"] = RecursionError()
    with pytest.raises(JournalUnwritableError, match="is not as it was: RecursionError"):
        odd.run(odd.plan(*SWAP, commits_at=4))


def test_turned_back_it_is_told_as_a_failure(odd: Odd) -> None:
    odd.raises["stop web"] = TypeError()
    odd.run(odd.plan(*SWAP, commits_at=4))
    events = [entry.event for entry in odd.journal.entries()]
    assert OperationReverting(cause="failure") in events


@pytest.mark.parametrize(
    "error",
    [
        JournalError("the journal cannot be read"),
        JournalDamagedError("entry 3 does not fit"),
        JournalUnwritableError("it is gone"),
    ],
)
def test_a_journal_that_cannot_be_read_within_a_step_fails_the_step_and_is_no_bug(
    odd: Odd, error: JournalError
) -> None:
    """The way back reads nothing; whether the journal can still be written, its append shows."""
    odd.raises["start web.occ-next"] = error
    ended = odd.run(odd.plan(*SWAP, commits_at=4))
    assert (ended.ending, ended.cause) == ("undone", "failure")
    assert odd.serving()
    assert [(f.code, f.message) for f in odd.failures()] == [(error.code, error.message)]
    assert odd.kept == []


def test_an_engine_that_does_not_answer_leaves_the_step_in_doubt_and_is_no_bug(odd: Odd) -> None:
    odd.raises["start web.occ-next"] = EngineUnreachableError("silence")
    operation = odd.plan(*SWAP, commits_at=4)
    with pytest.raises(UnfinishedError, match="silence"):
        odd.run(operation)
    assert odd.failures() == []
    assert odd.kept == []
    assert "stop web" in odd.toy.calls
    odd.raises.clear()
    assert odd.run(odd.told(operation.number), OperationResumed(ANN)).ending == "done"


@pytest.mark.parametrize("place", ["append", "reserve", "context", "extend"])
def test_a_lost_race_ends_at_once_wherever_the_journal_tells_it(odd: Odd, place: str) -> None:
    lost = JournalConflictError("taken over")
    operation = odd.plan(*SWAP, commits_at=4)
    if place == "extend":
        odd.stage, operation = lost, _of_two_stages(odd.told(odd.plan(SWAP[0]).number))
    elif place == "context":
        odd.lost = lost
    else:
        setattr(odd.journal, place, _raising(lost))
    with pytest.raises(JournalConflictError):
        odd.run(operation)
    assert odd.failures() == []
    assert odd.kept == []
    assert "stop web" not in odd.toy.calls
    assert "start web" not in odd.toy.calls


def _raising(error: Exception) -> Callable[..., int]:
    def raises(*_: object) -> int:
        raise error

    return raises
