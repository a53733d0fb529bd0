"""A Compose project taken over: what stands in our config afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from occ.app.config.import_compose import ComposeImported, import_compose
from occ.app.config.interview import Writing
from occ.app.desk import Desk
from occ.errors import ConfigError, DeclinedError
from occ.settings import load
from tests.clock import FakeClock
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.journal import MemoryJournal

SHOP = {
    "name": "shop",
    "services": {
        "web": {
            "image": "a/web:1",
            "depends_on": {"db": {"condition": "service_healthy"}},
            "networks": {"default": None},
        },
        "db": {
            "image": "a/db:1",
            "environment": {"DB_PASSWORD": "hunter2hunter2"},
            "networks": {"default": None},
        },
    },
    "networks": {"default": {"name": "shop_default"}},
}
MINE = "# mine\n[services.db]\nimage = 'a/b:1'  # the blog's\n"


class Move:
    """A folder with our config, and what was told on the way."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config.toml"
        self.folder = folder
        self.told: list[str] = []
        self.shown: list[Writing] = []
        self.agrees = True
        self.desks: list[Desk] = []

    def desk(self) -> Desk:
        environ = {"HOME": str(self.folder), "OCC_CONFIG": str(self.config)}
        made = Desk(
            settings=load(environ, new=True),
            environ=environ,
            argv=(),
            open_journal=lambda _: MemoryJournal(),
            open_engine=lambda: MemoryEngine(FakeClock()),
        )
        self.desks.append(made)
        return made

    def __call__(self, model: Any = SHOP, only: str | None = None) -> ComposeImported:
        def agree(writing: Writing) -> bool:
            self.shown.append(writing)
            return self.agrees

        given = json.dumps(model).encode()
        return import_compose(self.desk(), "-", given, only, self.told.append, agree)


@pytest.fixture
def move(tmp_path: Path) -> Iterator[Move]:
    made = Move(tmp_path)
    yield made
    for desk in made.desks:
        desk.close()


def test_the_tables_stand_in_the_order_of_their_start(move: Move) -> None:
    done = move()
    assert (done.project, done.services, done.written) == ("shop", ("db", "web"), True)
    assert [*move.desk().settings.services] == ["db", "web"]
    assert done.secrets == ("occ secret set DB_PASSWORD --service db",)
    (shown,) = move.shown
    assert "+[services.db]" in shown.diff
    assert "hunter2" not in "".join((shown.diff, *move.told, move.config.read_text()))
    assert [*move.folder.glob("*.secrets")] == []
    amiss = {one.what: one.fix for one in shown.prechecks if not one.fine}
    assert amiss["network"] == "docker network create shop_default"
    assert amiss["secret"] == "occ secret set DB_PASSWORD --service db"


def test_twice_is_once(move: Move) -> None:
    move()
    before = move.config.read_text()
    assert not move().written
    assert move.config.read_text() == before
    assert len(move.shown) == 1


def test_a_changed_model_changes_its_own_tables_alone(move: Move) -> None:
    move()
    changed = json.loads(json.dumps(SHOP))
    changed["services"]["web"]["image"] = "a/web:2"
    assert move(changed).written
    lines = [line for line in move.shown[-1].diff.splitlines() if line[0] in "+-"]
    assert lines[2:] == ['-image = "a/web:1"', '+image = "a/web:2"']


def test_a_service_of_another_project_stays_as_it_is(move: Move) -> None:
    move.config.write_text(MINE)
    assert move().services == ("shop-db", "web")
    assert move.config.read_text().startswith(MINE)


def test_no_writes_nothing(move: Move) -> None:
    move.agrees = False
    with pytest.raises(DeclinedError, match="nothing was written"):
        move()
    assert not move.config.exists()


def test_a_file_that_is_not_there_and_one_that_is_raw(move: Move) -> None:
    def taken(source: Path) -> None:
        import_compose(move.desk(), str(source), None, None, move.told.append, lambda _: True)

    with pytest.raises(ConfigError, match="there is no such file"):
        taken(move.folder / "none.json")
    raw = move.folder / "compose.yml"
    raw.write_text("services:\n  web:\n    image: a/b\n")
    with pytest.raises(ConfigError, match="this is a raw Compose file") as caught:
        taken(raw)
    assert caught.value.hint == (
        f"docker compose -f {raw} config --format json | occ import-compose -"
    )


def test_a_model_of_nothing_that_can_be_said_is_an_error(move: Move) -> None:
    with pytest.raises(ConfigError, match="none of its services can be imported"):
        move({"name": "shop", "services": {"web": {}}})
    assert move.told == [
        "not said: services.web: it is not imported: it has no image that can be read"
    ]


def test_a_port_that_two_services_want_is_told_before_anything_is_shown(move: Move) -> None:
    port = [{"target": 80, "published": "8080"}]
    both = {"web": {"image": "a/b", "ports": port}, "api": {"image": "a/c", "ports": port}}
    with pytest.raises(ConfigError, match=r"- cannot be written: .*8080"):
        move({"name": "shop", "services": both})
    assert move.shown == []
