"""What is told of a container that did not pass its gate, or that nothing can ask."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from occ.domain.request import Request
from occ.domain.spec import Spec
from occ.engine.values import Answer, Container, ContainerRequest
from occ.errors import UnhealthyError
from occ.operations.answers import HealthLook, reported_version
from occ.operations.gate import log_tail, look_at_health
from tests.clock import FakeClock
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.engine.image import BuiltImage
from tests.unit.operations.house import TWO, House
from tests.unit.operations.inside import VERSION
from tests.unit.operations.test_gate import GATE, WEB, Scripted

GONE = replace(WEB, state="exited", exit_code=1)


def told(*lines: bytes, gone: Container = GONE) -> UnhealthyError:
    with pytest.raises(UnhealthyError) as error:
        Scripted(state=lambda _: gone, lines=lines).judge()
    return error.value


def test_the_last_lines_are_told_each_for_itself_and_any_byte_can_be_read() -> None:
    assert told(b"one", b"caf\xe9 \0 two").log_tail == ("one", "caf\\xe9 \\x00 two")


def test_an_engine_that_came_up_after_the_start_is_named_and_the_container_not_blamed() -> None:
    assert told().own
    for came_up, own in ((WEB.started_at, True), (WEB.started_at + 1, False)):
        with pytest.raises(UnhealthyError) as error:
            Scripted(state=lambda _: GONE, came_up=came_up).judge()
        assert error.value.own == own
    assert error.value.message == (
        "web is not healthy: it is exited, exit code 1 (the engine restarted after its start)"
    )


def test_at_most_forty_lines_are_told() -> None:
    lines = told(*(b"%d" % number for number in range(50))).log_tail
    assert (len(lines), lines[0], lines[-1]) == (40, "10", "49")


def test_a_letter_that_the_cut_goes_through_is_left_out() -> None:
    (line,) = told(("\u00e9" * 3000 + "x").encode()).log_tail
    assert line == "\u00e9" * 2046 + "x"


@pytest.mark.parametrize(
    ("labels", "unknown"),
    [
        ({}, "KEY, PIN have"),
        ({"occ.version": "1"}, "KEY, PIN have"),
        ({"occ.version": "2"}, "TOKEN has"),
    ],
    ids=["adopted", "the old one", "the new one"],
)
def test_no_lines_are_told_while_a_secret_of_its_own_version_is_not_at_hand(
    tmp_path: Path, labels: Mapping[str, str], unknown: str
) -> None:
    house = House(folder=tmp_path)
    one = replace(VERSION, spec=Spec(secrets=("KEY", "PIN")))
    context = replace(house.fitted(), versions={1: one, 2: TWO}, secrets={})
    web = house.engine.inspect(house.web)
    assert web is not None
    web = replace(web, labels=labels)
    assert log_tail(context, web) == (
        f"its last lines are not kept: {unknown} no value now to be taken out; occ logs",
    )
    at_hand = replace(context, secrets=dict.fromkeys(("KEY", "PIN", "TOKEN"), "hunter22"))
    assert log_tail(at_hand, web) == ("service 1 starts",)


def test_how_it_ended_is_told_with_what_the_engine_says_of_it() -> None:
    assert told().message == "web is not healthy: it is exited, exit code 1"
    never = replace(GONE, exit_code=127, error="no such file")
    assert told(gone=never).message == (
        "web is not healthy: it is exited, exit code 127: no such file"
    )


@pytest.mark.parametrize(
    ("now", "why", "after"),
    [
        (None, "the container is gone", 100),
        (GONE, "it is exited, exit code 1", 100),
        (replace(GONE, state="dead"), "it is dead, exit code 1", 100),
        (replace(WEB, state="paused"), "it is paused, exit code 0", 2_500),
        (replace(WEB, restarts=4), "it restarted 1 times", 100),
        (replace(WEB, restarts=3, started_at=9), "it was started anew while it was watched", 100),
        (
            replace(WEB, restarts=3, health="unhealthy"),
            "its own HEALTHCHECK says unhealthy",
            2_500,
        ),
        (
            replace(WEB, restarts=3, health="starting"),
            "its own HEALTHCHECK is still starting",
            2_500,
        ),
    ],
)
def test_it_ends_at_once_where_waiting_cannot_help(
    now: Container | None, why: str, after: int
) -> None:
    scripted = Scripted(state=lambda _: now, before=replace(WEB, restarts=3))
    with pytest.raises(UnhealthyError) as error:
        scripted.judge(replace(GATE, timeout_ms=2_000), deadline_ms=2_000)
    assert error.value.message == f"web is not healthy: {why}"
    assert scripted.watched == after


@pytest.mark.parametrize(
    ("deadline", "last"), [(2_499, 2_500), (2_500, 3_500), (3_499, 3_500), (3_500, 4_500)]
)
def test_it_is_asked_ever_less_often_until_the_deadline_is_over(deadline: int, last: int) -> None:
    asked: list[int] = []

    def status(watched: int) -> None:
        asked.append(watched)

    with pytest.raises(UnhealthyError):
        Scripted(status=status).judge(deadline_ms=deadline)
    assert asked == [100, 300, 700, 1_500, *range(2_500, last + 1, 1_000)]


def test_it_was_good_from_the_last_time_on_that_it_became_so() -> None:
    assert Scripted().judge().good_after_ms == 100
    late = Scripted(status=lambda ms: 200 if ms >= 600 else None)
    assert late.judge().good_after_ms == 700
    flaps = Scripted(status=lambda ms: None if 1_000 < ms < 3_000 else 200)
    assert flaps.judge().good_after_ms == 3_100


def test_one_that_gets_less_than_the_timeout_is_told_so() -> None:
    with pytest.raises(UnhealthyError) as error:
        Scripted(status=lambda _: 503).judge(deadline_ms=25_000)
    assert error.value.message == (
        "web is not healthy: /health answered 503, not 200 "
        "(after 25 s: its starts before were quicker, proven_timeout)"
    )


@pytest.mark.parametrize("window", [5_000, 5_001])
def test_it_is_good_when_it_was_for_the_whole_window(window: int) -> None:
    scripted = Scripted()
    scripted.judge(replace(GATE, min_healthy_ms=window))
    assert scripted.watched == 100 + window


def test_without_a_probe_nothing_is_asked_of_it() -> None:
    scripted = Scripted(status=lambda _: None, request=Request(probe=False))
    proof = scripted.judge()
    assert proof.reported == ""
    assert proof.said == "runs steadily (its health path was not asked: --no-probe)"
    assert scripted.watched == 5_100


def test_one_that_nobody_can_ask_is_not_called_healthy() -> None:
    silent = replace(GATE, path="", port=0, version_field="")
    steady = "runs steadily (no health path: occ config set services.web.health.path PATH)"
    assert Scripted().judge(silent).said == steady
    checked = replace(WEB, health="healthy")
    assert Scripted(state=lambda _: checked).judge(silent).said == "healthy"
    unasked = Scripted(state=lambda _: checked, request=Request(probe=False))
    assert unasked.judge().said == "healthy"


def test_a_good_answer_without_its_version_is_told() -> None:
    assert Scripted(reported="").judge().said == (
        "healthy; the answer of /health holds no version: it has no field version, or is no JSON"
    )
    assert Scripted().judge(replace(GATE, version_field="")).said == "healthy"


@pytest.mark.parametrize(
    ("reported", "labelled", "why"),
    [
        ("2.0", "2.0", ""),
        ("v2.0", "2.0", ""),
        ("2.0", "v2.0", ""),
        ("1.0", "2.0", "it reports version 1.0, its label version says 2.0"),
        ("", "2.0", "the answer of /health has no field version, its label version says 2.0"),
        ("2.0", "", "it reports version 2.0, its label version says nothing"),
    ],
)
def test_the_version_that_is_reported_is_the_one_that_the_label_says(
    reported: str, labelled: str, why: str
) -> None:
    labels = {"version": labelled} if labelled else {}
    scripted = Scripted(reported=reported, image_labels=labels)
    gate = replace(GATE, version_label="version", timeout_ms=5_000)
    if not why:
        assert scripted.judge(gate).reported == reported
        return
    with pytest.raises(UnhealthyError) as error:
        scripted.judge(gate, 5_000)
    assert error.value.message == f"web is not healthy: {why}"


def test_a_gate_that_asks_for_no_version_is_told_of_none() -> None:
    answer = Answer(status=200, body=b'{"": "2.0"}', route="published")
    assert reported_version(answer, replace(GATE, version_field="")) == ""


def far(*, runs: bool) -> HealthLook:
    """A look at a container without a program that asks, on an engine of another machine."""
    engine, image = MemoryEngine(FakeClock(), local=False), BuiltImage()
    engine.host.images.add(image)
    web = engine.create(
        ContainerRequest(name="web", image=image.id, spec=Spec(), labels={}, alias="web")
    )
    if runs:
        engine.start(web)
    there = engine.inspect(web)
    assert there is not None
    return look_at_health(engine, there, GATE, {})


def test_one_that_cannot_be_asked_is_looked_at_all_the_same() -> None:
    seen = far(runs=True)
    assert seen.problem == ""
    assert seen.unasked.startswith("no probe: nothing can ask /health of ")


def test_one_that_does_not_run_is_not_said_to_be_unasked() -> None:
    assert far(runs=False) == HealthLook("it is created, exit code 0")
