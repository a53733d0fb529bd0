"""What the journal tells of one service is never another's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from occ.app.desk import Desk
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
    made = Desk(settings=load(environ), environ=environ, argv=())
    made.__dict__["journal"] = MemoryJournal()
    yield made
    made.close()


def test_versions_and_unfinished_operations_are_those_of_one_service(desk: Desk) -> None:
    other = Stamp(service="other", operator="ann", at=STAMP.at)
    recorded = VersionRecorded(VERSION)
    activated = VersionActivated(VERSION.number, 0, "update")
    number = desk.journal.open_operation((PLANNED, recorded, activated), other)
    assert desk.ledger("other").current == VERSION.number
    assert desk.ledger("web").versions == {}
    assert desk.unfinished("web") is None
    there = desk.unfinished("other")
    assert there is not None
    assert there.number == number
