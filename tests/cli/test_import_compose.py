"""What `occ import-compose` says and asks."""

from tests.cli.conftest import Occ
from tests.cli.stage import Stage


def test_it_says_what_is_left_shows_the_difference_and_asks(occ: Occ, stage: Stage) -> None:
    said = occ("import-compose", "shop.json", typed="y\n", terminal=80)
    assert said.status == 0
    assert "note: not said: services.web.platform: the engine takes the image of" in said.err
    assert '+[services.web]\n+image = "example.test/web:latest"\n' in said.err
    assert "Write this into /etc/occ/config.toml? [y/N] " in said.err
    assert said.out == (
        "shop: db, web written into /etc/occ/config.toml\n"
        "values of secrets were not written; store each, unless it is there:\n"
        "  occ secret set DB_PASSWORD --service db\n"
    )
    assert stage.calls == [("import_compose", ("shop.json", None, None))]
    assert stage.opened["new"]


def test_a_model_that_is_piped_is_shown_and_written_only_with_yes(occ: Occ, stage: Stage) -> None:
    said = occ("import-compose", "-", piped=b"{}")
    assert (said.status, said.out) == (4, "")
    assert '+[services.web]\n+image = "example.test/web:latest"\n' in said.err
    assert "occ import-compose - --yes" in said.err
    assert occ("import-compose", "--yes", "--service", "db", piped=b"{}").status == 0
    assert stage.calls == [
        ("import_compose", ("-", b"{}", None)),
        ("import_compose", ("-", b"{}", "db")),
    ]


def test_a_person_without_a_model_is_told_how_to_get_one(occ: Occ, stage: Stage) -> None:
    said = occ("import-compose", typed="", terminal=80)
    assert said.status == 2
    assert "docker compose -f FILE config --format json | occ import-compose -" in said.err
    assert stage.calls == []


def test_a_model_without_end_is_not_read_to_its_end(occ: Occ, stage: Stage) -> None:
    said = occ("import-compose", "-", piped=b" " * (1 << 20) + b"{}")
    assert said.status == 2
    assert "larger than 1048576 bytes" in said.err
    assert stage.calls == []


def test_no_writes_nothing(occ: Occ) -> None:
    assert occ("import-compose", "shop.json", typed="n\n", terminal=80).status == 4
