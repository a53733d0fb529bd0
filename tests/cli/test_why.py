"""Hold, unhold, why, and --override, as they are typed and told."""

import json
from dataclasses import replace

import pytest

from occ.app.change.why import Why
from occ.app.options import Options
from occ.domain.reasons import SOFT, Reason
from occ.domain.staging import Staged
from occ.operations.kinds.hold import HoldWish
from tests.cli.conftest import Occ
from tests.cli.props import PROPOSAL
from tests.cli.stage import Stage
from tests.cli.story import NOON

DAY = 86_400_000
HELD = Reason(
    name="held",
    hard=False,
    since=NOON - DAY,
    text="ann holds it since operation 7: the fair",
    ends="occ unhold",
    until=NOON + DAY,
)
YOUNG = Reason(
    name="too_young",
    hard=False,
    since=NOON,
    text="seen today",
    ends="occ update --override too_young",
    until=NOON + DAY,
)
BUSY = Reason(name="busy", hard=True, since=NOON, text="another occ is at work", ends="it ends")
CLOSED = Reason(name="outside_window", hard=False, since=0, text="closed", ends="at night")


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        (["hold"], HoldWish()),
        (["hold", "web", "-m", "the fair"], HoldWish(why="the fair")),
        (["hold", "--service", "web", "--reason", "the fair"], HoldWish(why="the fair")),
        (["hold", "web", "--for", "3d"], HoldWish(until=NOON + 3 * DAY)),
        (["hold", "--for", "12h"], HoldWish(until=NOON + DAY // 2)),
        (["hold", "--until", "2026-12-24T14:00+00:00"], HoldWish(until=1_798_120_800_000)),
    ],
)
def test_a_hold_is_typed_with_its_end(
    occ: Occ, stage: Stage, words: list[str], wish: HoldWish
) -> None:
    said = occ(*words)
    assert (said.status, said.err) == (0, "")
    assert stage.calls == [("hold", wish)]
    assert said.out.startswith("web: held until ")


def test_its_end_and_the_way_out_are_told(occ: Occ) -> None:
    assert occ("hold", "web").out == "web: held until it is released: occ unhold --service web\n"
    told = json.loads(occ("hold", "web", "--for", "3d", "-o", "json").out)["result"]
    assert (told["kind"], told["outcome"], told["until"]) == ("hold", "done", NOON + 3 * DAY)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["hold", "--for", "3d", "--until", "2026-12-24"], "exclude each other"),
        (["hold", "--until", "soon"], "'soon' is no point in time"),
        (["hold", "web", "--service", "db"], "'web' and --service db are two services"),
        (["why", "web", "--service", "db"], "'web' and --service db are two services"),
        (["hold", "nope"], "there is no service nope"),
    ],
)
def test_mistakes_are_told(occ: Occ, stage: Stage, words: list[str], says: str) -> None:
    said = occ(*words)
    assert said.status in {2, 3}
    assert says in said.err
    assert stage.calls == []


def test_a_release_is_typed_with_its_reason(occ: Occ, stage: Stage) -> None:
    said = occ("unhold", "web", "-m", "it is over")
    assert (said.status, said.out) == (0, "web: newer images are taken again\n")
    assert stage.calls == [("unhold", "it is over")]


def test_why_lists_hard_soft_and_those_of_auto(occ: Occ, stage: Stage) -> None:
    stage.reasons = (BUSY, HELD, CLOSED)
    said = occ("why")
    assert said.status == 0
    cells = [line.split() for line in said.out.splitlines()]
    assert cells[0][:4] == ["service", "reason", "kind", "since"]
    assert [line[:3] for line in cells[1:]] == [
        ["web", "busy", "hard"],
        ["web", "held", "soft"],
        ["web", "outside_window", "auto"],
    ]
    assert "or: occ unhold --service web" in said.out


def test_why_says_that_nothing_keeps_an_update_away(occ: Occ, stage: Stage) -> None:
    assert "nothing keeps an update away: occ update" in occ("why").out
    assert stage.calls == []


