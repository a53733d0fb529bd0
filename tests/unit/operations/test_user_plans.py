"""What a wish about one user becomes: which steps in which order, or which refusal."""

from dataclasses import replace

import pytest

from occ.errors import NotFoundError, RefusedError, UserClashError
from occ.operations.accounts import GROUP, PASSWD, SHADOW, Accounts
from occ.operations.kinds.user import UserPlanInput, UserWish, Verb, plan_user, users_after
from occ.operations.plan import Decision, Plan, Unchanged
from tests.unit.operations.test_plans import given, text

ANN = "set_password container=c-two user=ann"
FILES = {
    PASSWD: (
        "root:x:0:0::/root:/bin/sh\n"
        "web:x:999:33::/srv:/bin/false\n"
        "ann:x:1000:100::/home/ann:/bin/sh\n"
        "odd:x:?:1::/:/bin/sh\n"
        "nobody:x:65534:100::/:/bin/false\n"
    ),
    GROUP: "root:x:0:\nann:x:1000:\nstaff:x:50:\nsudo:x:27:\n",
    SHADOW: "root:*:::::::\nann:$y$hash:::::::\nodd:!:::::::\n",
}
INSIDE = UserPlanInput(
    accounts=Accounts.parse(FILES),
    shell="/bin/bash",
    home_there=False,
    declared=(),
    file="/etc/occ.toml",
)
OURS = replace(INSIDE, declared=("ann",))


def decided(verb: Verb, user: str, inside: UserPlanInput = INSIDE) -> Decision:
    return plan_user(given(), UserWish(verb=verb, user=user), inside)


def plan(decision: Decision) -> Plan:
    assert isinstance(decision, Plan)
    return decision


def shadowed(field: str) -> UserPlanInput:
    files = {**FILES, SHADOW: f"ann:{field}:::::::\n"}
    return replace(OURS, accounts=Accounts.parse(files))


def test_a_new_user_is_made_given_a_password_and_then_declared() -> None:
    made = plan(decided("add", "bob"))
    assert text(made.steps) == [
        "add_user container=c-two home=/home/bob shell=/bin/bash user=bob",
        "set_password container=c-two fresh=True user=bob",
        "declare_user file=/etc/occ.toml present=True user=bob",
    ]
    assert [step.title for step in made.steps] == [
        "Create user bob",
        "Set the password of bob",
        "Name it in /etc/occ.toml",
    ]


def test_the_addition_of_a_user_can_be_undone_until_its_last_step_is_done() -> None:
    made = plan(decided("add", "bob"))
    assert (made.commits_at, made.shown, made.stages, made.version) == (3, 3, 1, 2)


def test_what_was_asked_for_a_new_user_is_what_is_made() -> None:
    wish = UserWish(verb="add", user="bob", groups=("staff", "sudo"), uid=1500)
    made = plan(plan_user(given(), wish, replace(INSIDE, home_there=True)))
    assert dict(made.steps[0].inputs) == {
        "container": "c-two",
        "user": "bob",
        "home": "/home/bob",
        "shell": "/bin/bash",
        "groups": ["staff", "sudo"],
        "uid": "1500",
        "home_stays": True,
    }


def test_an_account_that_the_image_brings_is_taken_on_as_it_is() -> None:
    made = plan(decided("add", "ann"))
    assert text(made.steps) == [ANN, "declare_user file=/etc/occ.toml present=True user=ann"]
    assert made.commits_at == 2


def test_a_user_that_only_the_config_names_is_not_named_there_twice() -> None:
    made = plan(decided("add", "bob", replace(INSIDE, declared=("bob",))))
    assert [step.name for step in made.steps] == ["add_user", "set_password"]
    assert made.commits_at == 2


def test_one_of_the_users_is_not_added_again() -> None:
    with pytest.raises(RefusedError, match="ann is one of the users already"):
        decided("add", "ann", OURS)


@pytest.mark.parametrize(("user", "uid"), [("web", "999"), ("odd", r"\?"), ("nobody", "65534")])
def test_an_account_of_the_system_is_nobodys_login(user: str, uid: str) -> None:
    with pytest.raises(RefusedError, match=rf"account of the system \(uid {uid}\)"):
        decided("add", user)
    with pytest.raises(NotFoundError, match=rf"account of the system \(uid {uid}\)") as unknown:
        decided("passwd", user)
    assert unknown.value.hint == "occ user list"


def test_an_account_that_is_there_gets_no_other_uid() -> None:
    wish = UserWish(verb="add", user="ann", uid=2000)
    with pytest.raises(RefusedError, match="in the container already, with uid 1000"):
        plan_user(given(), wish, INSIDE)


def test_an_account_that_is_there_gets_no_other_groups() -> None:
    wish = UserWish(verb="add", user="ann", groups=("staff",))
    with pytest.raises(RefusedError, match="in the container already"):
        plan_user(given(), wish, INSIDE)


