"""The step that brings the users of the config into the replacement, from files to files."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.domain.spec import Spec
from occ.engine.values import File
from occ.errors import EngineRefusedError, NotFoundError, UserClashError
from occ.operations.accounts import GROUP, GSHADOW, PASSWD, SHADOW
from occ.operations.steps.users import RecreateUsers
from tests.doubles.engine.image import BuiltImage
from tests.doubles.engine.wire import Loss
from tests.unit.operations.house import NEW, House
from tests.unit.operations.inside import IMAGE

ADVICE = "locked until they have a password: occ user passwd bob --service web"
NOBODY = {"said": "none in the config"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(folder=tmp_path)
    made.engine.stop(made.web, 1_000)
    made.engine.written.clear()
    return made


def step(house: House, *users: str, reset: bool = False) -> RecreateUsers:
    return RecreateUsers(users, source=house.web, reset=reset)


def text(house: House, path: str) -> list[str]:
    there = house.engine.read_file("web.occ-next", path)
    return there.data.decode(errors="surrogateescape").splitlines() if there else []


def own(house: House) -> dict[str, File]:
    """What was written into the replacement, by path."""
    return house.engine.host.there("web.occ-next").files


def with_file(path: str, data: bytes) -> BuiltImage:
    return replace(NEW, files=(*NEW.files, File(path=path, data=data)))


def test_without_users_there_is_nothing_to_do(house: House) -> None:
    house.replacement()
    assert step(house).seen(house.context()) == NOBODY
    assert step(house).apply(house.context()) == NOBODY
    assert own(house) == {}


def test_with_users_nothing_is_believed(house: House) -> None:
    house.replacement()
    step(house, "ann").apply(house.context())
    assert step(house, "ann").seen(house.context()) is None


def test_a_user_comes_as_it_was_with_its_password_and_its_home(house: House) -> None:
    house.replacement()
    assert step(house, "ann").apply(house.context()) == {"said": "ann"}
    assert text(house, PASSWD) == [
        "root:x:0:0::/root:/bin/sh",
        "ann:x:1004:100::/home/ann:/bin/sh",
    ]
    assert text(house, GROUP) == ["root:x:0:", "ann:x:100:"]
    assert text(house, SHADOW) == ["root:*:1::::::", "ann:$y$ann:1::::::"]
    assert text(house, GSHADOW) == ["root:*::", "ann:!::"]
    assert own(house)["/home/ann"] == File(
        path="/home/ann", mode=0o750, uid=1004, gid=100, folder=True
    )


def test_an_account_file_keeps_its_mode_and_its_owners(house: House) -> None:
    house.replacement()
    step(house, "ann").apply(house.context())
    assert (own(house)[SHADOW].mode, own(house)[SHADOW].gid) == (0o640, 42)


def test_only_what_changes_is_written(house: House) -> None:
    house.replacement(IMAGE)
    step(house, "ann").apply(house.context())
    assert own(house) == {}


def test_a_home_that_the_image_has_is_left(house: House) -> None:
    house.replacement(with_file("/home/ann/.profile", b""))
    step(house, "ann").apply(house.context())
    assert house.engine.written == [PASSWD, GROUP, SHADOW, GSHADOW]


@pytest.mark.parametrize("home", ["", "/"])
def test_no_home_is_made_of_the_root_or_of_nothing(house: House, home: str) -> None:
    house.write(PASSWD, f"ann:x:1004:100::{home}:/bin/sh\n")
    house.replacement()
    step(house, "ann").apply(house.context())
    assert sorted(own(house)) == [GROUP, GSHADOW, PASSWD, SHADOW]


def test_a_user_that_the_old_one_does_not_know_is_made_locked_and_that_is_said(
    house: House,
) -> None:
    house.replacement()
    assert step(house, "ann", "bob").apply(house.context()) == {
        "said": "ann, bob",
        "reset": ["bob"],
        "warning": ADVICE,
    }
    assert text(house, SHADOW)[1:] == ["ann:$y$ann:1::::::", "bob:!::0:99999:7:::"]
    assert own(house)["/home/bob"].uid == 1000


def test_with_reset_nobody_has_a_password(house: House) -> None:
    house.replacement()
    assert step(house, "ann", reset=True).apply(house.context()) == {
        "said": "ann",
        "reset": ["ann"],
        "warning": "locked until they have a password: occ user passwd ann --service web",
    }
    assert text(house, SHADOW)[1] == "ann:!:1::::::"


def test_without_an_old_container_everybody_is_made_anew(house: House) -> None:
    house.replacement()
    told = RecreateUsers(("ann", "bob")).apply(house.context())
    assert told["reset"] == ["ann", "bob"]
    assert told["warning"] == (
        "locked until they have a password: "
        "occ user passwd ann --service web, occ user passwd bob --service web"
    )


def test_an_old_container_that_is_gone_counts_as_none(house: House) -> None:
    house.gone()
    house.replacement()
    assert step(house, "ann").apply(house.context())["reset"] == ["ann"]


def test_bytes_that_are_no_text_stay_as_they_are(house: House) -> None:
    there = replace(NEW, files=(File(path=PASSWD, data=b"caf\xe9:x:5:5::/:/bin/sh\n"),))
    house.replacement(there)
    step(house, "ann").apply(house.context())
    assert own(house)[PASSWD].data.startswith(b"caf\xe9:x:5:5::/:/bin/sh\nann:")
    assert text(house, SHADOW) == ["ann:$y$ann:1::::::"]


def test_a_clash_with_the_new_image_fails_the_step(house: House) -> None:
    house.replacement(replace(NEW, files=(File(path=PASSWD, data=b"eve:x:1004:5::/:/bin/sh\n"),)))
    with pytest.raises(UserClashError, match="uid 1004 of ann belongs to eve"):
        step(house, "ann").apply(house.context())


def test_where_nothing_can_be_written_that_is_said_and_costs_the_passwords(house: House) -> None:
    house.replacement()
    refused = EngineRefusedError("the file system is read-only")
    house.engine.wire.lose("write_files", Loss("never", error=refused))
    context = house.gated(spec=Spec(engine={"ReadonlyRootfs": True}))
    assert step(house, "ann", "bob").apply(context) == {
        "said": "not possible",
        "reset": ["ann", "bob"],
        "warning": (
            "users could not be written (the file system is read-only). "
            "locked until they have a password: "
            "occ user passwd ann --service web, occ user passwd bob --service web"
        ),
    }


def test_any_other_refusal_fails_the_step(house: House) -> None:
    """The old container is about to go, and it is the only one that has the hashes."""
    house.replacement()
    for context in (house.fitted(), house.context()):
        refused = EngineRefusedError("no space left on device")
        house.engine.wire.lose("write_files", Loss("never", error=refused))
        with pytest.raises(EngineRefusedError, match="no space left on device"):
            step(house, "ann").apply(context)
    assert own(house) == {}


def test_users_of_a_replacement_that_is_gone_cannot_be_recreated(house: House) -> None:
    with pytest.raises(NotFoundError, match="the replacement of web is gone"):
        step(house, "ann").apply(house.context())
