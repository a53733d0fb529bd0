"""docs/json.md names what the result of every command holds, as the commands print it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Occ
from tests.cli.stage import Stage
from tests.cli.test_envelope import EVERY

PAGE = Path(__file__).parents[2] / "docs" / "json.md"
END = (
    "`service`, `unchanged`, `operation`, `kind`, `outcome`, `before`, `after`, `downtime_ms`, "
    "`duration_ms`, `snapshot_ms`, `snapshot`, `rehearsal`, `rehearsed`, `repeated`, "
    "`served`, `warnings`"
)
# Whose keys are people's own words, or that have none.
FREE = {"config env list": "each variable with its value", "logs": "a list of lines"}


def keys(result: Any) -> str:
    """The keys of a result, as the page writes them; of a list those of its first element."""
    one = result[0] if isinstance(result, list) else result
    named = ", ".join(f"`{key}`" for key in one).replace(END, "how it ended")
    return f"a list of {named}" if isinstance(result, list) else named


@pytest.mark.parametrize("name", EVERY)
def test_the_page_names_every_key(occ: Occ, stage: Stage, name: str) -> None:
    assert stage.error is None
    words, _ = EVERY[name]
    result = json.loads(occ(*words, "-o", "json").out)["result"]
    assert (
        f"| `{name}` | {FREE.get(name) or keys(result)} |" in PAGE.read_text("utf-8").splitlines()
    )


def test_the_page_says_how_an_operation_ends() -> None:
    assert f"**How it ended** is {END}." in PAGE.read_text("utf-8").replace("\n", " ")


def test_a_plan_is_one_shape_for_all(occ: Occ) -> None:
    result = json.loads(occ("update", "--plan", "-o", "json").out)["result"]
    assert f"With `--plan` the result is {keys(result)}." in PAGE.read_text("utf-8").replace(
        "\n", " "
    )


def test_check_all_is_a_list(occ: Occ) -> None:
    result = json.loads(occ("check", "--all", "-o", "json").out)["result"]
    assert f"With `check --all` it is {keys(result)};" in PAGE.read_text("utf-8").replace("\n", " ")


def test_with_all_there_is_a_line_for_each(occ: Occ) -> None:
    result = json.loads(occ("stop", "--all", "--yes", "-o", "json").out)["result"]
    assert f"With `--all` it is {keys(result)}." in PAGE.read_text("utf-8").replace("\n", " ")
