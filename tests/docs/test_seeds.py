"""Seeded bugs stay where the code is: a run of all of them takes too long for every day."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = tomllib.loads((ROOT / "tests" / "seeds" / "seeds.toml").read_text("utf-8"))["seed"]


@pytest.mark.parametrize("seed", SEEDS, ids=[seed["fault"] for seed in SEEDS])
def test_a_bug_has_one_place_and_a_test(seed: dict[str, str]) -> None:
    assert (ROOT / seed["file"]).read_text("utf-8").count(seed["find"]) == 1
    file, _, name = seed["test"].partition("::")
    text = (ROOT / file).read_text("utf-8")
    assert re.search(rf"^def {name.partition('[')[0]}\(", text, re.MULTILINE)
