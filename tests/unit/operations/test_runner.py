"""The loop on a toy engine: what is written when, and where every failure leads."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from occ.domain.events import Event, OperationPlanned, OperationResumed, OperationReverting
from occ.domain.operation import Operation
from occ.domain.operation_fold import fold
from occ.domain.request import Found, Request, StepPlan, Version
from occ.domain.spec import Spec
from occ.domain.step_events import StepDone, StepStarted
from occ.domain.values import Actor
from occ.errors import (
    JournalError,
    JournalUnwritableError,
    NotFoundError,
    OccError,
    UnfinishedError,
)
from occ.journal.port import Stamp
from occ.operations.runner import Runner
from occ.operations.step_context import OwnPrograms, StepContext
from occ.operations.steps import planned
from occ.operations.steps.containers import (
    RemoveContainer,
    SetPolicy,
    StartContainer,
    StopContainer,
)
from occ.operations.steps.create import CreateContainer
from tests.doubles.journal import MemoryJournal
from tests.doubles.programs import NOWHERE
from tests.unit.operations.toy import Sand, Toy

ANN = Actor(operator="ann")
STAMP = Stamp(service="web", operator="ann", at=1)
SPEC = Spec()
ONE = Version(number=1, image="sha256:one", reference="web:1", spec=SPEC)
TWO = Version(number=2, image="sha256:two", reference="web:2", spec=SPEC)
SERVES = Found(container="id-web", image="sha256:one", version=1, state="running", policy="always")
POLICY = planned(SetPolicy("id-web", policy="no", back="always"))
STOP = planned(StopContainer("id-web", grace_ms=5_000), title="Stop", disrupts=True)
START = planned(StartContainer("replacement"), title="Start")
CREATE = planned(CreateContainer(called="web.occ-next", version=2), title="Create")
SWAP = (CREATE, POLICY, STOP, START)


class Full(MemoryJournal):
    """A journal whose disk is full: for the reserve, or from an append on; or that is `broken`."""

    def __init__(self) -> None:
        super().__init__()
        self.reserve_fails = False
        self.from_event: type[Event] | None = None
        self.broken: JournalError | None = None

    def reserve(self) -> None:
        if self.reserve_fails:
            raise JournalUnwritableError("no room for 1 MiB")

    def append(self, operation: int, seq: int, events: Sequence[Event], stamp: Stamp) -> int:
        if self.broken is not None:
            raise self.broken
        wanted = self.from_event
        if wanted is not None and any(isinstance(e, wanted) and _stops(e) for e in events):
            raise JournalUnwritableError("the disk is full")
        return super().append(operation, seq, events, stamp)


def _stops(event: Event) -> bool:
    """Whether it is told after the stop."""
    return not isinstance(event, StepStarted | StepDone) or event.index > SWAP.index(STOP)


@dataclass
class Bench:
    """A toy engine with `web` running, a journal, and the loop over both."""

    toy: Toy = field(default_factory=Toy)
    journal: Full = field(default_factory=Full)
    clock: Sand = field(default_factory=Sand)

    def __post_init__(self) -> None:
        self.toy.put("web", policy="always", journal=self.journal.id, service="web", version="1")

    def plan(self, *steps: StepPlan, found: Found = SERVES, commits_at: int = -1) -> Operation:
        event = OperationPlanned(
            kind="update",
            actor=ANN,
            request=Request(probe=False),
            found=found,
            steps=steps,
            current=1,
            version=2,
            commits_at=commits_at,
        )
        number = self.journal.open_operation((event,), STAMP)
        return self.told(number)

    def told(self, number: int) -> Operation:
        operation = fold(self.journal.entries(operation=number))
        assert operation is not None
        return operation

    def context(self, operation: Operation) -> StepContext:
        return StepContext(
            engine=self.toy.engine,
            clock=self.clock,
            operation=operation,
            versions={1: ONE, 2: TWO},
            journal=self.journal.id,
            owner="ann@here:journal",
            head=self.journal.head,
            programs=OwnPrograms(port=NOWHERE),
        )

    def run(self, operation: Operation, *first: Event) -> Operation:
        runner = Runner(
            journal=self.journal,
            clock=self.clock,
            operator="ann",
            context=self.context,
            extend=lambda _: None,
        )
        return runner.carry_out(operation, *first)

    def names(self) -> list[str]:
        return [type(entry.event).__name__ for entry in self.journal.entries()]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_intent_is_durable_before_its_effect_and_the_result_before_the_next(
    bench: Bench,
) -> None:
    seen: list[tuple[str, str]] = []
    bench.toy.before = lambda call: seen.append((call, bench.names()[-1]))
    ended = bench.run(bench.plan(POLICY, STOP))
    assert ended.ending == "done"
    assert seen == [("policy no web", "StepStarted"), ("stop web", "StepStarted")]
    assert bench.names()[2:] == [
        "StepStarted",
        "StepDone",
        "StepStarted",
        "StepDone",
        "OperationDone",
    ]


def test_a_failed_step_is_undone_at_once_in_reverse(bench: Bench) -> None:
    bench.toy.fails["start web.occ-next"] = 1
    ended = bench.run(bench.plan(*SWAP, commits_at=4))
    assert (ended.ending, ended.cause) == ("undone", "failure")
    assert bench.toy.calls == [
        "create web.occ-next",
        "policy no web",
        "stop web",
        "start web.occ-next",
        "stop web.occ-next",
        "policy always web",
        "start web",
        "policy always web",
        "remove web.occ-next",
    ]
    assert {c.name: (c.state, c.policy) for c in bench.toy.there.values()} == {
        "web": ("running", "always")
    }


def test_an_undo_that_fails_leaves_it_reverting_and_says_so(bench: Bench) -> None:
    bench.toy.fails |= {"start web.occ-next": 1, "start web": 1}
    operation = bench.plan(*SWAP, commits_at=4)
    with pytest.raises(UnfinishedError):
        bench.run(operation)
    left = bench.told(operation.number)
    assert (left.state, left.ending) == ("reverting", None)
    assert left.steps[2].state == "stuck"
    ended = bench.run(left, OperationResumed(ANN))
    assert ended.ending == "undone"
    assert bench.toy.there["id-web"].state == "running"


def test_a_stop_in_doubt_is_stopped_again_before_it_is_undone(bench: Bench) -> None:
    """A start on a container that is still stopping does nothing, and then it exits."""
    operation = bench.plan(STOP)
    bench.journal.append(operation.number, 1, (StepStarted(0),), STAMP)
    ended = bench.run(
        bench.told(operation.number), OperationResumed(ANN), OperationReverting(cause="abort")
    )
    assert ended.ending == "undone"
    assert bench.toy.calls == ["stop web", "policy always web", "start web"]


def test_a_creation_in_doubt_is_made_again_before_it_is_removed(bench: Bench) -> None:
    operation = bench.plan(CREATE)
    bench.journal.append(operation.number, 1, (StepStarted(0),), STAMP)
    bench.run(
        bench.told(operation.number), OperationResumed(ANN), OperationReverting(cause="abort")
    )
    assert bench.toy.calls == ["create web.occ-next", "remove web.occ-next"]


def test_what_is_there_after_a_crash_is_seen_and_not_done_twice(bench: Bench) -> None:
    operation = bench.plan(STOP)
    bench.journal.append(operation.number, 1, (StepStarted(0),), STAMP)
    bench.toy.put("web", state="exited", policy="always")
    ended = bench.run(bench.told(operation.number), OperationResumed(ANN))
    assert ended.ending == "done"
    assert ended.steps[0].seen
    assert bench.toy.calls == []


def test_a_call_without_an_answer_is_in_doubt_and_changes_nothing_more(bench: Bench) -> None:
    bench.toy.silent["stop web"] = 3
    operation = bench.plan(POLICY, STOP)
    with pytest.raises(UnfinishedError):
        bench.run(operation)
    left = bench.told(operation.number)
    assert (left.state, left.steps[1].state) == ("running", "started")
    assert bench.toy.there["id-web"].policy == "no"
    assert "start web" not in bench.toy.calls


def test_one_lost_answer_is_tried_again(bench: Bench) -> None:
    bench.toy.silent["stop web"] = 1
    assert bench.run(bench.plan(STOP)).ending == "done"
    assert bench.toy.calls == ["stop web", "stop web"]


def test_nothing_is_stopped_without_room_beside_the_journal(bench: Bench) -> None:
    bench.journal.reserve_fails = True
    ended = bench.run(bench.plan(*SWAP, commits_at=4))
    assert ended.ending == "undone"
    assert bench.toy.calls == [
        "create web.occ-next",
        "policy no web",
        "policy always web",
        "start web",
        "policy always web",
        "remove web.occ-next",
    ]


def test_a_journal_that_fills_up_after_the_stop_brings_the_old_one_back(bench: Bench) -> None:
    bench.journal.from_event = StepStarted
    with pytest.raises(JournalUnwritableError, match="serves again"):
        bench.run(bench.plan(*SWAP, commits_at=4))
    assert bench.toy.calls[-2:] == ["policy always web", "start web"]
    assert bench.toy.there["id-web"].state == "running"


def test_the_new_one_is_stopped_first_where_its_start_could_not_be_written(bench: Bench) -> None:
    bench.journal.from_event = StepDone
    with pytest.raises(JournalUnwritableError, match="serves again"):
        bench.run(bench.plan(*SWAP, commits_at=4))
    assert bench.toy.calls[-3:] == ["stop web.occ-next", "policy always web", "start web"]
    states = {name: each.state for name, each in bench.toy.there.items()}
    assert states == {"id-web": "running", "id-web.occ-next": "exited"}


def test_after_activation_a_failure_leads_nowhere_back(bench: Bench) -> None:
    bench.toy.fails["remove web"] = 1
    steps = (*SWAP, planned(RemoveContainer("id-web")))
    operation = bench.plan(*steps, commits_at=4)
    with pytest.raises(UnfinishedError, match="version 2 of web is current"):
        bench.run(operation)
    assert bench.toy.there["id-web.occ-next"].state == "running"
    ended = bench.run(bench.told(operation.number), OperationResumed(ANN))
    assert ended.ending == "done"
    assert set(bench.toy.there) == {"id-web.occ-next"}


def test_found_stopped_it_is_left_stopped(bench: Bench) -> None:
    bench.toy.put("web", state="exited")
    found = Found(container="id-web", state="exited", version=1)
    step = StopContainer("id-web", grace_ms=5_000)
    operation = bench.plan(planned(step), found=found)
    assert step.revert(bench.context(operation)) == {}
    assert bench.toy.calls == []


def test_the_old_one_that_is_gone_is_made_again_from_the_journal(bench: Bench) -> None:
    bench.toy.fails["start web.occ-next"] = 1

    def prune(call: str) -> None:
        if call == "start web.occ-next":
            del bench.toy.there["id-web"]

    bench.toy.before = prune
    ended = bench.run(bench.plan(*SWAP, commits_at=4))
    assert ended.ending == "undone"
    (there,) = bench.toy.there.values()
    assert (there.name, there.image, there.state) == ("web", "sha256:one", "running")


def test_the_replacement_is_known_by_its_labels_and_not_by_its_name(bench: Bench) -> None:
    bench.toy.put("web.occ-next", journal="another", service="web", operation="1")
    operation = bench.plan(START)
    context = bench.context(operation)
    assert context.made("replacement") is None
    mine = context.labels_of(TWO, "replacement")
    assert mine["occ.operation"] == str(operation.number)
    assert mine["occ.owner"] == "ann@here:journal"
    assert mine["occ.head"] == str(bench.journal.head())
    assert mine["occ.version"] == "2"
    assert mine["occ.spec"] == SPEC.digest()
    with pytest.raises(OccError) as failed:
        StartContainer("replacement").apply(context)
    assert isinstance(failed.value, NotFoundError)
