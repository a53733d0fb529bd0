"""`occ adopt` of a container with a doubtful secret: asked on a terminal, a note with --yes."""

import json
from pathlib import Path

import pytest

from occ.app.app import App
from occ.domain.spec import Spec
from tests.cli.conftest import Occ, Said
from tests.cli.stage import Stage
from tests.unit.app.theirs import Theirs

NOTE = (
    "note: the value of POSTGRES_PASSWORD is short or a common word, and stays where it may stand "
    "for something else: env.POSTGRES_USER, env.POSTGRES_DB; if it is the secret there, write "
    "{{secret:POSTGRES_PASSWORD}}"
)


@pytest.fixture
def theirs(tmp_path: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Theirs:
    """The real app on an engine in memory, with a container that has one word for everything."""
    made = Theirs(tmp_path)
    names = ("POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB")
    made.made(Spec(env=dict.fromkeys(names, "postgres"), restart="no"))
    monkeypatch.setattr(stage, "open", lambda *_, **__: App(made.desk()))
    return made


def told(said: Said) -> bool:
    return NOTE in said.err.replace("\n  ", " ")


def test_on_a_terminal_the_question_names_it(occ: Occ, theirs: Theirs) -> None:
    said = occ("adopt", "shop", typed="n\n", terminal=400)
    assert said.status == 4
    assert told(said)
    assert said.err.index("POSTGRES_USER") < said.err.index("Go on? [y/N]")
    assert theirs.config.read_text() == ""
    said = occ("adopt", "shop", typed="y\n", terminal=400)
    assert (said.status, told(said)) == (0, True)
    assert 'secrets = ["POSTGRES_PASSWORD"]' in theirs.config.read_text()


def test_nobody_to_ask_is_a_refusal(occ: Occ, theirs: Theirs) -> None:
    said = occ("adopt", "shop")
    assert said.status == 4
    assert "nobody to ask" in said.err
    assert theirs.config.read_text() == ""


def test_with_yes_it_goes_on_with_a_note(occ: Occ, theirs: Theirs) -> None:
    said = occ("adopt", "shop", "--yes")
    assert (said.status, told(said)) == (0, True)
    assert "Go on?" not in said.err
    text = theirs.config.read_text()
    for line in (
        'secrets = ["POSTGRES_PASSWORD"]',
        'POSTGRES_USER = "postgres"',
        'POSTGRES_DB = "postgres"',
    ):
        assert line in text
    assert theirs.secrets == "POSTGRES_PASSWORD=postgres\n"


def test_a_program_that_plans_is_told_too(occ: Occ, theirs: Theirs) -> None:
    said = occ("adopt", "shop", "--plan", "-o", "json")
    assert NOTE.removeprefix("note: ") in json.loads(said.out)["result"]["warnings"]
    assert theirs.config.read_text() == ""
