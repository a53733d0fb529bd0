"""What may be said to commands that change something, and how they ask."""

import json
from dataclasses import replace

import pytest

from occ.app.options import Options
from occ.app.results import Outcome, Proposal
from occ.cli.change.asking import agreed_large, plan_text
from occ.cli.change.dialogue import last_line
from occ.cli.terminal import streams
from occ.domain.data_choice import Source
from occ.domain.events import Event, OperationDone, OperationExtended
from occ.domain.history import row
from occ.domain.request import Request, StepPlan
from occ.domain.staging import Staged, VersionStaged, VersionUnstaged
from occ.domain.step_events import StepDone, StepStarted
from occ.domain.taking import Taking
from tests.cli.conftest import Occ
from tests.cli.props import PROPOSAL, STATUS
from tests.cli.stage import Stage
from tests.cli.story import NOON, good_story, planned, told

ASKING = ["update", "rollback", "stop", "restart", "abort", "abandon"]


@pytest.mark.parametrize(
    ("words", "verb", "options"),
    [
        (["update"], "update", Options()),
        (
            ["update", "--image", "a:1", "--reason", "why", "--if-current", "4", "--no-probe"],
            "update",
            Options(image="a:1", reason="why", if_current=4, probe=False),
        ),
        (["update", "--rollback"], "rollback", Options()),
        (["update", "--if-plan", "occ1.e30"], "update", Options(if_plan="occ1.e30")),
        (["update", "--plan", "--valid", "30m"], "update", Options(plan=True, valid_ms=1_800_000)),
        (["stop", "--plan", "--valid", "30d"], "stop", Options(plan=True, valid_ms=2_592_000_000)),
        (["update", "--stage", "--rehearse"], "stage", Options(rehearse=True)),
        (["update", "--stage", "--image", "a:1"], "stage", Options(image="a:1")),
        (["update", "--staged"], "update", Options(staged=True)),
        (["update", "--unstage"], "stage", Options(unstage=True)),
        (["rollback", "--to", "2", "--spec", "now"], "rollback", Options(to=2, spec_now=True)),
        (["rollback", "--spec", "recorded"], "rollback", Options()),
        (["start", "--no-probe"], "start", Options(probe=False)),
        (["restart", "--reason", "x"], "restart", Options(reason="x")),
        (["stop", "--if-current", "1"], "stop", Options(if_current=1)),
    ],
)
def test_words_become_values(
    occ: Occ, stage: Stage, words: list[str], verb: str, options: Options
) -> None:
    occ(*words, typed="y\n", terminal=80)
    assert stage.calls == [(verb, options)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["update", "--valid", "1h"], "--valid goes with --plan"),
        (["update", "--plan", "--valid", "0s"], "'0s' is no length of time from 1s to 30d"),
        (["update", "--plan", "--valid", "31d"], "'31d' is no length of time from 1s to 30d"),
        (["update", "--plan", "--valid", "soon"], "'soon' is no length of time from 1s to 30d"),
        (["update", "--plan", "--valid", ""], "Invalid value for '--valid': it is empty"),
        (["update", "--if-plan", ""], "Invalid value for '--if-plan': it is empty"),
        (["update", "--all", "--if-plan", "occ1.e30"], "--if-plan is of one service"),
        (["data", "adopt-name", "--if-plan", "occ1.e30"], "data adopt-name has no plan token"),
        (["adopt", "--project", "shop", "--if-plan", "occ1.e30"], "adopt has no plan token"),
    ],
)
def test_options_of_tokens_that_do_not_fit(
    occ: Occ, stage: Stage, words: list[str], says: str
) -> None:
    said = occ(*words)
    assert said.status == 2
    assert says in said.err
    assert stage.calls == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--stage", "--staged"], "--stage and --staged exclude each other"),
        (["--staged", "--unstage"], "--staged and --unstage exclude each other"),
        (["--stage", "--rehearse-only"], "--stage and --rehearse-only exclude each other"),
        (["--staged", "--image", "a:1"], "--staged and --image exclude each other"),
        (["--unstage", "--rollback"], "--unstage and --rollback exclude each other"),
    ],
)
def test_ways_of_an_update_that_exclude_each_other(
    occ: Occ, stage: Stage, words: list[str], says: str
) -> None:
    said = occ("update", *words)
    assert said.status == 2
    assert says in said.err
    assert stage.calls == []


STAGED: list[Event] = [
    StepStarted(0),
    StepDone(0, {"image": "sha256:two", "digests": [f"web@sha256:{'b' * 64}"]}),
    OperationExtended(steps=(), version=2, commits_at=1),
    VersionStaged(2, f"sha256:{'b' * 64}"),
    OperationDone(),
]


