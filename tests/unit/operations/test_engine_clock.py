"""The engine's time, by which a downtime is counted."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.engine.values import EngineInfo
from tests.unit.operations.house import House


@pytest.mark.parametrize(("told", "ahead"), [(90_000, 90_000), (-90_000, -90_000), (None, 0)])
def test_it_is_the_engines_own_where_it_tells_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: int | None, ahead: int
) -> None:
    house = House(folder=tmp_path)
    context = house.fitted()
    info = house.engine.info()

    def tell() -> EngineInfo:
        return replace(info, now=0 if told is None else context.clock.now() + told)

    monkeypatch.setattr(house.engine, "info", tell)
    assert context.engine_now() == context.clock.now() + ahead
