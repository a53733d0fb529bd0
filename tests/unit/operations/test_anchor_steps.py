"""Volumes that are anchored: which are made or refused, and the rest when all is undone."""

from pathlib import Path

import pytest

from occ.domain.data_sets import DataSet, DataSets, Left
from occ.domain.spec import Spec, Volume
from occ.errors import EngineRefusedError, FailedError
from occ.operations import labels
from occ.operations.steps.anchor import AnchorVolumes, UnanchorVolumes
from occ.operations.steps.prune import PruneData
from tests.doubles.engine.container import MemoryVolume
from tests.unit.operations.house import House
from tests.unit.operations.inside import IMAGE, JOURNAL

NAME, NEW = "web.occ-data-2", ("web.data.occ-7", "web.log.occ-7")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(folder=tmp_path)


def anchor(*volumes: str, make: bool = True, number: int = 2) -> AnchorVolumes:
    return AnchorVolumes(NAME, volumes or NEW, IMAGE.id, number, make)


def test_new_volumes_are_marked_anchored_and_survive_a_prune(house: House) -> None:
    context = house.fitted()
    anchor().apply(context)
    marks = [house.engine.volume(name) or {} for name in NEW]
    assert [
        (m["occ.journal"], m["occ.service"], m["occ.operation"], m["occ.data"]) for m in marks
    ] == [(JOURNAL, "web", "7", "2")] * 2
    assert marks[0]["occ.making"] != marks[1]["occ.making"]
    there = house.engine.inspect(NAME)
    assert there is not None
    assert (there.state, there.image) == ("created", IMAGE.id)
    assert {*there.mounts.values()} == {*NEW}
    assert there.read_only == {*there.mounts}
    assert labels.SERVICE not in there.labels
    assert house.engine.requests[-1].fresh == frozenset()
    assert house.engine.requests[-1].spec.networks == ("none",)
    house.engine.host.prune("volumes")
    assert all(house.engine.volume(name) is not None for name in NEW)


@pytest.mark.parametrize("whose", [{}, {"occ.journal": JOURNAL, "occ.operation": "6"}])
def test_a_volume_of_the_name_that_somebody_else_made_is_never_taken(
    house: House, whose: dict[str, str]
) -> None:
    house.engine.create_volume(NEW[1], whose)
    with pytest.raises(EngineRefusedError, match=r"a volume web.log.occ-7 exists") as told:
        anchor().apply(house.fitted())
    assert told.value.hint == "if nothing needs it: docker volume rm web.log.occ-7"
    assert anchor().seen(house.fitted()) is None
    anchor().settle(house.fitted())
    assert anchor().revert(house.fitted()) == {}
    assert house.engine.volume(NEW[1]) == whose
    assert house.engine.volume(NEW[0]) is None
    assert NAME not in house.engine.names()


def test_without_make_a_missing_volume_is_said_and_not_made(house: House) -> None:
    house.volume("web.data")
    step = anchor("web.data", "web.log", make=False)
    told = step.apply(house.fitted())
    assert told["warning"] == "the volume web.log is gone, and nothing anchors it"
    step.settle(house.fitted())
    assert house.engine.volume("web.log") is None
    there = house.engine.inspect(NAME)
    assert there is not None
    assert {*there.mounts.values()} == {"web.data"}
    assert anchor("web.log", make=False).apply(house.fitted())["said"] == "0 volumes"


def test_volumes_that_were_there_stay_when_they_are_no_longer_anchored(house: House) -> None:
    house.volume("web.data", "app.db", mine=False)
    step = anchor("web.data", make=False)
    step.apply(house.fitted())
    assert step.seen(house.fitted()) is not None
    step.revert(house.fitted())
    assert NAME not in house.engine.names()
    assert house.engine.host.volumes["web.data"].files.keys() == {"app.db"}


def test_a_container_of_somebody_else_with_the_name_is_left(house: House) -> None:
    theirs = house.put(NAME)
    with pytest.raises(FailedError, match="already in use") as told:
        anchor().apply(house.fitted())
    assert told.value.hint == f"docker rm {NAME}"
    anchor().revert(house.fitted())
    assert house.engine.names()[NAME] == theirs
    assert house.engine.volume(NEW[0]) is None


