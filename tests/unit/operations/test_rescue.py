"""What is done when the journal cannot be written while the service is down."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from occ.domain.operation import StepState
from occ.domain.request import Found
from occ.errors import JournalDamagedError, JournalUnwritableError
from occ.operations.rescue import rescue
from occ.operations.step_context import StepContext
from occ.operations.steps import planned
from occ.operations.steps.containers import SetPolicy, StopContainer
from tests.doubles.engine.image import Behaviour
from tests.doubles.engine.life import Life
from tests.doubles.journal import MemoryJournal
from tests.unit.operations.house import DEAF, House
from tests.unit.operations.inside import IMAGE, Inn

FULL = JournalUnwritableError("the disk is full")


@dataclass
class Down:
    """`web` is stopped, its replacement runs, and the journal is full until `room_at` (ms)."""

    inn: Inn = field(default_factory=Inn)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    room_at: int = 1 << 60
    tries: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.new = self.inn.put("web.occ-next", role="replacement")
        self.inn.engine.stop(self.inn.web, 10_000)
        self.inn.engine.start(self.new)
        self.journal.reserve()
        self.began = self.inn.engine.clock.monotonic()

    def write(self) -> int:
        self.tries.append(self.inn.engine.clock.monotonic() - self.began)
        if self.tries[-1] < self.room_at:
            raise FULL
        return 7

    def rescue(self) -> int:
        found = Found(container=self.inn.web, version=1, state="running")
        return rescue(self.journal, self.inn.context(found=found), self.write, FULL)

    def states(self) -> tuple[str, str]:
        """Of the old container and of the new one."""
        there = self.inn.engine.host.containers
        return there[self.inn.web].state, there[self.new].state


def test_what_can_be_written_once_the_reserve_is_given_up_touches_no_container() -> None:
    down = Down(room_at=0)
    assert down.rescue() == 7
    assert not down.journal.reserved
    assert down.states() == ("exited", "running")


def test_it_is_tried_again_four_times_a_second() -> None:
    down = Down(room_at=9_750)
    assert down.rescue() == 7
    assert down.tries == [0, 250, *range(500, 9_751, 250)]
    assert down.states() == ("exited", "running")


def test_after_ten_seconds_the_old_one_serves_again() -> None:
    down = Down(room_at=10_000)
    with pytest.raises(JournalUnwritableError) as told:
        down.rescue()
    assert (len(down.tries), down.tries[-1]) == (40, 9_750)
    assert down.states() == ("running", "exited")
    old = f"The old container {down.inn.web[:12]} serves again"
    assert told.value.message == f"the disk is full. {old}"
    assert told.value.hint == "make room, then: occ resume"


def test_what_is_wrong_beside_the_room_is_not_tried_for_long_and_is_told() -> None:
    down = Down()

    def write() -> int:
        raise JournalDamagedError("not a journal any more", hint="restore a copy")

    found = Found(container=down.inn.web, version=1, state="running")
    with pytest.raises(JournalDamagedError, match=r"any more. The old .* serves again") as told:
        rescue(down.journal, down.inn.context(found=found), write, FULL)
    assert told.value.hint == "restore a copy"
    assert down.inn.engine.clock.monotonic() - down.began < 5_000
    assert down.states() == ("running", "exited")


def test_without_a_replacement_the_old_one_is_started() -> None:
    down = Down()
    down.inn.engine.stop(down.new, 10_000)
    down.inn.engine.remove(down.new)
    with pytest.raises(JournalUnwritableError, match="serves again"):
        down.rescue()
    assert down.inn.inside.state == "running"


def test_an_engine_that_does_not_answer_is_told_with_what_it_means() -> None:
    down = Down()
    down.inn.engine.wire.mood = "absent"
    with pytest.raises(JournalUnwritableError) as told:
        down.rescue()
    said = f"the disk is full. The old container {down.inn.web[:12]} is not as it was: "
    assert told.value.message.startswith(said)
    assert down.states() == ("exited", "running")


def stopping(house: House, *, grace_ms: int) -> StepContext:
    """The context of an operation whose stop of `web` is under way, and was never seen to end."""
    context = house.fitted()
    stop = planned(StopContainer(house.web, grace_ms), disrupts=True)
    step = StepState(plan=stop, state="started", pending=True)
    return replace(context, operation=replace(context.operation, steps=(step,)))


def rescued(house: House, context: StepContext) -> str:
    """What is said of the old container by a rescue from a journal that is broken."""

    def write() -> int:
        raise FULL

    with pytest.raises(JournalDamagedError) as told:
        rescue(MemoryJournal(), context, write, JournalDamagedError("not a journal"))
    return told.value.message


def test_a_stop_under_way_is_waited_for_and_the_old_one_serves_on(tmp_path: Path) -> None:
    house = House(DEAF, folder=tmp_path)
    context = stopping(house, grace_ms=30_000)
    Life(house.engine.host).stop(house.inside, 20_000)
    assert rescued(house, context).endswith("serves again")
    house.engine.host.agenda.spend(60_000)
    assert house.inside.state == "running"


def test_nothing_but_the_stop_is_brought_to_its_end(tmp_path: Path) -> None:
    """Resumed, it has every step in doubt, and the old one is to be as it was found."""
    house = House(folder=tmp_path)
    context = stopping(house, grace_ms=30_000)
    policy = StepState(plan=planned(SetPolicy(house.web, "no")), state="started", pending=True)
    operation = replace(context.operation, steps=(policy, *context.operation.steps))
    assert rescued(house, replace(context, operation=operation)).endswith("serves again")
    assert house.state() == ("running", "unless-stopped")


def test_it_is_waited_for_as_long_as_the_stop_was_given(tmp_path: Path) -> None:
    house = House(replace(IMAGE, behaviour=Behaviour(stops_in=25_000)), folder=tmp_path)
    began = house.now()
    assert rescued(house, stopping(house, grace_ms=30_000)).endswith("serves again")
    assert house.inside.started_at >= began + 25_000


def test_what_was_started_again_since_is_not_stopped_once_more(tmp_path: Path) -> None:
    house = House(folder=tmp_path)
    context = stopping(house, grace_ms=30_000)
    house.engine.stop(house.web, 1_000)
    house.engine.host.agenda.spend(10)
    house.engine.start(house.web)
    began = house.inside.started_at
    assert rescued(house, context).endswith("serves again")
    assert house.inside.started_at == began
