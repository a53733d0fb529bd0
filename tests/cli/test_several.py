"""--all: one verb for every service, one table at the end."""

import json

import pytest

from occ.errors import BusyError, StoppedByOperatorError, UnhealthyError
from tests.cli.conftest import Occ
from tests.cli.stage import Stage

THREE = ("api", "web", "worker")


@pytest.fixture
def three(stage: Stage) -> Stage:
    stage.names = THREE
    return stage


def lines(told: str) -> list[tuple[str, str, int | None]]:
    result = json.loads(told)["result"]
    return [(line["service"], line["ended"], line["exit_status"]) for line in result]


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "update", "apply"])
def test_each_service_in_the_order_of_the_config(occ: Occ, three: Stage, verb: str) -> None:
    said = occ(verb, "--all", "--yes", "-o", "json")
    assert said.status == 0
    assert lines(said.out) == [(name, "done", 0) for name in THREE]
    assert [call[0] for call in three.calls] == [verb] * 3


def test_people_read_a_table_and_whose_steps_scroll_by(occ: Occ, three: Stage) -> None:
    said = occ("update", "--all", "--yes")
    assert [row.split()[:3] for row in said.out.splitlines()] == [
        ["service", "ended", "exit"],
        *([name, "done", "0"] for name in THREE),
    ]
    assert said.err.index("api:\n") < said.err.index("web:\n") < said.err.index("worker:\n")


def test_the_first_failure_ends_it_and_its_status_is_the_whole_ones(occ: Occ, three: Stage) -> None:
    three.errors = {"web": UnhealthyError("update of web failed", hint="occ show 3")}
    said = occ("update", "--all", "--yes", "-o", "json")
    assert said.status == 6
    assert lines(said.out) == [
        ("api", "done", 0),
        ("web", "unhealthy", 6),
        ("worker", "not tried", None),
    ]
    assert "update of web failed" in said.err


def test_keep_going_goes_on_after_failures(occ: Occ, three: Stage) -> None:
    three.errors = {"api": BusyError("busy", hint="occ show 1"), "web": UnhealthyError("bad")}
    said = occ("update", "--all", "--keep-going", "--yes", "-o", "json")
    assert said.status == 8
    assert [ended for _, ended, _ in lines(said.out)] == ["busy", "unhealthy", "done"]


def test_an_operator_who_asks_for_an_end_gets_it_also_with_keep_going(
    occ: Occ, three: Stage
) -> None:
    three.errors = {"api": StoppedByOperatorError("ended as you asked")}
    said = occ("update", "--all", "--keep-going", "--yes", "-o", "json")
    assert said.status == 130
    assert [ended for _, ended, _ in lines(said.out)][1:] == ["not tried", "not tried"]


def test_a_plan_of_all_says_whether_anything_is_to_do(occ: Occ, three: Stage) -> None:
    assert occ("update", "--all", "--plan").status == 10
    three.unchanged = "what was asked for runs already"
    assert occ("start", "--all").status == 0
    assert occ("start", "--all", "--exit-unchanged").status == 77


def test_all_and_one_exclude_each_other(occ: Occ, three: Stage) -> None:
    for verb in ("update", "status"):
        said = occ(verb, "--all", "--service", "web")
        assert said.status == 2
        assert "exclude each other" in said.err
    assert three.calls == []


def test_keep_going_alone_says_nothing(occ: Occ, three: Stage) -> None:
    said = occ("update", "--keep-going", "--yes")
    assert (said.status, three.calls) == (2, [])
    assert "occ update --all" in said.err


def test_status_of_all_is_a_line_each(occ: Occ, three: Stage) -> None:
    said = occ("status", "--all")
    assert said.status == 0
    assert [row.split()[:3] for row in said.out.splitlines()[1:]] == [
        [name, "running", "healthy"] for name in THREE
    ]
    assert [
        one["service"] for one in json.loads(occ("status", "--all", "-o", "json").out)["result"]
    ] == list(THREE)
