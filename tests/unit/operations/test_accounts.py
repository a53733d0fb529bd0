"""Users carried from one container's account files into another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.errors import UserClashError
from occ.operations.accounts import (
    GROUP,
    GSHADOW,
    PASSWD,
    SHADOW,
    Accounts,
    carry,
    password_field,
    personal_accounts,
    with_password,
)

IMAGE = {
    PASSWD: "root:x:0:0:root:/root:/bin/bash\nweb:x:999:999::/srv:/usr/sbin/nologin\n",
    GROUP: "root:x:0:\nsudo:x:27:\nweb:x:999:\n",
    SHADOW: "root:*:19000:0:99999:7:::\nweb:!:19000::::::\n",
    GSHADOW: "root:*::\nsudo:*::\nweb:!::\n",
}
OLD = {
    PASSWD: IMAGE[PASSWD] + "ann:x:1007:1007:Ann,,,:/home/ann:/bin/zsh\n",
    GROUP: "root:x:0:\nsudo:x:27:ann\nweb:x:999:ann\nann:x:1007:\nextra:x:1500:ann,web\n",
    SHADOW: IMAGE[SHADOW] + "ann:$y$j9T$hash$x:19500:1:90:14:30:20000:\n",
    GSHADOW: IMAGE[GSHADOW] + "ann:!::\n",
}


def test_ids_groups_shell_home_and_the_whole_shadow_line_stay() -> None:
    carried = carry(["ann"], Accounts.parse(OLD), Accounts.parse(IMAGE))
    accounts = carried.accounts
    assert "ann:x:1007:1007:Ann,,,:/home/ann:/bin/zsh\n" in accounts.text(PASSWD)
    assert "ann:$y$j9T$hash$x:19500:1:90:14:30:20000:\n" in accounts.text(SHADOW)
    assert accounts.text(GROUP) == (
        "root:x:0:\nsudo:x:27:ann\nweb:x:999:ann\nann:x:1007:\nextra:x:1500:ann\n"
    )
    assert carried.locked == ()
    assert carried.homes == (("/home/ann", 1007, 1007),)


def test_carrying_again_changes_nothing() -> None:
    once = carry(["ann"], Accounts.parse(OLD), Accounts.parse(IMAGE)).accounts
    assert carry(["ann"], Accounts.parse(OLD), once).accounts == once


def test_a_user_nobody_knows_is_created_locked_with_a_free_number() -> None:
    image = {**IMAGE, GROUP: IMAGE[GROUP] + "staff:x:1000:\n"}
    carried = carry(["bob"], Accounts.parse(OLD), Accounts.parse(image))
    assert carried.locked == ("bob",)
    assert carried.accounts.get(PASSWD, "bob") == (
        "bob",
        "x",
        "1001",
        "1001",
        "",
        "/home/bob",
        "/bin/bash",
    )
    shadow = carried.accounts.get(SHADOW, "bob")
    assert shadow is not None
    assert shadow[1] == "!"


BEN = "ben:x:1000:1001::/home/ben:/bin/sh\n"


@pytest.mark.parametrize("names", [["bob", "ann"], ["ann", "bob"]])
def test_a_new_user_takes_nothing_from_one_that_is_named_after_it(names: list[str]) -> None:
    old = {**OLD, PASSWD: IMAGE[PASSWD] + "ann:x:1000:1000::/home/ann:/bin/sh\n"}
    carried = carry(names, Accounts.parse(old), Accounts.parse(IMAGE))
    assert {name: (carried.accounts.get(PASSWD, name) or ())[2] for name in names} == {
        "ann": "1000",
        "bob": "1001",
    }
    assert carried.locked == ("bob",)
    assert [home for home, _, _ in carried.homes] == [f"/home/{name}" for name in names]


def test_a_new_user_gets_no_number_of_somebody_who_is_left_behind() -> None:
    old = {**OLD, PASSWD: IMAGE[PASSWD] + BEN, GROUP: IMAGE[GROUP] + "extra:x:1002:\n"}
    made = carry(["bob"], Accounts.parse(old), Accounts.parse(IMAGE)).accounts
    assert (made.get(PASSWD, "bob") or ())[2:4] == ("1003", "1003")


@pytest.mark.parametrize(
    ("path", "line"),
    [(PASSWD, "ann:x:1007:1007:1000:/home/ann:/bin/zsh\n"), (GROUP, "extra:x:1500:1000\n")],
    ids=["a full name", "a member"],
)
def test_a_number_that_is_a_name_is_nobodys(path: str, line: str) -> None:
    old = {**IMAGE, path: IMAGE[path] + line}
    made = carry(["bob"], Accounts.parse(old), Accounts.parse(IMAGE)).accounts
    assert (made.get(PASSWD, "bob") or ())[2] == "1000"


def test_a_line_of_one_word_stands_in_no_new_users_way() -> None:
    image = {**IMAGE, PASSWD: IMAGE[PASSWD] + "+\n"}
    made = carry(["bob"], None, Accounts.parse(image)).accounts
    assert (made.get(PASSWD, "bob") or ())[2] == "1000"


def test_people_are_told_by_their_uid_whatever_their_group_is() -> None:
    passwd = (
        "www:x:999:1000::/srv:/bin/sh\nann:x:1000:100::/home/ann:/bin/sh\n"
        "bob:x:1001:users::/home/bob:/bin/sh\neve:x:one:1002::/home/eve:/bin/sh\n"
        "max:x:59999:59999::/home/max:/bin/sh\nnobody:x:60000:1000::/:/bin/sh\nzoe:x:1003:1003\n"
    )
    assert personal_accounts(Accounts.parse({PASSWD: passwd})) == ("ann", "bob", "max")


@pytest.mark.parametrize(
    ("line", "has"),
    [("ann:$6$a:1:::::", True), ("ann:!$6$a", True), ("ann:!:1", False), ("ann", False)],
)
def test_who_has_a_password_is_told_by_the_second_field(line: str, *, has: bool) -> None:
    there = Accounts.parse({PASSWD: OLD[PASSWD], SHADOW: f"{line}\n"})
    assert with_password(there) == (("ann",) if has else ())


@pytest.mark.parametrize(
    ("line", "field"), [("ann:$1$a", "$1$a"), ("ann:$1$a:1", "$1$a"), ("ann:x", ""), ("ann", "")]
)
def test_without_a_shadow_file_the_field_of_passwd_counts(line: str, field: str) -> None:
    assert password_field(Accounts.parse({PASSWD: f"{line}\n"}), "ann") == field
    assert password_field(Accounts.parse({PASSWD: f"{line}\n"}), "bob") == ""


@pytest.mark.parametrize("sign", ["\v", "\f", "\x1c", "\x85", "\u2028"])
def test_only_a_newline_ends_a_line(sign: str) -> None:
    line = f"ann:x:1007:1007:Ann{sign}Lee:/home/ann:/bin/zsh"
    old = Accounts.parse({**OLD, PASSWD: IMAGE[PASSWD] + line + "\n"})
    assert carry(["ann"], old, Accounts.parse(IMAGE)).accounts.text(PASSWD).endswith(f"{line}\n")


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("other:x:1007:100::/:/bin/sh", "uid 1007 of ann belongs to other in the new image"),
        ("ann:x:1000:1001::/:/bin/sh", "ann has uid 1007, but 1000 in the new image"),
    ],
)
def test_a_name_or_number_that_means_somebody_else_is_refused(extra: str, message: str) -> None:
    image = {**IMAGE, PASSWD: IMAGE[PASSWD] + extra + "\n"}
    with pytest.raises(UserClashError, match=message):
        carry(["ann"], Accounts.parse(OLD), Accounts.parse(image))


def test_a_gid_that_means_another_group_is_refused() -> None:
    image = {**IMAGE, GROUP: IMAGE[GROUP] + "users:x:1007:\n"}
    with pytest.raises(UserClashError, match="gid 1007 of ann belongs to users"):
        carry(["ann"], Accounts.parse(OLD), Accounts.parse(image))


def test_an_image_without_accounts_is_refused() -> None:
    with pytest.raises(UserClashError, match="no /etc/passwd"):
        carry(["ann"], Accounts.parse(OLD), Accounts.parse({}))


def test_nothing_of_a_shadow_line_is_in_a_repr() -> None:
    assert "hash" not in repr(carry(["ann"], Accounts.parse(OLD), Accounts.parse(IMAGE)))


FIELD = st.text(st.characters(exclude_characters=":\n\r\x00", codec="utf-8"), max_size=6)
LINES = st.lists(st.tuples(FIELD, FIELD, FIELD, FIELD, FIELD, FIELD, FIELD), max_size=5)


@given(rows=LINES)
def test_lines_that_are_nobodys_business_stay_as_they_are(rows: list[tuple[str, ...]]) -> None:
    unique = {row[0]: row for row in rows}
    text = "".join(":".join(row) + "\n" for row in unique.values())
    assert Accounts.parse({PASSWD: text}).text(PASSWD) == text