def test_an_account_that_is_there_gets_no_other_shell() -> None:
    wish = UserWish(verb="add", user="ann", shell="/bin/zsh")
    with pytest.raises(RefusedError, match="in the container already"):
        plan_user(given(), wish, INSIDE)


def test_a_new_user_cannot_be_called_as_a_group_that_is_there() -> None:
    with pytest.raises(UserClashError, match="has a group staff already"):
        decided("add", "staff")


def test_a_new_user_cannot_have_a_uid_that_is_somebodys() -> None:
    wish = UserWish(verb="add", user="bob", uid=1000)
    with pytest.raises(UserClashError, match="uid 1000 belongs to ann"):
        plan_user(given(), wish, INSIDE)


def test_a_gid_that_is_taken_is_no_uid_that_is_taken() -> None:
    wish = UserWish(verb="add", user="bob", uid=27)
    assert plan(plan_user(given(), wish, INSIDE)).steps[0].inputs["uid"] == "27"


def test_a_new_user_cannot_be_in_a_group_that_is_not_there() -> None:
    wish = UserWish(verb="add", user="bob", groups=("staff", "web"))
    with pytest.raises(NotFoundError, match="no group web"):
        plan_user(given(), wish, INSIDE)


def test_a_removal_leads_back_only_until_the_config_is_written() -> None:
    made = plan(decided("remove", "ann", OURS))
    assert text(made.steps) == [
        "declare_user file=/etc/occ.toml user=ann",
        "remove_user container=c-two user=ann",
    ]
    assert made.steps[0].inputs["present"] is False
    assert (made.commits_at, made.shown, made.version) == (0, 2, 2)


def test_a_password_of_a_user_that_was_there_is_no_fresh_one() -> None:
    made = plan(decided("passwd", "ann", OURS))
    assert text(made.steps) == [ANN]
    assert (made.commits_at, made.shown) == (-1, 1)


def test_disabling_locks() -> None:
    made = plan(decided("disable", "ann", OURS))
    assert text(made.steps) == ["lock_user container=c-two locked=True user=ann"]
    assert made.steps[0].title == "Lock the password of ann"
    assert (made.commits_at, made.shown) == (-1, 1)


def test_enabling_unlocks() -> None:
    made = plan(decided("enable", "ann", shadowed("!$y$hash")))
    assert text(made.steps) == ["lock_user container=c-two user=ann"]
    assert made.steps[0].inputs["locked"] is False
    assert made.steps[0].title == "Unlock the password of ann"


def test_who_is_enabled_is_not_enabled_again() -> None:
    assert decided("enable", "ann", OURS) == Unchanged("ann is enabled already")


def test_who_is_disabled_is_not_disabled_again() -> None:
    assert decided("disable", "ann", shadowed("!$y$hash")) == Unchanged("ann is disabled already")


def test_an_account_without_a_password_may_be_locked() -> None:
    assert len(plan(decided("disable", "ann", shadowed(""))).steps) == 1


def test_an_account_without_a_password_is_not_unlocked() -> None:
    with pytest.raises(RefusedError, match="ann has no password"):
        decided("enable", "ann", shadowed("!"))


def test_an_account_of_the_image_is_left_alone_until_the_config_names_it() -> None:
    with pytest.raises(NotFoundError, match="the config does not name it"):
        decided("remove", "ann")


def test_a_declared_user_that_the_container_lacks_is_brought_by_an_apply() -> None:
    with pytest.raises(NotFoundError, match="the config names bob") as told:
        decided("remove", "bob", replace(INSIDE, declared=("bob",)))
    assert told.value.hint == "occ apply"


def test_who_is_nowhere_is_told_who_is_there() -> None:
    with pytest.raises(NotFoundError, match="there is no user eve; there are: ann, bob"):
        decided("passwd", "eve", replace(INSIDE, declared=("ann", "bob")))


def test_who_is_nowhere_is_told_that_nobody_is_there() -> None:
    with pytest.raises(NotFoundError, match="there is no user eve; there are: none"):
        decided("passwd", "eve")


def test_an_addition_leaves_one_user_more() -> None:
    assert users_after(UserWish(verb="add", user="bob"), ("ann",)) == ("ann", "bob")


def test_an_addition_of_one_of_the_users_leaves_them_as_they_were() -> None:
    assert users_after(UserWish(verb="add", user="ann"), ("ann", "bob")) == ("ann", "bob")


def test_a_removal_leaves_one_user_less() -> None:
    assert users_after(UserWish(verb="remove", user="ann"), ("ann", "bob")) == ("bob",)


def test_a_lock_leaves_the_users_as_they_were() -> None:
    assert users_after(UserWish(verb="disable", user="ann"), ("ann", "bob")) == ("ann", "bob")
