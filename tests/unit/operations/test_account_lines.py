"""Each line that is written into a replacement's account files, whole."""

import pytest

from occ.errors import UserClashError
from occ.operations.accounts import GROUP, GSHADOW, PASSWD, SHADOW, Accounts, Carried, carry

IMAGE = {
    PASSWD: "root:x:0:0:root:/root:/bin/sh\n",
    GROUP: "root:x:0:\n",
    SHADOW: "root:*:19000:0:99999:7:::\n",
    GSHADOW: "root:*::\n",
}
ANN = {
    PASSWD: "ann:x:1007:1008:Ann:/home/ann:/bin/zsh\n",
    GROUP: "people:x:1008:\nwheel:x:10:zoe,ann\nshort:x:11\n",
    SHADOW: "ann:$y$hash:19500:1:90:14:30:20000:\n",
    GSHADOW: "people:!:ann:\nwheel:!:zoe:zoe,ann\n",
}


def _carry(name: str, old: dict[str, str], new: dict[str, str], *, reset: bool = False) -> Carried:
    return carry([name], Accounts.parse(old), Accounts.parse(new), reset=reset)


def test_a_new_user_has_a_locked_line_in_every_file_and_a_group_of_its_own() -> None:
    made = _carry("bob", {}, IMAGE).accounts
    assert made.text(PASSWD) == IMAGE[PASSWD] + "bob:x:1000:1000::/home/bob:/bin/sh\n"
    assert made.text(GROUP) == IMAGE[GROUP] + "bob:x:1000:\n"
    assert made.text(SHADOW) == IMAGE[SHADOW] + "bob:!::0:99999:7:::\n"
    assert made.text(GSHADOW) == IMAGE[GSHADOW] + "bob:!::\n"


def test_a_new_user_gets_bash_where_somebody_has_it() -> None:
    image = {**IMAGE, PASSWD: IMAGE[PASSWD] + "web:x:999:999::/srv:/bin/bash\n"}
    assert (_carry("bob", {}, image).accounts.get(PASSWD, "bob") or ())[-1] == "/bin/bash"


def test_a_group_of_another_number_than_the_user_is_brought_with_its_other_groups() -> None:
    carried = _carry("ann", ANN, IMAGE)
    assert carried.accounts.text(GROUP) == "root:x:0:\npeople:x:1008:\nwheel:x:10:ann\n"
    assert carried.accounts.text(GSHADOW) == "root:*::\npeople:!:ann:\nwheel:!::ann\n"
    assert carried.homes == (("/home/ann", 1007, 1008),)


def test_members_that_the_image_gives_a_group_stay_in_it() -> None:
    image = {**IMAGE, GROUP: "root:x:0:\nwheel:x:10:carl,dora\n"}
    group = _carry("ann", ANN, image).accounts.get(GROUP, "wheel")
    assert group == ("wheel", "x", "10", "carl,dora,ann")


def test_the_fields_that_a_groups_line_lacks_are_empty() -> None:
    image = {**IMAGE, GROUP: "root:x:0:\nwheel\n"}
    group = _carry("ann", ANN, image).accounts.get(GROUP, "wheel")
    assert group == ("wheel", "", "", "ann")


def test_the_fields_that_a_users_line_lacks_are_empty() -> None:
    accounts = Accounts.parse({PASSWD: "ann:x:1007\n"})
    assert accounts.user("ann") == ("ann", "x", "1007", "", "", "", "")
    assert accounts.user("bob") is None


def test_a_user_whose_line_in_the_image_is_short_is_refused_by_its_number() -> None:
    image = {**IMAGE, PASSWD: IMAGE[PASSWD] + "ann:x\n"}
    with pytest.raises(UserClashError, match=r"^ann has uid 1007, but none in the new image$"):
        _carry("ann", ANN, image)


def test_a_short_line_of_a_user_that_the_old_one_does_not_know_has_no_home() -> None:
    image = {**IMAGE, PASSWD: IMAGE[PASSWD] + "bob:x:1001:1001\ncid:x\n"}
    assert _carry("bob", {}, image).homes == _carry("cid", {}, image).homes == ()


