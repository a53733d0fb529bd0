"""The steps that make and remove an account with the container's own programs."""

from dataclasses import replace

import pytest

from occ.engine.values import Ran
from occ.errors import NotFoundError, UserToolError
from occ.operations.accounts import GROUP, PASSWD, SHADOW
from occ.operations.steps.account import AddUser, RemoveUser
from tests.unit.operations.inside import IMAGE, Inn

USERADD, USERDEL = "/usr/sbin/useradd", "/usr/sbin/userdel"
MAKE_BOB = f"{USERADD} -U -m -d /home/bob -s /bin/bash bob"
TAKE_BOB = f"{USERDEL} -f -r bob"
HALF = "root:x:0:0::/root:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/bash\n"


@pytest.fixture
def inn() -> Inn:
    return Inn()


def bob(inn: Inn) -> AddUser:
    return AddUser(inn.web, "bob", home="/home/bob", shell="/bin/bash")


def test_an_account_is_made_with_a_group_and_a_home_of_its_own(inn: Inn) -> None:
    assert bob(inn).apply(inn.context()) == {"said": "uid 1000", "uid": 1000}
    assert inn.words == [MAKE_BOB]
    assert inn.line(PASSWD, "bob") == "bob:x:1000:1000::/home/bob:/bin/bash"
    assert inn.engine.read_file(inn.web, "/home/bob") is not None


def test_groups_and_a_uid_that_were_asked_for_are_asked_of_useradd(inn: Inn) -> None:
    step = replace(bob(inn), groups=("staff", "ann"), uid="1500")
    assert step.apply(inn.context())["uid"] == 1500
    assert inn.words == [MAKE_BOB.removesuffix("bob") + "-G staff,ann -u 1500 bob"]
    assert inn.line(GROUP, "staff") == "staff:x:50:bob"
    assert inn.line(GROUP, "ann") == "ann:x:100:bob"


def test_the_uid_that_is_said_is_that_of_the_user(inn: Inn) -> None:
    inn.engine.broken[USERADD] = Ran(status=0)
    inn.write(PASSWD, "bob:x:1200:1300::/home/bob:/bin/bash\n")
    assert bob(inn).apply(inn.context()) == {"said": "uid 1200", "uid": 1200}


def test_an_account_that_an_earlier_attempt_made_whole_is_left(inn: Inn) -> None:
    bob(inn).apply(inn.context())
    assert bob(inn).apply(inn.context()) == {"said": "uid 1000", "uid": 1000}
    assert inn.words == [MAKE_BOB, MAKE_BOB]


def test_an_account_without_its_shadow_line_is_made_again(inn: Inn) -> None:
    inn.write(PASSWD, HALF)
    inn.write("/home/bob/.profile", "")
    bob(inn).apply(inn.context())
    assert inn.words == [MAKE_BOB, TAKE_BOB, MAKE_BOB]
    assert inn.line(SHADOW, "bob").startswith("bob:!:")


def test_an_account_without_its_home_is_made_again(inn: Inn) -> None:
    inn.write(PASSWD, HALF)
    inn.write(SHADOW, "bob:!:::::::\n")
    bob(inn).apply(inn.context())
    assert inn.words == [MAKE_BOB, TAKE_BOB, MAKE_BOB]
    assert inn.engine.read_file(inn.web, "/home/bob") is not None


def test_a_container_without_shadow_file_needs_no_shadow_line() -> None:
    files = tuple(file for file in IMAGE.files if file.path != SHADOW)
    bare = Inn(replace(IMAGE, files=files))
    bare.write(PASSWD, HALF)
    bare.write("/home/bob/.profile", "")
    assert bob(bare).apply(bare.context())["uid"] == 1000
    assert bare.words == [MAKE_BOB]


def test_a_useradd_that_fails_fails_the_step(inn: Inn) -> None:
    inn.engine.broken[USERADD] = Ran(status=1, err=b"useradd: cannot lock /etc/passwd")
    with pytest.raises(UserToolError, match="cannot lock /etc/passwd"):
        bob(inn).apply(inn.context())


def test_a_useradd_that_makes_no_account_fails_the_step(inn: Inn) -> None:
    inn.engine.broken[USERADD] = Ran(status=0)
    with pytest.raises(UserToolError, match="made no bob"):
        bob(inn).apply(inn.context())


def test_a_useradd_that_still_finds_the_account_fails_the_step(inn: Inn) -> None:
    inn.write(PASSWD, HALF)
    inn.engine.broken[USERADD] = Ran(status=9, err=b"useradd: user 'bob' already exists")
    with pytest.raises(UserToolError, match="already exists"):
        bob(inn).apply(inn.context())