def test_the_end_of_staging_is_told_with_the_command_that_goes_on(occ: Occ, stage: Stage) -> None:
    pull = (StepPlan(name="pull_image", title="Pull example.test/web:latest"),)
    event = planned(kind="stage", request=Request(staging=True), steps=pull)
    stage.outcome = Outcome(service="web", operation=told(STAGED, event))
    said = occ("update", "--stage")
    assert said.out == (
        "web: version 2 (bbbbbbbbbbbb) is staged; nothing was replaced: occ update --staged\n"
    )
    dropped = planned(kind="stage", request=Request(staging=True, staged=2), steps=())
    end: list[Event] = [VersionUnstaged(2), OperationDone()]
    stage.outcome = Outcome(service="web", operation=told(end, dropped))
    assert occ("update", "--unstage").out == "web: version 2 is not staged any more\n"
    result = json.loads(occ("update", "--unstage", "-o", "json").out)["result"]
    assert (result["kind"], result["before"], result["after"]) == ("stage", 1, 1)


def test_status_tells_what_is_staged(occ: Occ, stage: Stage) -> None:
    waits = Staged(number=3, digest=f"sha256:{'b' * 64}", at=NOON, operation=7)
    stage.status_now = replace(STATUS, staged=waits)
    line = "staged    version 3 (bbbbbbbbbbbb), since 2026-11-23 12:00: occ update --staged"
    assert line in occ("status").out.splitlines()


def test_a_plan_that_was_carried_out_before_is_told_as_such(occ: Occ, stage: Stage) -> None:
    outcome = Outcome(service="web", operation=told(good_story()), repeated=True)
    stage.outcome = outcome
    said = occ("update", "-y", "--if-plan", "occ1.e30", "-o", "json")
    result = json.loads(said.out)["result"]
    assert (said.status, result["operation"], result["repeated"]) == (0, 3, True)


def test_who_planned_stands_beside_who_did(
    occ: Occ, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved = told(good_story(), planned(planner="bob on lab", token="ab" * 32))
    monkeypatch.setattr(stage, "show", lambda _: approved)
    assert "planned by  bob on lab (token abababababab)" in occ("show", "3").out
    stage.rows = (row(approved),)
    assert "ann (sudo), planned by bob on lab" in occ("history").out
    assert "ann, planned by bob" in occ("history", terminal=200).out
    assert json.loads(occ("history", "-o", "json").out)["result"][0]["planner"] == "bob on lab"


def test_yes_also_means_to_resume_first(occ: Occ, stage: Stage) -> None:
    occ("update", "--yes")
    assert stage.calls == [("update", Options(resume_first=True))]


@pytest.mark.parametrize("verb", ASKING)
def test_without_a_terminal_and_without_yes_it_refuses_at_once(occ: Occ, verb: str) -> None:
    said = occ(verb)
    assert said.status == 4
    assert "nobody to ask" in said.err
    assert f"try: occ {verb} --yes" in said.err
    assert "[1/7]" not in said.err


@pytest.mark.parametrize("verb", ASKING)
@pytest.mark.parametrize("answer", ["", "\n", "n\n", "yes please\n", "Web\n"])
def test_anything_but_yes_is_no(occ: Occ, verb: str, answer: str) -> None:
    said = occ(verb, typed=answer, terminal=80)
    assert said.status == 4
    assert "nothing was changed" in said.err
    assert "[1/7]" not in said.err


@pytest.mark.parametrize("answer", ["y\n", "Y\n", "yes\n", " YES \n"])
def test_yes_is_yes(occ: Occ, answer: str) -> None:
    assert occ("update", typed=answer, terminal=80).status == 0


def test_abandon_wants_the_name(occ: Occ) -> None:
    assert occ("abandon", typed="y\n", terminal=80).status == 4
    done = occ("abandon", typed="web\n", terminal=80)
    assert done.status == 0
    assert "left: container web.occ-next" in done.out


@pytest.mark.parametrize("verb", ["start", "resume"])
def test_what_takes_nothing_down_does_not_ask(occ: Occ, verb: str) -> None:
    assert occ(verb).status == 0


def test_a_question_is_asked_even_where_nothing_else_is_said(occ: Occ) -> None:
    said = occ("update", "--quiet", typed="y\n", terminal=80)
    assert "Go on?" in said.err
    assert "4. Stop the old version" in said.err
    assert "[1/7]" not in said.err


def test_the_snapshots_share_of_the_outage_is_told_before_the_question(
    occ: Occ, stage: Stage
) -> None:
    share = "the snapshot adds about 4 s to the outage (12.3 MB)"
    stage.proposal = replace(stage.proposal, snapshot=share)
    before = occ("update", typed="n\n", terminal=80).err.partition("Go on?")[0]
    assert f"\n  {share}\n  The service is down from" in before


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", None)],
)
def test_large_data_is_a_question_of_its_own(
    monkeypatch: pytest.MonkeyPatch, typed: str, wanted: bool | None
) -> None:
    said = list[str]()
    monkeypatch.setattr(streams, "err", said.append)
    monkeypatch.setattr(streams, "line", lambda: typed)
    taking = Taking(bytes=2_000_000_000, ms=45_000, guessed=True)
    assert agreed_large("web", taking) is wanted
    assert said[0] == (
        "web: a snapshot of its data before each replacement is 2.0 GB, and adds about 45 s to the "
        "outage, a first guess.\nTake it? The answer goes into the config. [y/N] "
    )