def test_a_volume_that_a_container_mounts_is_left_and_told(house: House) -> None:
    anchor().apply(house.fitted())
    house.put("stranger", spec=Spec(volumes=(Volume(name=NEW[0], path="/x"),)))
    result = anchor().revert(house.fitted())
    assert "the container stranger mounts the volume web.data.occ-7" in str(result["warning"])
    assert house.engine.volume(NEW[0]) is not None
    assert house.engine.volume(NEW[1]) is None


def test_a_volume_that_goes_while_it_is_to_be_anchored_is_not_made_by_the_engine_unseen(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = house.engine.create

    def pruned(request: object) -> str:
        del house.engine.host.volumes[NEW[0]]
        return create(request)  # type: ignore[arg-type]

    monkeypatch.setattr(house.engine, "create", pruned)
    with pytest.raises(FailedError, match=r"web.data.occ-7 was removed meanwhile"):
        anchor().apply(house.fitted())
    assert anchor().seen(house.fitted()) is None


def test_what_an_earlier_operation_anchors_is_let_go_by_number_alone(house: House) -> None:
    house.volume("web.data")
    known = {labels.JOURNAL: JOURNAL, labels.HELPER: "data 2 of web", labels.OPERATION: "3"}
    made = house.put(NAME, spec=Spec(volumes=(Volume(name="web.data", path="/occ-data/1"),)))
    house.engine.host.there(made).labels = known
    step = anchor("web.data", make=False)
    assert step.seen(house.fitted()) is not None
    step.revert(house.fitted())
    assert NAME in house.engine.names()
    UnanchorVolumes(1).apply(house.fitted())
    assert NAME in house.engine.names()
    assert UnanchorVolumes(2).seen(house.fitted()) is None
    for _ in range(2):
        UnanchorVolumes(2).apply(house.fitted())
    assert NAME not in house.engine.names()
    assert UnanchorVolumes(2).seen(house.fitted()) is not None


def test_an_anchor_of_fewer_volumes_is_made_anew(house: House) -> None:
    anchor(NEW[0]).apply(house.fitted())
    assert anchor().seen(house.fitted()) is None
    anchor().apply(house.fitted())
    there = house.engine.inspect(NAME)
    assert there is not None
    assert {*there.mounts.values()} == {*NEW}


def test_a_volume_that_was_pruned_is_made_again_as_another_one(house: House) -> None:
    anchor().apply(house.fitted())
    before = house.engine.volume(NEW[0]) or {}
    house.engine.host.prune("containers")
    house.engine.host.prune("volumes")
    assert anchor().seen(house.fitted()) is None
    anchor().apply(house.fitted())
    again = house.engine.volume(NEW[0]) or {}
    assert again[labels.MAKING] != before[labels.MAKING]
    assert house.engine.host.volumes[NEW[0]] == MemoryVolume(dict(again))


def test_a_volume_that_the_set_which_is_pruned_shares_with_a_kept_one_stays_anchored(
    house: House,
) -> None:
    for name in ("data.2", "logs.3"):
        house.volume(name, "file")
    house.data = DataSets(
        known={
            2: DataSet(number=2, volumes={"data": "data.2", "logs": "logs.2"}),
            3: DataSet(number=3, volumes={"data": "data.2", "logs": "logs.3"}),
            4: DataSet(number=4, volumes={"data": "data.4", "logs": "logs.4"}),
        },
        number=4,
        left={2: Left(version=1, at=1), 3: Left(version=2, at=2)},
    )
    anchored = ("data.2", "logs.3")
    AnchorVolumes("web.occ-data-3", anchored, IMAGE.id, 3, make=False).apply(house.fitted())
    step = PruneData(str(house.store.folder), ("data set 3: beyond keep_last 1",))
    assert step.apply(house.fitted())["said"] == "data set 3"
    assert house.engine.volume("logs.3") is None
    assert house.state("web.occ-data-3") is None
    (anchor,) = house.engine.containers({labels.HELPER: "data 2 of web"})
    assert anchor.name == "web.occ-data-2"
    assert list(anchor.mounts.values()) == ["data.2"]
