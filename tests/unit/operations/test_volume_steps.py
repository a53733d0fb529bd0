"""The steps that copy an anonymous volume into a named one, and the one that removes a volume."""

from pathlib import Path

import pytest

from occ.domain.spec import Spec, Volume
from occ.engine.values import ContainerRequest
from occ.errors import EngineRefusedError, EngineUnreachableError, FailedError
from occ.operations.steps.removal import RemoveVolume
from occ.operations.steps.volumes import CopyVolume, ReserveVolume
from tests.doubles.engine.wire import Loss
from tests.unit.operations.house import ANONYMOUS, House
from tests.unit.operations.inside import IMAGE

MARK = {
    "occ.journal": "0123456789abcdef",
    "occ.service": "web",
    "occ.version": "3",
    "occ.operation": "7",
    "occ.copy": ANONYMOUS,
}
HELPER = {
    "occ.journal": "0123456789abcdef",
    "occ.operation": "7",
    "occ.helper": f"copy of {ANONYMOUS}",
}
RESERVE = ReserveVolume("web.data", ANONYMOUS, 3)
COPY = CopyVolume(ANONYMOUS, "web.data", IMAGE.id)
COPIED = {
    "said": "web.data",
    "warning": f"the anonymous volume it was copied from stays: docker volume rm {ANONYMOUS}",
}
NOT_MINE = [
    {},
    {**MARK, "occ.journal": "another"},
    {**MARK, "occ.operation": "6"},
    {**MARK, "occ.copy": "another"},
]


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(folder=tmp_path)
    made.volume(ANONYMOUS, "app.db", mine=False)
    made.volume("web.data")
    made.engine.requests.clear()
    return made


@pytest.fixture
def bare(tmp_path: Path) -> House:
    return House(folder=tmp_path)


def request(which: str, volume: str, *, read_only: bool, image: str = IMAGE.id) -> ContainerRequest:
    return ContainerRequest(
        name=f"web.occ-copy-{which}",
        image=image,
        spec=Spec(
            volumes=(Volume(name=volume, path="/occ-volume", read_only=read_only),),
            command=("never started",),
            networks=("none",),
        ),
        labels=HELPER,
        alias="web",
    )


def names(house: House) -> set[str]:
    return set(house.engine.names())


def data(house: House, volume: str) -> dict[str, bytes]:
    return {path: file.data for path, file in house.engine.host.volumes[volume].files.items()}


def test_a_volume_is_reserved_with_the_labels_by_which_it_is_known_again(bare: House) -> None:
    assert RESERVE.seen(bare.context()) is None
    assert RESERVE.apply(bare.context()) == {"said": "web.data"}
    assert bare.engine.volume("web.data") == MARK
    assert RESERVE.seen(bare.context()) == {"said": "web.data"}
    assert RESERVE.apply(bare.context()) == {"said": "web.data"}


def test_a_reserved_volume_goes_when_that_is_undone(bare: House) -> None:
    RESERVE.apply(bare.context())
    assert RESERVE.revert(bare.context()) == {"said": "removed"}
    assert bare.engine.volume("web.data") is None
    assert RESERVE.revert(bare.context()) == {}


def test_a_reservation_in_doubt_is_made_before_it_is_undone(bare: House) -> None:
    RESERVE.settle(bare.context())
    assert bare.engine.volume("web.data") == MARK


@pytest.mark.parametrize("mark", NOT_MINE)
def test_a_volume_that_was_there_is_never_written_into_nor_removed(
    bare: House, mark: dict[str, str]
) -> None:
    bare.engine.create_volume("web.data", mark)
    assert RESERVE.seen(bare.context()) is None
    with pytest.raises(EngineRefusedError, match="exists, and would be written into") as told:
        RESERVE.apply(bare.context())
    assert told.value.hint == "if nothing needs it: docker volume rm web.data"
    RESERVE.settle(bare.context())
    assert RESERVE.revert(bare.context()) == {}
    assert bare.engine.volume("web.data") == mark


def test_a_copy_goes_through_two_helpers_that_are_never_started(house: House) -> None:
    assert COPY.apply(house.context()) == COPIED
    assert house.engine.requests == [
        request("from", ANONYMOUS, read_only=True),
        request("to", "web.data", read_only=False),
    ]
    assert names(house) == {"web"}
    assert data(house, "web.data") == {"app.db": b"app.db"}
    assert data(house, ANONYMOUS) == {"app.db": b"app.db"}


