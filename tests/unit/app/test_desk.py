"""What the journal tells of one service is never another's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from occ.app.desk import Desk
from occ.app.ledgers import ledger_of, unfinished_of
from occ.domain.events import VersionActivated, VersionRecorded
from occ.journal.port import Stamp
from occ.settings import load
from tests.doubles.journal import MemoryJournal
from tests.unit.journal.samples import PLANNED, STAMP, VERSION


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    config = tmp_path / "config.toml"
    config.touch()
    environ = {"HOME": str(tmp_path), "OCC_CONFIG": str(config)}
    made = Desk(
        settings=load(environ), environ=environ, argv=(), open_journal=lambda _: MemoryJournal()
    )
    yield made
    made.close()


def test_versions_and_unfinished_operations_are_those_of_one_service(desk: Desk) -> None:
    other = Stamp(service="other", operator="ann", at=STAMP.at)
    recorded = VersionRecorded(VERSION)
    activated = VersionActivated(VERSION.number, 0, "update")
    number = desk.journal.open_operation((PLANNED, recorded, activated), other)
    assert ledger_of(desk.journal, "other").current == VERSION.number
    assert ledger_of(desk.journal, "web").versions == {}
    assert unfinished_of(desk.journal, "web") is None
    there = unfinished_of(desk.journal, "other")
    assert there is not None
    assert there.number == number
