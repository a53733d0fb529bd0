"""Step names: every one is a class's, and none is written down anywhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import occ
from occ.domain import step_names
from occ.operations.steps import STEPS

NAMES = {value for name, value in vars(step_names).items() if name.isupper()}
HOUSE = Path(occ.__file__).parent
HOME = HOUSE / "domain" / "step_names.py"


def _literals(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Constant) and node.value in NAMES:
            yield f"{file.relative_to(HOUSE)}:{node.lineno}: {node.value!r}"


def test_every_name_is_that_of_a_step_and_every_step_has_one() -> None:
    assert set(STEPS) == NAMES


def test_no_other_file_writes_a_name_down() -> None:
    files = [file for file in HOUSE.rglob("*.py") if file != HOME]
    assert len(files) > 200
    assert [found for file in files for found in _literals(file)] == []