def test_nothing_is_copied_of_a_volume_that_is_gone_and_none_is_made(house: House) -> None:
    del house.engine.host.volumes[ANONYMOUS]
    assert COPY.apply(house.context()) == {
        "said": "nothing to copy",
        "warning": "the anonymous volume abababababab is gone: web.data begins empty",
    }
    COPY.settle(house.context())
    assert house.engine.requests == []
    assert house.engine.volume(ANONYMOUS) is None


def test_a_copy_is_believed_only_when_the_replacement_has_run_on_it(house: House) -> None:
    assert COPY.seen(house.context()) is None
    made = house.replacement()
    assert COPY.seen(house.context()) is None
    house.engine.start(made)
    assert COPY.seen(house.context()) == COPIED


def test_a_copy_that_breaks_off_leaves_no_helper(house: House) -> None:
    house.engine.wire.lose("copy_folder", Loss("never"))
    with pytest.raises(EngineUnreachableError):
        COPY.apply(house.context())
    assert names(house) == {"web"}


def test_helpers_of_an_earlier_attempt_are_removed_and_nobody_elses(house: House) -> None:
    for name, labels in {
        "ours": HELPER,
        "another operation's": {**HELPER, "occ.operation": "6"},
        "another volume's": {**HELPER, "occ.helper": "copy of web.data"},
        "another journal's": {**HELPER, "occ.journal": "another"},
    }.items():
        house.engine.create(
            ContainerRequest(name=name, image=IMAGE.id, spec=Spec(), labels=labels, alias="web")
        )
    assert COPY.revert(house.context()) == {}
    assert names(house) == {"web", "another operation's", "another volume's", "another journal's"}
    assert COPY.apply(house.context()) == COPIED


def test_a_helper_of_an_earlier_attempt_that_comes_late_is_used(house: House) -> None:
    house.engine.wire.lose("create", Loss("later", 15))
    with pytest.raises(EngineUnreachableError):
        COPY.apply(house.context())
    assert COPY.apply(house.context()) == COPIED
    assert names(house) == {"web"}
    assert data(house, "web.data") == {"app.db": b"app.db"}


@pytest.mark.parametrize("which", ["from", "to"])
def test_somebody_elses_container_under_the_name_of_a_helper_stays(
    house: House, which: str
) -> None:
    name = f"web.occ-copy-{which}"
    house.put(name)
    with pytest.raises(FailedError, match="already in use") as told:
        COPY.apply(house.context())
    assert told.value.hint == f"docker rm {name}"
    assert type(told.value) is FailedError
    COPY.settle(house.context())
    COPY.revert(house.context())
    assert names(house) == {"web", name}


def test_helpers_that_cannot_be_made_need_no_removal(house: House) -> None:
    CopyVolume(ANONYMOUS, "web.data", "sha256:gone").settle(house.context())
    assert [one.name for one in house.engine.requests] == ["web.occ-copy-from"]
    assert names(house) == {"web"}


def test_a_volume_of_ours_is_removed_with_its_data(house: House) -> None:
    step = RemoveVolume("web.data")
    assert step.seen(house.context()) is None
    assert step.apply(house.context()) == {"said": "removed"}
    assert house.engine.volume("web.data") is None
    assert step.seen(house.context()) == {"said": "removed"}
    assert step.apply(house.context()) == {"said": "removed"}


def test_a_volume_that_is_not_ours_is_left_and_that_is_said(house: House) -> None:
    assert RemoveVolume(ANONYMOUS).apply(house.context()) == {
        "said": "left",
        "warning": f"volume {ANONYMOUS} is not occ's, and was left",
    }
    assert data(house, ANONYMOUS) == {"app.db": b"app.db"}


def test_a_volume_that_a_container_has_cannot_be_removed(house: House) -> None:
    house.put("other", spec=Spec(volumes=(Volume(name="web.data", path="/data"),)))
    with pytest.raises(EngineRefusedError, match="volume is in use"):
        RemoveVolume("web.data").apply(house.context())
