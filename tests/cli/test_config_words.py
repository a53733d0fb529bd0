"""What `occ config set` takes for a value, and what for an option of its own."""

from pathlib import Path

import pytest

from tests.cli.conftest import Occ
from tests.cli.stage import Stage


@pytest.mark.parametrize(
    ("words", "value", "service"),
    [
        (["env.N", "-5"], ("-5",), None),
        (["command", "bash", "-c", "x y"], ("bash", "-c", "x y"), None),
        (["--service", "web", "command", "sh", "--login"], ("sh", "--login"), "web"),
        (["command", "sh", "-c", "x", "--service", "web"], ("sh", "-c", "x"), "web"),
        (["command", "--", "bash", "-o", "pipefail"], ("bash", "-o", "pipefail"), None),
    ],
)
def test_a_value_may_begin_with_a_dash(
    occ: Occ, stage: Stage, words: list[str], value: tuple[str, ...], service: str | None
) -> None:
    assert occ("config", "set", *words).status == 0
    key = next(word for word in words if word in {"env.N", "command"})
    assert stage.calls == [("edited", (key, value, service))]


def test_without_a_value_it_is_refused(occ: Occ, stage: Stage) -> None:
    assert occ("config", "set", "env.N").status == 2
    assert occ("config", "set", "env.N", "-o", "json").status == 2
    assert stage.calls == []


def test_the_schema_is_printed_as_the_file_in_docs_and_needs_neither_config_nor_engine(
    occ: Occ, stage: Stage
) -> None:
    page = Path(__file__).parents[2] / "docs" / "config.schema.json"
    assert occ("config", "schema").out == page.read_text("utf-8")
    assert stage.opened == {}
