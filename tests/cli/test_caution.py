"""What the journal knows against an image: asked on a terminal, refused with --yes, and told."""

import json
from dataclasses import replace

import pytest

from occ.app.options import Options
from occ.app.results import Caution, Destination
from occ.cli.change.asking import plan_text
from occ.domain.reasons import Reason
from tests.cli.conftest import Occ
from tests.cli.props import PROPOSAL
from tests.cli.stage import Stage

SAYS = "it failed here in operation 5, configured as it is now: exit code 1"
CAUTION = Caution(why="bad", operation=5, cause="exit code 1", says=SAYS)
REASON = Reason(name="known_bad", hard=False, since=1, text=SAYS, ends="a newer image")
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
TO = Destination(
    before="1.0",
    after="2.0",
    reference="example.test/web:latest",
    digest=DIGEST,
    built_at=1,
    age_ms=200_000_000,
)


@pytest.fixture(autouse=True)
def careful(stage: Stage) -> None:
    stage.proposal = replace(PROPOSAL, caution=CAUTION, reasons=(REASON,))


def test_on_a_terminal_it_is_asked_with_cause_and_operation(occ: Occ) -> None:
    said = occ("update", typed="n\n", terminal=80)
    assert said.status == 4
    assert f"careful: {SAYS}" in said.err.replace("\n", "")
    assert occ("update", typed="y\n", terminal=80).status == 0


def test_it_is_asked_of_a_service_that_stays_up_too(occ: Occ) -> None:
    assert occ("start", typed="n\n", terminal=80).status == 4


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["update", "--yes"], "occ update --yes --retry"),
        (["update"], "occ update --yes --retry"),
        (["update", "--all", "--yes"], "occ update --service web --yes --retry"),
    ],
)
def test_unasked_it_is_refused_with_the_next_command(occ: Occ, words: list[str], hint: str) -> None:
    said = occ(*words)
    assert said.status == 4
    assert f"the image that web would get is not taken unasked: {SAYS}" in said.err
    shown = "occ show --service web 5" if "--all" in words else "occ show 5"
    assert f"try: {shown} tells why; {hint} takes it all the same\n" in said.err
    assert "[1/7]" not in said.err


def test_programs_are_told_the_same(occ: Occ) -> None:
    refused = json.loads(occ("update", "--yes", "-o", "json").out)
    assert (refused["exit_status"], refused["error"]["code"]) == (4, "caution")
    planned = json.loads(occ("update", "--plan", "-o", "json").out)
    assert planned["exit_status"] == 0
    assert planned["result"]["caution"] == {
        "why": "bad",
        "operation": 5,
        "cause": "exit code 1",
        "says": SAYS,
    }


def test_a_plan_that_needs_a_word_more_is_nothing_to_do_by_itself(occ: Occ) -> None:
    assert occ("update", "--plan").status == 0
    rows = json.loads(occ("update", "--all", "--plan", "-o", "json").out)["result"]
    assert [row["exit_status"] for row in rows] == [0]


def test_retry_becomes_a_value(occ: Occ, stage: Stage) -> None:
    stage.proposal = PROPOSAL
    assert occ("update", "--retry", "--yes").status == 0
    assert stage.calls == [("update", Options(resume_first=True, overridden=("known_bad",)))]


def test_check_says_so_and_has_no_update(occ: Occ, stage: Stage) -> None:
    stage.caution = CAUTION
    said = occ("check")
    assert said.status == 0
    assert f"not taken unasked: {SAYS}; to take it: occ update --retry" in said.out
    told = json.loads(occ("check", "-o", "json").out)["result"]
    assert (told["available"], told["caution"]["operation"]) == (True, 5)


@pytest.mark.parametrize(
    ("to", "line"),
    [
        (TO, "1.0 -> 2.0 (sha256:0123456789ab, built 2 days ago)"),
        (replace(TO, age_ms=None), "1.0 -> 2.0 (sha256:0123456789ab)"),
        (replace(TO, digest=""), "1.0 -> 2.0 (built 2 days ago)"),
        (
            replace(TO, after="", age_ms=None),
            "1.0 -> example.test/web:latest (sha256:0123456789ab)",
        ),
        (replace(TO, before="", age_ms=3_600_000, digest=""), "2.0 (built 1 hour ago)"),
        (replace(TO, age_ms=0, digest="", after="2\x1b"), "1.0 -> 2\\x1b (built just now)"),
    ],
)
def test_the_first_line_of_a_plan_says_where_it_leads(to: Destination, line: str) -> None:
    first = plan_text(replace(PROPOSAL, destination=to)).splitlines()[0]
    assert first == f"web: update of version 1: {line}"


def test_nothing_new_is_one_line(occ: Occ, stage: Stage) -> None:
    stage.unchanged = "already the newest: 1.0"
    said = occ("update")
    assert (said.status, said.out) == (0, "web: unchanged, already the newest: 1.0\n")
