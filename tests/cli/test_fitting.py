"""Tables and pages on terminals of many widths, and whole where programs read them."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from occ.cli.terminal import fitting
from occ.cli.terminal.tables import Column, Headers, pairs, table
from tests.cli.conftest import Occ, Terminal
from tests.cli.crowded import LONG, WHY, Crowded
from tests.cli.stage import Stage
from tests.cli.story import history_rows

TABLES = ("status", "history", "versions", "snapshot list", "data list", "secret list", "user list")
PAGES = ("show 3", "show 3 --full", "status")


@pytest.fixture
def stage() -> Stage:
    return Crowded()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Have standard output be a terminal of that width."""

    def wide(columns: int) -> None:
        monkeypatch.setattr("sys.stdout", Terminal())
        monkeypatch.setenv("COLUMNS", str(columns))

    return wide


def words(name: str) -> tuple[str, ...]:
    alone = name in {"status", "history"} or name.startswith("show")
    return (*name.split(), *(() if alone else ("--service", "web")))


@pytest.mark.parametrize("columns", [30, 40, 60, 80, 100, 132])
@pytest.mark.parametrize("name", [*TABLES, *PAGES])
def test_every_line_fits_the_terminal(occ: Occ, name: str, columns: int) -> None:
    said = occ(*words(name), terminal=columns)
    assert said.status == 0
    assert [line for line in said.out.splitlines() if fitting.width(line) > columns] == []


@pytest.mark.parametrize("name", [*TABLES, *PAGES])
def test_piped_output_knows_no_width(occ: Occ, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = occ(*words(name)).out
    monkeypatch.setenv("COLUMNS", "40")
    assert occ(*words(name)).out == whole
    assert "…" not in whole


def test_thirteen_operations_take_a_line_each_at_80_columns(occ: Occ, stage: Stage) -> None:
    row = replace(history_rows()[0], reason="", service="opencode", operator="root", via="")
    stage.rows = tuple(replace(row, operation=number) for number in range(13, 0, -1))
    said = occ("history", terminal=80).out.splitlines()
    assert len(said) == 14
    assert said[0].split() == [
        "op",
        "service",
        "when",
        "who",
        "what",
        "version",
        "outcome",
        "took",
        "down",
        "why",
    ]


def test_history_keeps_reasons_whole_where_programs_read_them(occ: Occ) -> None:
    said = occ("history").out
    assert LONG in said
    assert WHY in said


def test_the_columns_of_piped_history_are_a_contract(occ: Occ) -> None:
    header = occ("history").out.splitlines()[0].split()
    assert header == [
        "op",
        "service",
        "when",
        "who",
        "what",
        "from",
        "to",
        "outcome",
        "took",
        "down",
        "why",
    ]


def test_a_wide_character_takes_two_columns(at: Callable[[int], None]) -> None:
    at(80)
    drawn = table(["name", "n"], [["数据", 1], ["data", 2]]).splitlines()
    assert drawn == ["name  n", "数据  1", "data  2"]


def test_what_is_equal_in_all_rows_is_said_once_where_room_is_short(
    at: Callable[[int], None],
) -> None:
    headers: Headers = ["n", "service", Column(name="ended", stays=True), "image"]
    rows = [[1, "web", "done", "a.test/a:1"], [2, "web", "done", "a.test/b:1"]]
    at(32)
    assert table(headers, rows).splitlines()[0].split() == ["n", "service", "ended", "image"]
    at(25)
    assert table(headers, rows).splitlines() == [
        "n  ended  image",
        "1  done   a.test/a:1",
        "2  done   a.test/b:1",
        "the same in all: service",
        "  web",
    ]


@pytest.mark.parametrize(
    ("text", "most", "middle", "expected"),
    [
        ("registry.test/web:latest", 24, False, "registry.test/web:latest"),
        ("registry.test/web:latest", 12, False, "registry.te…"),
        ("registry.test/web:latest", 12, True, "regist…atest"),
        ("セキュリティ", 12, False, "セキュリティ"),
        ("セキュリティ", 8, False, "セキュ…"),
        ("セキュリティ", 7, True, "セ…ィ"),
    ],
)
def test_a_cut(
    text: str, most: int, *, middle: bool, expected: str, at: Callable[[int], None]
) -> None:
    at(80)
    assert fitting.cut(text, most, middle=middle) == expected
    assert fitting.width(expected) <= most


def test_a_long_value_goes_on_below_its_own_beginning(at: Callable[[int], None]) -> None:
    at(20)
    assert pairs([("health", "unhealthy, it answered 503"), ("up", "2 m")]).splitlines() == [
        "health  unhealthy,",
        "        it answered",
        "        503",
        "up      2 m",
    ]


def test_status_without_a_name_is_the_overview_of_several_services(occ: Occ, stage: Stage) -> None:
    told = json.loads(occ("status", "-o", "json").out)["result"]
    assert [one["service"] for one in told] == ["web", "数据库-database"]
    assert "amiss" in occ("status").out.splitlines()[0]
    assert occ("status", "--service", "web").out.startswith("service ")
    stage.names = ("web",)
    assert occ("status").out.startswith("service ")


def test_for_programs_no_name_is_still_the_default_service(occ: Occ, stage: Stage) -> None:
    stage.names = ("web", "opencode")
    assert isinstance(json.loads(occ("status", "-o", "json").out)["result"], dict)
    assert isinstance(json.loads(occ("status", "--all", "-o", "json").out)["result"], list)
