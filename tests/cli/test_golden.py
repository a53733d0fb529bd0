"""What people read, compared with texts that were read by a person first."""

import re
from dataclasses import replace

import pytest

from occ.domain.findings import Finding
from tests.cli.conftest import Golden, Occ, Said
from tests.cli.props import STATUS, UNFINISHED
from tests.cli.stage import Stage
from tests.cli.story import NOON, bad_story, stuck_story

READING = {
    "status": ["status"],
    "history": ["history"],
    "versions": ["versions"],
    "versions-check": ["versions", "--check"],
    "show": ["show", "3"],
    "check": ["check"],
    "verify": ["journal", "verify"],
}
WIDTHS = {"piped": 0, "wide": 200, "narrow": 40}


def both(said: Said) -> str:
    return f"exit status {said.status}\n--- stdout\n{said.out}--- stderr\n{said.err}"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", READING)
def test_reading(occ: Occ, golden: Golden, name: str, width: str) -> None:
    golden(f"{name}-{width}", both(occ(*READING[name], terminal=WIDTHS[width])))


@pytest.mark.parametrize("story", ["good", "bad", "stuck"])
@pytest.mark.parametrize("width", WIDTHS)
def test_an_update_narrated(occ: Occ, stage: Stage, golden: Golden, story: str, width: str) -> None:
    stage.story = {"good": stage.story, "bad": bad_story(), "stuck": stuck_story()}[story]
    said = occ("update", "--yes", terminal=WIDTHS[width])
    golden(f"update-{story}-{width}", both(said))


def test_a_plan(occ: Occ, golden: Golden) -> None:
    golden("plan", both(occ("update", "--plan")))


@pytest.mark.parametrize("verb", ["update", "stop", "restart", "abort", "abandon"])
def test_a_question(occ: Occ, golden: Golden, verb: str) -> None:
    golden(f"question-{verb}", both(occ(verb, typed="no\n", terminal=80)))


def test_show_of_what_failed(occ: Occ, stage: Stage, golden: Golden) -> None:
    stage.story = bad_story()
    golden("show-failed", both(occ("show", "3")))


def test_status_of_what_is_amiss(occ: Occ, stage: Stage, golden: Golden) -> None:
    stage.status_now = replace(
        STATUS,
        health="unhealthy",
        why="/health answered 503, not 200",
        version=1,
        standing="bad",
        exposed=True,
        ports=("0.0.0.0:3000:3000",),
        drift=("version 1 is there, the journal says 2", "container web.occ-next is left over"),
        unfinished=UNFINISHED,
        config="",
    )
    golden("status-amiss", both(occ("status")))


DRIVEN = replace(UNFINISHED, driven=True, ways="", driver_since=NOON + 65_000)
IN_THE_WAY = Finding(
    code="driven",
    says="operation 3 (update) is going forward, driven by process 7 of ann since 5 s",
    fix="occ status --service web",
    service="web",
)


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_is_driven_is_told_without_a_way_out(
    occ: Occ, stage: Stage, golden: Golden, form: str
) -> None:
    stage.status_now = replace(STATUS, unfinished=DRIVEN)
    stage.findings = (IN_THE_WAY,)
    for view in ("status", "doctor"):
        said = occ(view, "-o", form)
        assert not re.search(r"\b(resume|abort)\b", said.out + said.err)
        golden(f"{view}-driven-{form}", both(said))
