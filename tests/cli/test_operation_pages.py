"""`show` and `status`: the cause first, a line a step, and the words to type next."""

from dataclasses import replace

import pytest

from occ.app.results import Caution
from occ.app.service_status import Status
from occ.domain import history
from occ.domain.events import Event, OperationReverting, OperationUndone
from occ.domain.operation_fold import apply_event
from occ.domain.request import Request
from occ.domain.step_events import StepDone, StepFailed, StepReverted, StepReverting, StepStarted
from occ.domain.values import Actor
from tests.cli.conftest import Occ
from tests.cli.crowded import LAST
from tests.cli.props import STATUS
from tests.cli.stage import Stage
from tests.cli.story import NOON, bad_story, begun, planned, stuck_story, told

FAILED = Caution(why="bad", operation=2, cause="", says="it failed here")


def lines(said: str) -> list[list[str]]:
    return [line.split(None, 1) for line in said.splitlines() if line]


def test_an_undone_rollback_says_what_was_wanted(occ: Occ, stage: Stage) -> None:
    failed = StepFailed(index=1, code="registry", message="the registry does not answer")
    story: list[Event] = [StepStarted(0), StepDone(0), StepStarted(1), failed]
    ends: list[Event] = [OperationReverting(cause="failure"), OperationUndone()]
    event = planned(kind="rollback", current=5, request=Request(version=2))
    row = history.row(told([*story, *ends], event))
    assert (row.before, row.after, row.wanted, row.outcome) == (5, 5, 2, "undone")
    stage.rows = (row,)
    assert "5 -> 2   undone" in occ("history", terminal=80).out
    assert "  5     2   undone" in occ("history").out


def test_a_pull_that_was_put_back_keeps_the_time_that_it_took() -> None:
    """It was told to take 2.2 s, which was the time until it was undone."""
    operation = begun(planned())
    for event, at in (
        (StepStarted(1), 1_000),
        (StepDone(1), 1_040),
        (StepReverting(1), 3_000),
        (StepReverted(1), 3_200),
    ):
        operation = apply_event(operation, event, NOON + at)
    step = operation.steps[1]
    assert step.ended_at - step.started_at == 40
    assert step.undo_ended_at - step.undo_started_at == 200


def test_the_cause_is_in_the_head_and_a_step_is_a_line(occ: Occ, stage: Stage) -> None:
    stage.story = bad_story()
    said = occ("show", "3").out
    head, _, steps = said.partition("\n\n")
    cause = "web.occ-next is not healthy: exit code 1 [unhealthy], in step 7, Prove it healthy"
    assert ["cause", cause] in lines(head)
    assert head.splitlines().index(f"cause        {cause}") < 6
    assert [line[0] for line in lines(steps)[1:]] == list("1234567")
    assert "said" not in said
    assert "prove_health" not in said


def test_full_has_the_rest(occ: Occ) -> None:
    said = occ("show", "3", "--full").out
    assert "4. stop_container (Stop the old version): done, 0.1 s" in said
    assert "   input   grace = 10.0 s" in said


def test_a_step_that_is_stuck_is_told_with_why(occ: Occ, stage: Stage) -> None:
    stage.story = stuck_story()
    said = occ("show", "3").out
    assert ["stuck", "it is not what it was [unhealthy], in step 4, Stop the old version"] in lines(
        said
    )
    assert "4     Stop the old version          stuck" in said


def test_words_with_spaces_are_told_as_they_were_typed(
    occ: Occ, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    argv = ("occ", "update", "--reason", "a new day")
    event = planned(actor=Actor(operator="ann", argv=argv))
    monkeypatch.setattr(stage, "show", lambda _: told([], event))
    assert ["typed", "occ update --reason 'a new day'"] in lines(occ("show", "3").out)


@pytest.mark.parametrize(("count", "words"), [(1, "once"), (2, "twice"), (3, "3 times")])
def test_how_often_it_was_resumed(
    occ: Occ, monkeypatch: pytest.MonkeyPatch, stage: Stage, count: int, words: str
) -> None:
    monkeypatch.setattr(stage, "show", lambda _: replace(told([]), resumed=count))
    assert ["resumed", words] in lines(occ("show", "3").out)


def test_an_outage_that_goes_on_is_counted_on(occ: Occ, stage: Stage) -> None:
    row = replace(history.row(told([])), outcome="abandoned", down_since=NOON - 300_000)
    stage.rows = (row,)
    assert "> 5 m 0 s" in occ("history").out
    stage.status_now = replace(STATUS, last=replace(LAST, outcome="abandoned"))
    assert "abandoned, 2026-11-23 12:00, down for 4 m 59 s so far" in occ("status").out


@pytest.mark.parametrize(
    ("config", "expected"),
    [("", "nothing is set up yet: occ setup"), ("/c.toml", "occ start")],
)
def test_a_first_visit_says_what_to_type(
    occ: Occ, stage: Stage, config: str, expected: str
) -> None:
    stage.status_now = Status(service="web", state="absent", health="unknown", config=config)
    assert ["next", expected] in lines(occ("status").out)


def test_a_failed_first_start_is_told_with_its_cause(occ: Occ, stage: Stage) -> None:
    last = replace(LAST, operation=1, kind="start", before=0, wanted=1, down_since=None)
    stage.status_now = Status(service="web", state="absent", health="unknown", last=last)
    said = occ("status").out
    assert f"operation 1, start -> 1, undone, 2026-11-23 12:00: {last.cause}" in said


def test_a_config_that_is_not_in_force_says_what_to_type(occ: Occ, stage: Stage) -> None:
    stage.status_now = replace(STATUS, not_in_force=("env.COLOUR", "image"))
    said = lines(occ("status").out)
    assert ["not", "in force  env.COLOUR, image: occ config diff, then occ apply"] in said


@pytest.mark.parametrize(
    ("update", "caution", "expected"),
    [
        ("", None, "no other image on this host; the registry was not asked: occ check"),
        ("sha256:abcdef012345ff", None, "abcdef012345 is on this host as example.test/web:next"),
        ("sha256:abcdef012345ff", FAILED, "is not taken unasked: it failed here"),
    ],
)
def test_an_update_that_this_host_knows_of(
    occ: Occ, stage: Stage, update: str, caution: Caution | None, expected: str
) -> None:
    stage.status_now = replace(STATUS, update=update, caution=caution)
    assert expected in occ("status").out


def test_a_digest_is_no_longer_than_a_line(occ: Occ) -> None:
    assert "digest    sha256:aaaaaaaaaaaa\n" in occ("status", terminal=80).out
    assert f"digest    sha256:{'a' * 64}\n" in occ("status").out
