"""`occ adopt --project`: all are shown, one answer is given, one after the other is taken on."""

import json
from pathlib import Path
from typing import Any

import pytest

from occ.app.app import App
from occ.domain.spec import Spec
from tests.cli.conftest import Occ
from tests.cli.stage import Stage
from tests.unit.app.composed import Composed


@pytest.fixture
def composed(tmp_path: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Composed:
    """The real app on an engine in memory, with a project of three services."""
    made = Composed(tmp_path)
    made.made("web", "db:service_healthy:false,cache:service_started:false")
    made.made("cache")
    made.made("db", spec=Spec(env={"DB_PASSWORD": "hunter2hunter2"}, restart="no"))
    monkeypatch.setattr(stage, "open", lambda *_, **__: App(made.theirs.desk()))
    return made


def lines(text: str) -> list[tuple[str, str, int | None]]:
    result: list[dict[str, Any]] = json.loads(text)["result"]
    return [(one["service"], one["ended"], one["exit_status"]) for one in result]


def config(composed: Composed) -> str:
    return composed.theirs.config.read_text()


def test_all_tables_are_shown_before_one_question(occ: Occ, composed: Composed) -> None:
    said = occ("adopt", "--project", "shop", typed="n\n", terminal=200)
    assert said.status == 4
    shown, _, asked = said.err.partition("Take on these 3, one after the other? [y/N]")
    assert asked
    for name in ("db", "cache", "web"):
        assert f"  | [services.{name}]\n" in shown
    assert shown.index("[services.cache]") < shown.index("[services.web]")
    assert "hunter2" not in said.err
    assert config(composed) == ""
    said = occ("adopt", "--project", "shop", typed="y\n", terminal=200)
    assert said.status == 0
    assert [line.split()[:3] for line in said.out.splitlines()][1:] == [
        ["cache", "done", "0"],
        ["db", "done", "0"],
        ["web", "done", "0"],
    ]
    text = config(composed)
    assert text.index("[services.cache]") < text.index("[services.db]") < text.index("services.web")
    assert 'container = "shop-web-1"' in text


def test_with_yes_and_again(occ: Occ, composed: Composed) -> None:
    said = occ("adopt", "--project", "shop", "--yes", "-o", "json")
    assert lines(said.out) == [("cache", "done", 0), ("db", "done", 0), ("web", "done", 0)]
    before = config(composed)
    said = occ("adopt", "--project", "shop", "--yes", "-o", "json")
    assert (said.status, lines(said.out)) == (0, [])
    assert "container shop-web-1 is left out: it is looked after already, as web" in said.err
    assert config(composed) == before


def test_nobody_to_ask_is_a_refusal(occ: Occ, composed: Composed) -> None:
    said = occ("adopt", "--project", "shop")
    assert said.status == 4
    assert "occ adopt --project shop --yes" in said.err
    assert config(composed) == ""


def test_a_plan_for_people_and_programs(occ: Occ, composed: Composed) -> None:
    said = occ("adopt", "--project", "shop", "--plan")
    assert said.status == 10
    assert said.out.index("[services.db]") < said.out.index("[services.web]")
    plans = json.loads(occ("adopt", "--project", "shop", "--plan", "-o", "json").out)["result"]
    assert [plan["service"] for plan in plans] == ["cache", "db", "web"]
    assert all(plan["declaration"] for plan in plans)
    assert config(composed) == ""


def test_one_that_cannot_be_carried_is_told_before_the_first_is_taken_on(
    occ: Occ, composed: Composed
) -> None:
    composed.made("odd", "web:service_started:false", spec=Spec(networks=("container:shop-web-1",)))
    said = occ("adopt", "--project", "shop", "--yes")
    assert said.status == 4
    assert "container shop-odd-1 cannot be adopted" in said.err
    assert config(composed) == ""


def test_the_first_failure_ends_it_and_the_same_command_goes_on(
    occ: Occ, composed: Composed, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The secrets file of db gets another value after the plan, as somebody types it meanwhile.
    secrets = composed.folder / "db.secrets"
    asked = "occ.cli.change.project.said_yes"

    def meanwhile(*_: object) -> bool:
        secrets.write_text("DB_PASSWORD=another\n")
        secrets.chmod(0o600)
        return True

    monkeypatch.setattr(asked, meanwhile)
    said = occ("adopt", "--project", "shop", "-o", "json")
    assert said.status == 4
    assert lines(said.out) == [
        ("cache", "done", 0),
        ("db", "refused", 4),
        ("web", "not tried", None),
    ]
    assert "not adopted: shop-db-1, shop-web-1" in said.err
    assert "occ adopt --project shop" in said.err
    secrets.unlink()
    said = occ("adopt", "--project", "shop", "--yes", "-o", "json")
    assert lines(said.out) == [("db", "done", 0), ("web", "done", 0)]


@pytest.mark.parametrize(
    "words",
    [
        ["adopt", "shop-web-1", "--project", "shop"],
        ["adopt", "--project", "shop", "--secret", "X"],
        ["adopt", "--project", "shop", "--service", "web"],
        ["adopt", "--project", ""],
        ["adopt"],
    ],
)
def test_words_that_do_not_fit(occ: Occ, composed: Composed, words: list[str]) -> None:
    assert occ(*words).status == 2
    assert config(composed) == ""
