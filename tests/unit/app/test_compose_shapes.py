"""Eight projects that people host themselves, in their shapes: what is said, and what is not."""

import json
from pathlib import Path

import pytest

from occ.app.config.compose.tables import tables_of
from occ.settings.read import services_of
from occ.settings.toml.table_text import emit

MODELS = sorted((Path(__file__).parents[2] / "compose").glob("*.json"))
GOLDEN = Path(__file__).parents[2] / "golden" / "compose"
# The values in these files that must stand nowhere.
VALUES = (
    *("argon2id", "corr3ct-h0rse", "batt3ry-st4ple", "g1tea-pass-word", "imm1ch-p4ss"),
    *("ch4nge-me-please", "m1nif1ux-secret", "test1234"),
)


def text_of(model: Path) -> str:
    """The tables of a model, and below them as comments what they do not say."""
    found = tables_of(model.read_text(), model.name)
    tables = "\n".join(emit(("services", name), one) for name, one in found.tables.items())
    told = [
        *(f"not said: {one}" for one in found.left),
        *(f"note: {one}" for one in found.notes),
        *(
            f"to store: occ secret set {name} --service {service}"
            for service, names in found.secrets.items()
            for name in names
        ),
    ]
    return f"{tables}\n" + "".join(f"# {one}\n" for one in told)


def test_there_are_eight() -> None:
    assert len(MODELS) == 8


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_a_shape_becomes_these_tables(model: Path, request: pytest.FixtureRequest) -> None:
    text, golden = text_of(model), GOLDEN / f"{model.stem}.toml"
    if request.config.getoption("--update-golden"):
        golden.write_text(text)
    assert text == golden.read_text(), f"pytest {Path(__file__).name} --update-golden"


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_the_tables_are_a_config_and_hold_no_secret(model: Path) -> None:
    text = text_of(model)
    assert services_of(text, Path("config.toml"), "")
    assert [value for value in VALUES if value in text] == []


def test_the_files_hold_the_values_that_are_looked_for() -> None:
    whole = "".join(model.read_text() for model in MODELS)
    assert [value for value in VALUES if value not in whole] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_every_service_is_imported_or_told_of(model: Path) -> None:
    found = tables_of(model.read_text(), model.name)
    known = json.loads(model.read_text())["services"]
    left = [one for one in known if any(f"services.{one}: it is not" in it for it in found.left)]
    assert len(found.tables) + len(left) == len(known)