def test_members_by_gshadow_stay_beside_a_new_one() -> None:
    image = {
        **IMAGE,
        GROUP: "root:x:0:\nwheel:x:10:carl,dora\n",
        GSHADOW: "root:*::\nwheel:!::carl,dora\n",
    }
    accounts = _carry("ann", ANN, image).accounts
    assert accounts.get(GSHADOW, "wheel") == ("wheel", "!", "", "carl,dora,ann")
    again = carry(["ann"], Accounts.parse(ANN), accounts).accounts
    assert again == accounts


@pytest.mark.parametrize("line", ["wheel:!:", "wheel", "wheel:!::a:b"])
@pytest.mark.parametrize("side", ["old", "new"])
def test_a_line_of_gshadow_that_is_none_is_left(side: str, line: str) -> None:
    image = {**IMAGE, GROUP: "root:x:0:\nwheel:x:10:\n", GSHADOW: "wheel:!::\n"}
    old = {**ANN, GSHADOW: line + "\n"} if side == "old" else ANN
    new = {**image, GSHADOW: line + "\n"} if side == "new" else image
    made = _carry("ann", old, new).accounts
    assert f"{line if side == 'new' else 'wheel:!::'}\n" in made.text(GSHADOW)


def test_a_group_that_the_image_has_under_another_number_keeps_the_images() -> None:
    image = {**IMAGE, GROUP: "root:x:0:\nwheel:x:50:\n"}
    assert _carry("ann", ANN, image).accounts.get(GROUP, "wheel") == ("wheel", "x", "50", "ann")


def test_a_group_whose_number_is_another_groups_in_the_image_is_refused() -> None:
    image = {**IMAGE, GROUP: "root:x:0:\nadmins:x:10:\n"}
    with pytest.raises(UserClashError) as refused:
        _carry("ann", ANN, image)
    assert refused.value.message == "gid 10 of wheel belongs to admins in the new image"


def test_a_user_whose_number_is_only_a_gid_elsewhere_is_no_clash() -> None:
    image = {**IMAGE, GROUP: "root:x:0:\nusers:x:1007:\n"}
    assert _carry("ann", ANN, image).accounts.get(PASSWD, "ann") is not None


def test_a_uid_that_is_only_the_users_gid_is_no_clash() -> None:
    image = {**IMAGE, PASSWD: IMAGE[PASSWD] + "other:x:1008:1::/:/bin/sh\n"}
    assert _carry("ann", ANN, image).accounts.get(PASSWD, "ann") is not None


def test_a_member_already_is_not_put_in_twice() -> None:
    image = {**IMAGE, GROUP: "root:x:0:\nwheel:x:10:carl,ann\n"}
    group = _carry("ann", ANN, image).accounts.get(GROUP, "wheel")
    assert group == ("wheel", "x", "10", "carl,ann")


def test_passwords_that_are_reset_are_locked_and_the_ageing_stays() -> None:
    carried = _carry("ann", ANN, IMAGE, reset=True)
    line = carried.accounts.get(SHADOW, "ann")
    assert line == ("ann", "!", "19500", "1", "90", "14", "30", "20000", "")
    assert carried.locked == ("ann",)


def test_a_new_user_is_said_to_be_locked_once() -> None:
    assert _carry("bob", {}, IMAGE, reset=True).locked == ("bob",)


@pytest.mark.parametrize(
    ("line", "homes"),
    [
        ("ann:x:1:2::/home/ann", (("/home/ann", 1, 2),)),
        ("ann:x:1:2:", ()),
        ("ann:x:one:2::/home/ann:/bin/sh", ()),
        ("ann:x:1:two::/home/ann:/bin/sh", ()),
    ],
)
def test_a_home_is_known_from_a_whole_line(
    line: str, homes: tuple[tuple[str, int, int], ...]
) -> None:
    assert _carry("ann", {}, {**IMAGE, PASSWD: line + "\n"}).homes == homes


@pytest.mark.parametrize(("line", "owner"), [("ann:x:7", "ann"), ("ann:7", ""), ("ann:x:8:7", "")])
def test_a_number_is_looked_for_in_the_third_field(line: str, owner: str) -> None:
    assert Accounts.parse({PASSWD: line + "\n"}).owner(PASSWD, "7") == owner