@pytest.mark.parametrize(("pending", "status"), [(True, 10), (False, 0)])
def test_plan_touches_nothing(occ: Occ, stage: Stage, pending: bool, status: int) -> None:
    stage.proposal = Proposal(
        kind="update", service="web", titles=("Pull",), downtime=True, pending=pending, summary="s"
    )
    said = occ("update", "--plan")
    assert said.status == status
    assert ("nothing to do" in said.out) is not pending
    told = json.loads(occ("update", "--plan", "-o", "json").out)
    assert (told["exit_status"], told["result"]["titles"]) == (status, ["Pull"])


@pytest.mark.parametrize("words", [["--plan"], ["--yes"], []])
def test_what_the_config_changes_is_shown_first(occ: Occ, stage: Stage, words: list[str]) -> None:
    stage.proposal = replace(stage.proposal, difference='-COLOUR = "red"\n+COLOUR = "blue"')
    said = occ("apply", *words, typed="n\n", terminal=80)
    shown = said.out + said.err
    assert '  | -COLOUR = "red"\n  | +COLOUR = "blue"\n' in shown.partition("[1/7]")[0]


def test_a_title_cannot_write_over_the_question() -> None:
    proposal = Proposal(
        kind="update", service="web", titles=("Pull x\r\x1b[2K",), downtime=False, before=1, after=2
    )
    assert plan_text(proposal) == "web: update, version 1 -> 2\n  1. Pull x\\r\\x1b[2K"


def test_unchanged_is_0_or_77(occ: Occ, stage: Stage) -> None:
    stage.unchanged = "what was asked for runs already"
    said = occ("update", "--yes")
    assert (said.status, said.out) == (0, "web: unchanged, what was asked for runs already\n")
    assert occ("update", "--yes", "--exit-unchanged").status == 77
    assert occ("resume").out == "web: what was asked for runs already\n"


def test_a_note_told_with_its_step_is_not_told_again(occ: Occ) -> None:
    said = occ("update", "--yes")
    assert said.err.count("the password of ann must be set") == 1
    assert said.err.count("web:previous is a tag of the registry's own") == 1


def test_quiet_says_nothing_but_the_result(occ: Occ) -> None:
    said = occ("update", "--yes", "--quiet")
    assert said.err == ""
    assert said.out.startswith("web: version 1 -> 2, down for 0.8 s")


def test_no_color_and_dumb_terminals(occ: Occ, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[31merror:" in occ("update", typed="n\n", terminal=80).err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in occ("update", typed="n\n", terminal=80).err
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in occ("update", "--yes", terminal=80).err


def test_the_proposal_of_the_stage_is_the_real_shape() -> None:
    assert "The service is down" in plan_text(PROPOSAL)


OWN = Source(version=1, at=1_700_000_000_000, snapshot=12)


@pytest.mark.parametrize(("answer", "data"), [("y", "then"), ("n", "keep"), ("", "keep")])
def test_a_rollback_asks_once_whether_the_data_goes_back_too(
    occ: Occ, stage: Stage, answer: str, data: str
) -> None:
    stage.source = OWN
    said = occ("rollback", typed=f"{answer}\ny\n", terminal=80)
    assert "Version 1 has its own data of 2023-11-14" in said.err
    assert "in snapshot 12." in said.err
    assert stage.calls == [("rollback", Options(data=data))]


@pytest.mark.parametrize("words", [["--yes"], ["--data", "keep"], ["--plan"]])
def test_a_rollback_does_not_ask_for_the_data_where_it_is_told_or_nobody_is_there(
    occ: Occ, stage: Stage, words: list[str]
) -> None:
    stage.source = OWN
    said = occ("rollback", *words, typed="y\n", terminal=80)
    assert "has its own data" not in said.err
    assert stage.calls[0][1].data == ("keep" if "keep" in words else "")


@pytest.mark.parametrize(
    ("before_the_start", "ended"),
    [(True, "web: version 1 -> 2; it is stopped: occ start"), (False, "web: version 1 -> 2")],
)
def test_a_stopped_service_that_was_replaced_is_said_to_be_stopped_still(
    *, before_the_start: bool, ended: str
) -> None:
    story = good_story()
    extended = story[4]
    assert isinstance(extended, OperationExtended)
    if before_the_start:  # its plan has neither start nor proof
        story[4:-4] = [replace(extended, steps=extended.steps[:2], commits_at=4)]
        story[5:5] = [StepStarted(2), StepDone(2, {}), StepStarted(3), StepDone(3, {})]
        del story[-3:-1]
    operation = told(story, planned(kind="apply"))
    line = last_line(Outcome(service="web", operation=operation))
    assert line.partition(", down")[0] == ended
