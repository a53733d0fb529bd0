"""An unfinished operation that works aside is told; `restart` is made one here."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from occ.app.ledgers import any_unfinished
from occ.domain.kinds import KINDS, Claim, KindFacts
from occ.errors import UnfinishedError
from tests.faults.memory import NAME, MemoryWorld

DEAD = -9


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryWorld:
    """A service that runs, and beside it an operation that died before its second write."""
    facts = replace(KINDS["restart"], works="aside", needs=frozenset[Claim]())
    monkeypatch.setitem(cast("dict[str, KindFacts]", KINDS), "restart", facts)
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    assert made.occ("restart", "journal:2:before") == DEAD
    return made


def test_status_tells_it_and_the_service_is_compared_all_the_same(world: MemoryWorld) -> None:
    operation = any_unfinished(world.journal, NAME)
    status = world.app.status(NAME)
    assert operation is not None
    assert status.unfinished is not None
    assert status.unfinished.operation == operation.number
    assert [f.code for f in world.app.doctor(NAME) if f.service] == ["unfinished"]
    world.engine.set_policy(status.container, "no")
    assert world.app.status(NAME).drift
    codes = [f.code for f in world.app.doctor(NAME) if f.service]
    assert codes == ["unfinished", "restart_policy"]


def test_the_operation_on_the_service_itself_comes_first(world: MemoryWorld) -> None:
    assert world.occ("stop", "journal:2:before") == DEAD
    status = world.app.status(NAME)
    assert status.unfinished is not None
    assert status.unfinished.kind == "stop"
    assert [f.code for f in world.app.doctor(NAME) if f.service] == ["unfinished"]


def test_a_purge_waits_for_it(world: MemoryWorld) -> None:
    with pytest.raises(UnfinishedError, match="restart"):
        world.app.purging(NAME)