def test_programs_get_every_reason_with_its_end(occ: Occ, stage: Stage) -> None:
    stage.reasons = (HELD, CLOSED)
    (told,) = json.loads(occ("why", "web", "-o", "json").out)["result"]
    assert (told["service"], told["due"]) == ("web", False)
    assert told["reasons"] == [
        {
            "name": "held",
            "hard": False,
            "since": NOON - DAY,
            "text": "ann holds it since operation 7: the fair",
            "ends": "occ unhold --service web",
            "until": NOON + DAY,
            "unattended": False,
        },
        {
            "name": "outside_window",
            "hard": False,
            "since": 0,
            "text": "closed",
            "ends": "at night",
            "until": 0,
            "unattended": True,
        },
    ]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--override", "held"], ("held",)),
        (["--override", "held,too_young"], ("held", "too_young")),
        (["--override", "held", "--override", "too_young"], ("held", "too_young")),
        (["--retry"], ("known_bad",)),
        (["--override", "held", "--retry"], ("held", "known_bad")),
    ],
)
def test_soft_reasons_are_overridden_by_name(
    occ: Occ, stage: Stage, words: list[str], names: tuple[str, ...]
) -> None:
    assert occ("update", "--yes", *words).status == 0
    assert stage.calls == [("update", Options(resume_first=True, overridden=names))]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("busy", "'busy' is a hard reason, and nothing overrides it"),
        ("already_newest", "'already_newest' is a hard reason, and nothing overrides it"),
        ("hold", "'hold' is no reason"),
        ("", "'' is no reason"),
    ],
)
def test_nothing_overrides_a_hard_reason(occ: Occ, stage: Stage, name: str, says: str) -> None:
    said = occ("update", "--yes", "--override", name)
    assert said.status == 2
    assert f"error: {says}\n" in said.err
    assert f"try: soft reasons: {', '.join(SOFT)}\n" in said.err
    assert stage.calls == []


def test_yes_overrides_none(occ: Occ, stage: Stage) -> None:
    stage.proposal = replace(PROPOSAL, reasons=(HELD, YOUNG))
    for words in (["update", "--yes"], ["update"]):
        said = occ(*words)
        assert said.status == 4
        assert "web is not updated unasked: ann holds it since operation 7: the fair" in said.err
        assert "try: occ update --yes --override held,too_young\n" in said.err
    refused = json.loads(occ("update", "--yes", "-o", "json").out)
    assert refused["error"]["code"] == "held_back"
    said = occ("update", "--yes", "--override", "known_bad")
    assert "try: occ update --yes --override known_bad --override=held,too_young\n" in said.err


def test_on_a_terminal_each_reason_is_told_before_the_question(occ: Occ, stage: Stage) -> None:
    stage.proposal = replace(PROPOSAL, reasons=(HELD, YOUNG))
    said = occ("update", typed="n\n", terminal=120)
    assert said.status == 4
    lines = [line for line in said.err.splitlines() if "careful: " in line]
    assert len(lines) == 2
    assert lines[0].startswith("  careful: ann holds it since operation 7: the fair (until ")
    assert occ("update", typed="y\n", terminal=120).status == 0
    assert occ("update", "--plan").status == 0  # with nothing due by itself


def test_check_names_all_that_keeps_an_image_away(occ: Occ, stage: Stage) -> None:
    stage.reasons = (HELD, YOUNG)
    said = occ("check")
    assert said.status == 0
    assert said.out.endswith("; to take it: occ update --override held,too_young\n")
    row = occ("check", "--all").out.splitlines()[1]
    assert row.split()[:2] == ["web", "held"]


def test_check_names_no_way_past_a_hard_reason(occ: Occ, stage: Stage) -> None:
    stage.reasons = (BUSY, HELD)
    said = occ("check")
    assert said.status == 0
    assert "another occ is at work" in said.out
    assert "to take it" not in said.out


def test_status_shows_the_first_reason(occ: Occ, stage: Stage) -> None:
    stage.status_now = replace(stage.status_now, reasons=(HELD, YOUNG))
    line = next(x for x in occ("status").out.splitlines() if x.startswith("why not"))
    assert "held: ann holds it since operation 7: the fair; until " in line
    assert "too_young" not in occ("status").out


def test_what_is_staged_has_a_line_of_its_own(
    occ: Occ, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = Staged(number=3, digest=f"sha256:{'b' * 64}", at=NOON, operation=7)
    found = Why(service="web", due=True, reasons=(), staged=waits)
    monkeypatch.setattr(stage, "why", lambda _: found)
    assert "version 3 is staged" in occ("why", "web").out
    assert "occ update --service web --staged" in occ("why", "web").out
    told = json.loads(occ("why", "web", "-o", "json").out)["result"][0]["staged"]
    assert (told["number"], told["at"]) == (3, NOON)
