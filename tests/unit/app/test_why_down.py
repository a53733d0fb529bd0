"""What is said of a service that does not run though it was asked to."""

import re
from dataclasses import replace

import pytest

from occ.app.knowledge.why_down import why_down
from occ.engine.values import Container
from tests.clock import FakeClock
from tests.doubles.engine.engine import MemoryEngine

STARTED = 1_700_000_100_000


@pytest.fixture
def engine() -> MemoryEngine:
    """It came up at 1_700_000_001_000 by its clock."""
    return MemoryEngine(FakeClock())


def container(**known: object) -> Container:
    base = Container(
        id="c", name="web", image="i", state="exited", labels={}, started_at=STARTED, exit_code=137
    )
    return replace(base, finished_at=STARTED + 5_000, **known)  # type: ignore[arg-type]


def test_what_runs_or_was_not_asked_to_is_not_down(engine: MemoryEngine) -> None:
    assert not why_down(engine, container(state="running"), asked=True)
    assert not why_down(engine, container(), asked=False)
    assert not why_down(engine, container(state="created", started_at=0), asked=False)


def test_what_was_replaced_while_it_was_down_is_still_not_as_it_was_asked(
    engine: MemoryEngine,
) -> None:
    never = replace(container(state="created", started_at=0), finished_at=0)
    assert why_down(engine, never, asked=True) == (
        "it was last asked to run, was down when it was replaced, and stayed so"
    )


def test_an_engine_older_than_the_container_is_not_blamed(engine: MemoryEngine) -> None:
    said = why_down(engine, container(), asked=True)
    assert re.fullmatch(
        r"it was last asked to run, and ended at \S+ \S+ with exit status 137 \(SIGKILL\)", said
    )


def test_an_engine_that_came_up_later_is_named_with_its_time(engine: MemoryEngine) -> None:
    old = container(started_at=engine.started_at() - 5_000)
    said = why_down(engine, replace(old, finished_at=old.started_at + 1), asked=True)
    assert re.fullmatch(
        r"the engine restarted at 2023-11-1\d \d\d:\d\d:\d\d and left it down: "
        r"it ended at \S+ \S+ with exit status 137 \(SIGKILL\)",
        said,
    )


def test_an_end_before_the_start_is_no_time_to_tell(engine: MemoryEngine) -> None:
    """A power cut leaves the time of the run before, or none."""
    for finished in (0, STARTED - 1):
        said = why_down(engine, replace(container(), finished_at=finished), asked=True)
        assert said == "it was last asked to run, and ended with exit status 137 (SIGKILL)"


def test_one_whose_memory_was_over_is_said_to_be_killed_by_that(engine: MemoryEngine) -> None:
    said = why_down(engine, container(out_of_memory=True, memory_bytes=32 << 20), asked=True)
    assert said.endswith(", killed: out of memory (limit 32 MiB)")
