"""Commands that only read: their options, their exit statuses, and empty answers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import pytest

from occ.app.service_status import Status
from occ.app.view.history import HistoryFilter
from occ.cli.terminal.times import when
from occ.domain.events import Kind
from occ.errors import EngineUnreachableError, UsageMistakeError
from tests.cli.conftest import Occ, Said
from tests.cli.props import STATUS, UNFINISHED
from tests.cli.stage import Stage
from tests.cli.story import NOON, stuck_story

DAY = 86_400_000


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (STATUS, 0),
        (replace(STATUS, health="unknown"), 0),
        (Status(service="web", state="absent", health="unknown"), 3),
        (replace(STATUS, state="exited", health="unknown"), 4),
        (replace(STATUS, health="unhealthy"), 4),
        (replace(STATUS, drift=("its restart policy is no",)), 4),
        (replace(STATUS, state="absent", unfinished=UNFINISHED), 7),
    ],
)
def test_status_q_answers_by_its_exit_status_alone(
    occ: Occ, stage: Stage, status: Status, expected: int
) -> None:
    stage.status_now = status
    said = occ("status", "-q")
    assert (said.status, said.out, said.err) == (expected, "", "")
    assert occ("status").status == 0


def test_status_q_without_an_engine(occ: Occ, stage: Stage) -> None:
    stage.error = EngineUnreachableError("the engine does not answer")
    said = occ("status", "-q")
    assert (said.status, said.out, said.err) == (5, "", "")


def test_history_passes_what_was_asked(occ: Occ, stage: Stage) -> None:
    occ("history")
    assert stage.calls[-1] == ("history", HistoryFilter())
    words = ["--limit", "3", "--since", "2d", "--kind", "update", "--outcome", "undone"]
    occ("history", *words, "--actor", "ann", "--all", "--service", "web")
    assert stage.calls[-1] == (
        "history",
        HistoryFilter(
            service="web",
            limit=3,
            since=NOON - 2 * DAY,
            kind="update",
            outcome="undone",
            actor="ann",
            everything=True,
        ),
    )


@pytest.mark.parametrize("kind", get_args(Kind))
def test_history_knows_every_kind(occ: Occ, stage: Stage, kind: str) -> None:
    assert occ("history", "--kind", kind).status == 0
    assert stage.calls[-1] == ("history", HistoryFilter(kind=kind))


def test_an_empty_answer_says_so_beside_it(occ: Occ, stage: Stage) -> None:
    stage.rows, stage.version_rows = (), ()
    for words, says in ((["history"], "no operation fits"), (["versions"], "no version yet")):
        said = occ(*words)
        assert (said.status, said.out) == (0, "")
        assert says in said.err
    assert occ("history", "--service", "nope").status == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("30m", NOON - 1_800_000),
        ("12h", NOON - DAY // 2),
        ("2d", NOON - 2 * DAY),
        ("1w", NOON - 7 * DAY),
        ("2026-11-23", NOON - DAY // 2),
        ("2026-11-23T13:00", NOON + 3_600_000),
        ("2026-11-23T13:00+01:00", NOON),
    ],
)
def test_points_in_time(text: str, expected: int) -> None:
    assert when(text, NOON) == expected


@pytest.mark.parametrize("text", ["soon", "2", "d", "-2d", "2026-13-01", "0001-01-01", "9999999d"])
def test_what_is_no_point_in_time(text: str) -> None:
    with pytest.raises(UsageMistakeError, match="no point in time"):
        when(text, NOON)


def test_show_tells_why_it_went_back_and_why_it_stopped_there(occ: Occ, stage: Stage) -> None:
    stage.story = stuck_story()
    lines = [line.split(None, 1) for line in occ("show", "3").out.splitlines()]
    there = {line[0]: line[1] for line in lines if len(line) > 1}
    assert there["stuck"].startswith("it is not what it was [unhealthy]")
    assert "cause" in there


def test_logs_shows_any_bytes(occ: Occ, stage: Stage) -> None:
    said = occ("logs", "--tail", "5", "--since", "1h", "--timestamps", "-f")
    assert said.out == "listening on 3000\ncaf\\xe9 \\xff\nGET / 200\n"
    wanted = {"tail": 5, "since": NOON - 3_600_000, "timestamps": True, "follow": True}
    assert stage.calls == [("logs", wanted)]


def test_logs_greps(occ: Occ) -> None:
    assert occ("logs", "--grep", "^GET|3000$").out == "listening on 3000\nGET / 200\n"
    said = occ("logs", "--grep", "nothing like it")
    assert (said.status, said.out) == (0, "")


def _until_ctrl_c() -> Iterator[bytes]:
    yield b"listening on 3000"
    raise KeyboardInterrupt


def test_ctrl_c_is_how_following_ends(occ: Occ, stage: Stage) -> None:
    stage.lines = _until_ctrl_c()
    assert occ("logs", "-f") == Said(130, "listening on 3000\n", "")
    stage.lines = _until_ctrl_c()
    assert occ("logs").err == "error: interrupted\n"


def test_logs_that_follow_have_no_envelope(occ: Occ) -> None:
    assert occ("logs", "-f", "-o", "json").status == 2


@pytest.mark.parametrize(("available", "status"), [(True, 10), (False, 0)])
def test_check(occ: Occ, stage: Stage, available: bool, status: int) -> None:
    stage.available = available
    assert occ("check").status == status


def test_an_alike_command_is_named(occ: Occ) -> None:
    assert "did you mean status?" in occ("statu").err


def test_a_text_with_a_nul_is_refused(occ: Occ) -> None:
    said = occ("history", "--actor", "a\0b")
    assert said.status == 2
    assert "holds a NUL" in said.err
