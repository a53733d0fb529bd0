"""How the loop ends: what is written and told of failures, interrupts and activations."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from occ.domain.events import (
    ContainerAdopted,
    Event,
    Kind,
    OperationDone,
    OperationResumed,
    OperationReverting,
    OperationUnchanged,
    OperationUndone,
    UsersRecorded,
    VersionActivated,
)
from occ.domain.operation import Operation
from occ.domain.request import Adoption, Request, StepPlan
from occ.domain.step_events import (
    StepDone,
    StepFailed,
    StepReverted,
    StepReverting,
    StepStarted,
    StepStuck,
)
from occ.engine.values import Image
from occ.errors import (
    BuildFailedError,
    ConfigError,
    FailedError,
    JournalConflictError,
    JournalDamagedError,
    JournalError,
    JournalUnwritableError,
    OccError,
    RegistryError,
    StoppedByOperatorError,
    UnfinishedError,
    UnhealthyError,
)
from occ.journal.codec import MOST_BYTES, encode
from occ.operations.plan import Extension
from occ.operations.runner import Runner
from occ.operations.step_context import StepContext
from occ.operations.steps import planned
from occ.operations.steps.containers import RemoveContainer, StopContainer
from occ.operations.steps.images import RestoreImage
from occ.operations.steps.step import Result
from tests.unit.operations.test_runner import ANN, CREATE, POLICY, START, STOP, SWAP, Bench
from tests.unit.operations.toy import Toy

REMOVE = planned(RemoveContainer("id-web"), title="Remove")


@dataclass
class House(Bench):
    """A bench on which more of an operation can be said."""

    kind: Kind = "update"
    request: Request = field(default_factory=lambda: Request(probe=False))
    stages: int = 1

    def plan_as(self, *steps: StepPlan, commits_at: int = -1) -> Operation:
        operation = self.plan(*steps, commits_at=commits_at)
        event = replace(operation.planned, kind=self.kind, request=self.request, stages=self.stages)
        return replace(operation, planned=event)

    def runner(
        self,
        *,
        asked: Callable[[], bool] = bool,
        extend: Callable[[Operation], Extension | None] = lambda _: None,
        secrets: dict[str, str] | None = None,
    ) -> tuple[Runner, list[Event]]:
        told: list[Event] = []

        def context(operation: Operation) -> StepContext:
            return replace(self.context(operation), secrets=secrets or {})

        made = Runner(
            journal=self.journal,
            clock=self.clock,
            operator="ann",
            context=context,
            extend=extend,
            stop_requested=asked,
            listen=lambda _operation, event: told.append(event),
        )
        return made, told

    def breaks(self, call: str, error: OccError) -> None:
        """Have this call end in an error, once and every time after."""

        def before(found: str) -> None:
            if found == call:
                raise error

        self.toy.before = before


class Far(Toy):
    """A toy engine that has no image, and whose every pull ends so."""

    def __init__(self, error: OccError) -> None:
        super().__init__()
        self._error = error

    def image(self, reference: str) -> None:
        """None is on this host."""

    def pull(self, _reference: str, _progress: object) -> Image:
        """Never."""
        raise self._error


@pytest.fixture
def house() -> House:
    return House()


def test_every_event_is_told_once_it_is_written_and_in_its_order(house: House) -> None:
    runner, told = house.runner()
    runner.carry_out(house.plan_as(STOP))
    stored = [entry.event for entry in house.journal.entries()]
    assert told == stored[2:]
    assert [type(event) for event in told] == [StepStarted, StepDone, OperationDone]
    assert {(e.operator, e.service) for e in house.journal.entries(operation=1)} == {("ann", "web")}


def test_a_stage_that_cannot_be_planned_fails_with_the_last_step_and_leads_back(
    house: House,
) -> None:
    house.stages = 2

    def extend(_: Operation) -> Extension:
        raise FailedError("no such version", hint="occ versions")

    runner, told = house.runner(extend=extend)
    ended = runner.carry_out(house.plan_as(POLICY, STOP))
    assert ended.ending == "undone"
    assert told[4:6] == [
        StepFailed(index=1, code="failed", message="no such version", hint="occ versions"),
        OperationReverting(cause="failure"),
    ]
    assert house.toy.there["id-web"].state == "running"


def test_a_stage_without_steps_means_that_nothing_changes(house: House) -> None:
    house.stages = 2
    runner, told = house.runner()
    assert runner.carry_out(house.plan_as(POLICY)).ending == "unchanged"
    assert told[-1] == OperationUnchanged()


def test_what_a_container_said_last_is_kept_and_no_secret_of_the_message(house: House) -> None:
    error = UnhealthyError("it said hunter22 twice", hint="occ logs", log_tail=("a", "b"))
    house.breaks("create web.occ-next", error)
    runner, told = house.runner(secrets={"TOKEN": "hunter22"})
    ended = runner.carry_out(house.plan_as(CREATE))
    assert told[1:] == [
        StepFailed(
            index=0,
            code="unhealthy",
            message="it said *** twice",
            hint="occ logs",
            log_tail=("a", "b"),
        ),
        OperationReverting(cause="failure"),
        StepReverting(0, 2),
        StepReverted(0),
        OperationUndone(),
    ]
    assert ended.cause == "failure"


def test_what_a_step_needs_and_cannot_be_read_fails_that_step(house: House) -> None:
    runner, told = house.runner()
    good, left = runner.context, [3]  # of the policy, of the stop, and of the start

    def context(operation: Operation) -> StepContext:
        left[0] -= 1
        if left[0] == 0:
            raise ConfigError("the keyring does not answer")
        return good(operation)

    runner.context = context
    assert runner.carry_out(house.plan_as(POLICY, STOP, START)).ending == "undone"
    assert StepFailed(index=2, code="config", message="the keyring does not answer") in told
    assert house.toy.there["id-web"].state == "running"


def test_on_the_way_back_what_was_known_before_will_do_and_the_operation_is_the_present_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, _ = house.runner()
    good, revert = runner.context, StopContainer.revert
    seen: list[bool] = []

    def context(operation: Operation) -> StepContext:
        if operation.reverting:
            raise ConfigError("the keyring does not answer")
        return good(operation)

    def noted(step: StopContainer, known: StepContext) -> Result:
        seen.append(known.operation.reverting)
        return revert(step, known)

    runner.context = context
    monkeypatch.setattr(StopContainer, "revert", noted)
    assert runner.carry_out(house.plan_as(POLICY, STOP, START)).ending == "undone"
    assert house.toy.there["id-web"].state == "running"
    assert seen == [True]


@pytest.mark.parametrize("call", ["start web.occ-next", "start web"])
@pytest.mark.parametrize("noise", ["\x1b", "\0", "é\udcff", "x"])
def test_a_failure_of_any_size_and_of_any_characters_is_one_that_can_be_written(
    house: House, call: str, noise: str
) -> None:
    house.toy.fails["start web.occ-next"] = 1
    tail = (noise * 200,) * 60
    error = BuildFailedError(noise * 20_000, hint=noise * 9_000, log_tail=tail)
    house.breaks(call, error)
    runner, _ = house.runner()
    operation = house.plan_as(*SWAP, commits_at=4)
    if call == "start web":
        with pytest.raises(UnfinishedError):
            runner.carry_out(operation)
    else:
        assert runner.carry_out(operation).ending == "undone"
    failed = next(
        event
        for event in (entry.event for entry in house.journal.entries())
        if isinstance(event, StepFailed | StepStuck) and event.code == "build_failed"
    )
    assert len(failed.message) > 500
    assert len(failed.log_tail) >= 5
    assert len(encode(failed)[2].encode()) < MOST_BYTES


def test_a_registry_that_answers_at_great_length_is_told_in_short(house: House) -> None:
    page = RegistryError("error parsing HTTP 403 response body: " + "<html>" * 4_000)
    restore = RestoreImage("sha256:far", "web:1", ("web@sha256:far",), keep="occ.local/web:v1")
    house.toy = Far(page)
    runner, told = house.runner()
    assert runner.carry_out(house.plan_as(planned(restore))).ending == "done"
    (done,) = [event for event in told if isinstance(event, StepDone)]
    assert str(done.result["warning"]).startswith("error parsing HTTP 403 response body: <html>")
    assert len(encode(done)[2].encode()) < MOST_BYTES


def test_a_stage_whose_planning_fails_at_great_length_leads_back(house: House) -> None:
    house.stages = 2

    def extend(_: Operation) -> Extension:
        raise FailedError("\x1b" * 20_000)

    runner, _ = house.runner(extend=extend)
    assert runner.carry_out(house.plan_as(POLICY, STOP)).ending == "undone"


def test_a_step_that_the_operator_ended_is_an_interrupt(house: House) -> None:
    house.breaks("create web.occ-next", StoppedByOperatorError("you asked for an end"))
    runner, _ = house.runner()
    ended = runner.carry_out(house.plan_as(CREATE))
    assert (ended.ending, ended.cause) == ("undone", "interrupt")


def test_an_end_that_is_asked_for_between_two_steps_leads_back(house: House) -> None:
    answers = iter([False, True, True])
    runner, told = house.runner(asked=lambda: next(answers, False))
    ended = runner.carry_out(house.plan_as(POLICY, STOP))
    assert (ended.ending, ended.cause) == ("undone", "interrupt")
    assert house.toy.calls == ["policy no web", "policy always web"]
    assert told.count(OperationReverting(cause="interrupt")) == 1


def test_an_end_that_is_asked_for_after_activation_comes_too_late(house: House) -> None:
    runner, _ = house.runner(asked=lambda: "start web.occ-next" in house.toy.calls)
    assert runner.carry_out(house.plan_as(*SWAP, commits_at=3)).ending == "done"


def test_activation_tells_the_users_and_what_was_adopted(house: House) -> None:
    adoption = Adoption(container="id-web", version=2)
    house.request = Request(probe=False, users=("ann",), adoption=adoption)
    runner, told = house.runner()
    assert runner.carry_out(house.plan_as(POLICY, commits_at=1)).activated
    assert told[2:] == [
        VersionActivated(2, 1, "update", ("ann",)),
        ContainerAdopted(adoption),
        OperationDone(),
    ]


def test_what_adopts_nothing_tells_of_none(house: House) -> None:
    runner, told = house.runner()
    runner.carry_out(house.plan_as(POLICY, commits_at=1))
    assert told[2:] == [VersionActivated(2, 1, "update"), OperationDone()]


def test_an_operation_on_users_tells_of_users_alone(house: House) -> None:
    house.kind, house.request = "user", Request(probe=False, users=("ann", "bob"))
    runner, told = house.runner()
    runner.carry_out(house.plan_as(POLICY, commits_at=1))
    assert told[2:] == [UsersRecorded(("ann", "bob")), OperationDone()]


def test_a_repair_in_place_tells_of_users_alone_and_one_that_replaces_of_its_version(
    house: House,
) -> None:
    house.kind, house.request = "repair", Request(probe=False, users=("ann",), version=2)
    runner, told = house.runner()
    runner.carry_out(house.plan_as(POLICY, commits_at=1))
    assert told[2:] == [UsersRecorded(("ann",)), OperationDone()]
    house.stages = 2
    runner, told = house.runner()
    runner.carry_out(replace(house.plan_as(POLICY, commits_at=1), stage=2))
    assert told[2:] == [VersionActivated(2, 1, "repair", ("ann",)), OperationDone()]


@pytest.mark.parametrize(("kind", "of"), [("rollback", 1), ("apply", 0)])
def test_only_a_rollback_tells_which_version_was_asked_for(
    house: House, kind: Kind, of: int
) -> None:
    house.kind, house.request = kind, Request(probe=False, version=1)
    runner, told = house.runner()
    runner.carry_out(house.plan_as(POLICY, commits_at=1))
    assert told[2:] == [VersionActivated(2, 1, kind, of=of), OperationDone()]


def test_a_call_without_an_answer_is_made_three_times_half_a_second_apart(house: House) -> None:
    house.toy.silent["stop web"] = 9
    times: list[int] = []
    house.toy.before = lambda _: times.append(house.clock.monotonic())
    runner, _ = house.runner()
    with pytest.raises(UnfinishedError) as told:
        runner.carry_out(house.plan_as(STOP))
    assert len(times) == 3
    assert all(500 <= later - sooner < 550 for sooner, later in pairwise(times))
    assert told.value.message == "operation 1 of web stopped while going forward: no answer"
    assert told.value.hint == "occ resume, or occ abort"


def test_an_end_that_is_asked_for_is_not_kept_waiting_for_an_answer(house: House) -> None:
    house.toy.silent["stop web"] = 9
    runner, _ = house.runner(asked=lambda: "stop web" in house.toy.calls)
    with pytest.raises(UnfinishedError):
        runner.carry_out(house.plan_as(STOP))
    assert house.toy.calls == ["stop web"]


def test_answers_that_get_lost_are_counted_anew_for_each_run(house: House) -> None:
    runner, _ = house.runner()
    for _ in range(2):
        house.toy.silent["stop web"] = 2
        assert runner.carry_out(house.plan_as(STOP)).ending == "done"


def test_answers_that_get_lost_are_counted_anew_for_each_outage(house: House) -> None:
    house.toy.silent |= {"policy no web": 2, "stop web": 2}
    runner, _ = house.runner()
    assert runner.carry_out(house.plan_as(POLICY, STOP)).ending == "done"


@pytest.mark.parametrize("lost", ["start web", "policy always web"])
def test_after_an_end_was_asked_for_the_way_back_waits_for_an_answer(
    house: House, lost: str
) -> None:
    house.toy.silent[lost] = 2
    runner, _ = house.runner(asked=lambda: "stop web" in house.toy.calls)
    ended = runner.carry_out(house.plan_as(POLICY, STOP, START))
    assert (ended.ending, ended.cause) == ("undone", "interrupt")
    there = house.toy.there["id-web"]
    assert (there.state, there.policy) == ("running", "always")


def test_a_removal_that_fails_after_its_point_of_no_return_says_what_is_left(house: House) -> None:
    house.kind = "remove"
    house.breaks("remove web", FailedError("it is in use"))
    runner, _ = house.runner()
    with pytest.raises(UnfinishedError) as told:
        runner.carry_out(house.plan_as(REMOVE, commits_at=0))
    assert told.value.message == "not everything of web could be removed: it is in use"
    assert told.value.hint == "occ resume"


def test_an_undo_that_fails_is_told_with_its_own_hint(house: House) -> None:
    def before(call: str) -> None:
        if call in {"start web.occ-next", "start web"}:
            raise FailedError("the port is taken", hint="free the port, then: occ resume")

    house.toy.before = before
    runner, told = house.runner()
    with pytest.raises(UnfinishedError) as error:
        runner.carry_out(house.plan_as(*SWAP, commits_at=4))
    assert error.value.message == "operation 1 of web stopped while going back: the port is taken"
    assert error.value.hint == "free the port, then: occ resume"
    assert told[-1] == StepStuck(
        index=2,
        code="failed",
        message="the port is taken",
        hint="free the port, then: occ resume",
    )


def test_the_reserve_is_given_up_at_the_end(house: House) -> None:
    runner, _ = house.runner()
    runner.carry_out(house.plan_as(STOP))
    assert not house.journal.reserved


def test_what_is_undone_needs_no_room_beside_the_journal(house: House) -> None:
    def before(call: str) -> None:
        house.journal.reserve_fails |= call == "stop web"

    house.toy.before = before
    house.toy.fails["start web.occ-next"] = 1
    runner, _ = house.runner()
    assert runner.carry_out(house.plan_as(*SWAP, commits_at=4)).ending == "undone"
    assert house.toy.there["id-web"].state == "running"


def test_what_is_not_in_doubt_is_done_and_not_looked_for(house: House) -> None:
    house.toy.put("web", policy="no")
    runner, told = house.runner()
    runner.carry_out(house.plan_as(POLICY))
    assert house.toy.calls == ["policy no web"]
    assert told[1] == StepDone(0, {"said": "no"})


def _journal_breaks(house: House, error: JournalError) -> None:
    """From the start of the new one on, its every append ends so."""

    def before(call: str) -> None:
        if call == "start web.occ-next":
            house.journal.broken = error

    house.toy.before = before


@pytest.mark.parametrize(
    "error",
    [JournalError("it is too large", hint="occ update"), JournalDamagedError("not a journal")],
)
def test_whatever_is_wrong_with_the_journal_the_old_one_is_brought_back(
    house: House, error: JournalError
) -> None:
    _journal_breaks(house, error)
    runner, _ = house.runner()
    began = house.clock.monotonic()
    with pytest.raises(type(error), match="serves again") as told:
        runner.carry_out(house.plan_as(*SWAP, commits_at=4))
    assert told.value.hint == (error.hint or "occ resume")
    assert house.clock.monotonic() - began < 1_000
    assert house.toy.there["id-web"].state == "running"
    assert house.toy.there["id-web.occ-next"].state == "exited"


def test_what_somebody_else_has_taken_over_is_left_to_them(house: House) -> None:
    _journal_breaks(house, JournalConflictError("another process"))
    runner, _ = house.runner()
    with pytest.raises(JournalConflictError):
        runner.carry_out(house.plan_as(*SWAP, commits_at=4))
    assert house.toy.calls[-1] == "start web.occ-next"
    assert house.toy.there["id-web"].state == "exited"


def test_a_journal_that_is_still_full_at_the_resume_brings_the_old_one_back(house: House) -> None:
    house.journal.from_event = StepStarted
    runner, _ = house.runner()
    operation = house.plan_as(*SWAP, commits_at=4)
    with pytest.raises(JournalUnwritableError):
        runner.carry_out(operation)
    house.toy.stop("id-web", 1)
    house.journal.from_event = OperationResumed
    again, _ = house.runner()
    with pytest.raises(JournalUnwritableError, match="serves again"):
        again.carry_out(house.told(operation.number), OperationResumed(ANN))
    assert house.toy.there["id-web"].state == "running"