def test_no_account_is_made_in_a_container_that_is_gone(inn: Inn) -> None:
    inn.gone()
    with pytest.raises(NotFoundError, match=f"container {inn.web[:12]} of web is gone") as told:
        bob(inn).apply(inn.context())
    assert told.value.hint == "occ abort"


def test_that_an_account_is_there_is_never_believed(inn: Inn) -> None:
    bob(inn).apply(inn.context())
    assert bob(inn).seen(inn.context()) is None


def test_a_useradd_that_may_be_under_way_is_waited_for_by_another(inn: Inn) -> None:
    bob(inn).settle(inn.context())
    assert inn.words == [MAKE_BOB]


def test_whatever_that_other_useradd_says_is_fine(inn: Inn) -> None:
    for status in (0, 1, 4, 9, 255):
        inn.engine.broken[USERADD] = Ran(status=status)
        bob(inn).settle(inn.context())
    assert inn.words == [MAKE_BOB] * 5


def test_no_useradd_is_under_way_where_there_is_none() -> None:
    bare = Inn(replace(IMAGE, files=IMAGE.files[:4]))
    bob(bare).settle(bare.context())
    assert bare.words == []


def test_nothing_is_under_way_in_a_container_that_is_stopped(inn: Inn) -> None:
    inn.engine.stop(inn.web, 1_000)
    bob(inn).settle(inn.context())
    assert inn.words == []


def test_nothing_is_under_way_in_a_container_that_is_gone(inn: Inn) -> None:
    inn.gone()
    bob(inn).settle(inn.context())
    assert inn.words == []


def test_an_addition_is_undone_with_the_home_that_came_with_it(inn: Inn) -> None:
    bob(inn).apply(inn.context())
    assert bob(inn).revert(inn.context()) == {"said": "removed"}
    assert inn.words == [MAKE_BOB, TAKE_BOB]
    assert inn.line(PASSWD, "bob") == ""


def test_a_home_that_was_there_before_stays_when_an_addition_is_undone(inn: Inn) -> None:
    replace(bob(inn), home_stays=True).revert(inn.context())
    assert inn.words == [f"{USERDEL} -f bob"]


@pytest.mark.parametrize("status", [6, 12])
def test_an_addition_is_undone_where_there_is_no_user_or_its_files_stay(
    inn: Inn, status: int
) -> None:
    inn.engine.broken[USERDEL] = Ran(status=status)
    assert bob(inn).revert(inn.context()) == {"said": "removed"}


def test_an_addition_that_userdel_does_not_undo_is_not_called_undone(inn: Inn) -> None:
    inn.engine.broken[USERDEL] = Ran(status=1, err=b"userdel: no")
    with pytest.raises(UserToolError, match="userdel: no"):
        bob(inn).revert(inn.context())


def test_an_addition_is_gone_with_its_container(inn: Inn) -> None:
    inn.gone()
    assert bob(inn).revert(inn.context()) == {}


def test_a_removed_account_leaves_its_home(inn: Inn) -> None:
    step = RemoveUser(inn.web, "ann")
    assert step.seen(inn.context()) is None
    assert step.apply(inn.context()) == {"said": "removed"}
    assert inn.words == [f"{USERDEL} -f ann"]
    assert step.seen(inn.context()) == {"said": "removed"}


@pytest.mark.parametrize("status", [6, 12])
def test_a_removal_is_done_where_there_is_no_user_or_its_files_stay(inn: Inn, status: int) -> None:
    inn.engine.broken[USERDEL] = Ran(status=status)
    assert RemoveUser(inn.web, "ann").apply(inn.context()) == {"said": "removed"}


def test_a_removal_that_userdel_refuses_fails(inn: Inn) -> None:
    inn.engine.broken[USERDEL] = Ran(status=8, err=b"userdel: user ann is logged in")
    with pytest.raises(UserToolError, match="ann is logged in"):
        RemoveUser(inn.web, "ann").apply(inn.context())


def test_an_account_is_gone_with_its_container(inn: Inn) -> None:
    inn.gone()
    assert RemoveUser(inn.web, "ann").seen(inn.context()) == {"said": "removed"}


def test_an_account_cannot_be_removed_from_a_container_that_is_gone(inn: Inn) -> None:
    inn.gone()
    with pytest.raises(NotFoundError, match="of web is gone"):
        RemoveUser(inn.web, "ann").apply(inn.context())
