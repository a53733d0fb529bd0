"""The steps that set, lock and unlock a password in a container, and name a user in the config."""

from pathlib import Path

import pytest

from occ.engine.values import Ran
from occ.errors import NotFoundError, UserToolError
from occ.operations.accounts import SHADOW, Accounts, password_field
from occ.operations.steps.account import (
    DeclareUser,
    LockUser,
    SetPassword,
    has_password,
)
from occ.settings.users_in_file import users_in
from tests.unit.operations.inside import Inn

ANN = "ann:$y$ann:1::::::"
ADVICE = (
    "passwords are written down nowhere, so the one of ann may be set or not; "
    "set one with: occ user passwd ann --service web"
)


@pytest.fixture
def inn() -> Inn:
    return Inn()


def field(inn: Inn) -> str:
    return inn.line(SHADOW, "ann").split(":")[1]


def shadowed(inn: Inn, hashed: str) -> None:
    inn.write(SHADOW, f"ann:{hashed}:1::::::\n")


def test_a_hash_goes_to_chpasswd_and_no_argument_has_it(inn: Inn) -> None:
    assert SetPassword(inn.web, "ann").apply(inn.context(wanted="$y$new")) == {"said": "set"}
    assert inn.engine.ran == [(("/usr/sbin/chpasswd", "-e"), "ann:$y$new\n")]
    assert inn.line(SHADOW, "ann") == "ann:$y$new:1::::::"


def test_that_a_password_is_set_is_never_believed(inn: Inn) -> None:
    assert SetPassword(inn.web, "ann").seen(inn.context(wanted="$y$ann")) is None


def test_a_disabled_user_with_a_new_password_stays_disabled(inn: Inn) -> None:
    shadowed(inn, "!$y$ann")
    told = SetPassword(inn.web, "ann").apply(inn.context(wanted="$y$new"))
    assert told == {"said": "set; still disabled"}
    assert field(inn) == "!$y$new"


def test_a_user_of_one_sign_is_disabled_with_a_password(inn: Inn) -> None:
    shadowed(inn, "!x")
    SetPassword(inn.web, "ann").apply(inn.context(wanted="$y$new"))
    assert field(inn) == "!$y$new"


def test_a_user_that_never_had_a_password_can_log_in_with_the_first(inn: Inn) -> None:
    shadowed(inn, "!")
    assert SetPassword(inn.web, "ann").apply(inn.context(wanted="$y$new")) == {"said": "set"}
    assert field(inn) == "$y$new"


def test_a_fresh_user_is_never_disabled(inn: Inn) -> None:
    shadowed(inn, "!!")
    told = SetPassword(inn.web, "ann", fresh=True).apply(inn.context(wanted="$y$new"))
    assert told == {"said": "set"}
    assert field(inn) == "$y$new"


def test_a_hash_that_a_crash_took_along_is_asked_for_again(inn: Inn) -> None:
    told = SetPassword(inn.web, "ann").apply(inn.context())
    assert told == {"said": "not known", "warning": ADVICE}
    assert inn.engine.ran == []


def test_a_fresh_user_with_a_password_has_the_one_that_was_wanted(inn: Inn) -> None:
    assert SetPassword(inn.web, "ann", fresh=True).apply(inn.context()) == {"said": "was set"}


def test_a_fresh_user_without_a_password_still_needs_one(inn: Inn) -> None:
    shadowed(inn, "!")
    told = SetPassword(inn.web, "ann", fresh=True).apply(inn.context())
    assert told == {"said": "not known", "warning": ADVICE}


def test_the_password_before_is_put_back(inn: Inn) -> None:
    context = inn.context(wanted="$y$new")
    SetPassword(inn.web, "ann").apply(context)
    assert SetPassword(inn.web, "ann").revert(context) == {"said": "as it was"}
    assert inn.line(SHADOW, "ann") == ANN


def test_the_password_before_is_the_one_before_the_first_attempt(inn: Inn) -> None:
    context = inn.context(wanted="$y$new")
    SetPassword(inn.web, "ann").apply(context)
    SetPassword(inn.web, "ann").apply(context)
    SetPassword(inn.web, "ann").revert(context)
    assert inn.line(SHADOW, "ann") == ANN


def test_a_user_without_a_password_has_none_again(inn: Inn) -> None:
    shadowed(inn, "")
    context = inn.context(wanted="$y$new")
    SetPassword(inn.web, "ann").apply(context)
    assert SetPassword(inn.web, "ann").revert(context) == {"said": "as it was"}
    assert field(inn) == ""


def test_a_password_that_another_process_replaced_is_not_known(inn: Inn) -> None:
    SetPassword(inn.web, "ann").apply(inn.context(wanted="$y$new"))
    told = SetPassword(inn.web, "ann").revert(inn.context())
    assert told == {"said": "not known", "warning": ADVICE}
    assert field(inn) == "$y$new"


def test_the_password_of_a_fresh_user_goes_with_the_user(inn: Inn) -> None:
    context = inn.context(wanted="$y$new")
    step = SetPassword(inn.web, "ann", fresh=True)
    step.apply(context)
    assert step.revert(context) == {}
    assert field(inn) == "$y$new"


def test_a_password_is_gone_with_its_container(inn: Inn) -> None:
    context = inn.context(wanted="$y$new")
    SetPassword(inn.web, "ann").apply(context)
    inn.gone()
    assert SetPassword(inn.web, "ann").revert(context) == {}


def test_no_password_is_set_in_a_container_that_is_gone(inn: Inn) -> None:
    inn.gone()
    with pytest.raises(NotFoundError, match="of web is gone"):
        SetPassword(inn.web, "ann").apply(inn.context(wanted="$y$new"))


def test_what_chpasswd_refuses_fails_the_step(inn: Inn) -> None:
    inn.engine.broken["/usr/sbin/chpasswd"] = Ran(status=1, err=b"chpasswd: no")
    with pytest.raises(UserToolError, match="chpasswd: no"):
        SetPassword(inn.web, "ann").apply(inn.context(wanted="$y$new"))


def test_a_lock_keeps_the_hash(inn: Inn) -> None:
    step = LockUser(inn.web, "ann", locked=True)
    assert step.seen(inn.context()) is None
    assert step.apply(inn.context()) == {"said": "disabled"}
    assert inn.words == ["/usr/sbin/usermod -L ann"]
    assert field(inn) == "!$y$ann"
    assert step.seen(inn.context()) == {"said": "disabled"}


def test_an_unlock_gives_the_hash_back(inn: Inn) -> None:
    shadowed(inn, "!$y$ann")
    step = LockUser(inn.web, "ann", locked=False)
    assert step.seen(inn.context()) is None
    assert step.apply(inn.context()) == {"said": "enabled"}
    assert inn.words == ["/usr/sbin/usermod -U ann"]
    assert field(inn) == "$y$ann"
    assert step.seen(inn.context()) == {"said": "enabled"}


def test_what_is_locked_is_not_locked_twice(inn: Inn) -> None:
    shadowed(inn, "!$y$ann")
    LockUser(inn.web, "ann", locked=True).apply(inn.context())
    assert inn.words == []


def test_a_lock_that_may_be_under_way_is_made_before_it_is_undone(inn: Inn) -> None:
    step = LockUser(inn.web, "ann", locked=True)
    step.settle(inn.context())
    assert field(inn) == "!$y$ann"
    assert step.revert(inn.context()) == {"said": "as it was"}
    assert field(inn) == "$y$ann"


def test_an_unlock_is_undone_by_a_lock(inn: Inn) -> None:
    step = LockUser(inn.web, "ann", locked=False)
    assert step.revert(inn.context()) == {"said": "as it was"}
    assert field(inn) == "!$y$ann"


def test_nothing_is_locked_in_a_container_that_is_gone(inn: Inn) -> None:
    inn.gone()
    with pytest.raises(NotFoundError, match="of web is gone"):
        LockUser(inn.web, "ann", locked=True).seen(inn.context())
    with pytest.raises(NotFoundError, match="of web is gone"):
        LockUser(inn.web, "ann", locked=True).apply(inn.context())


def test_a_user_is_named_in_the_config_and_taken_out_when_that_is_undone(
    inn: Inn, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[services.web]\nimage = "a/b:1"\nusers = ["ann"]\n')
    step = DeclareUser(str(file), "bob", present=True)
    assert step.seen(inn.context()) is None
    assert step.apply(inn.context()) == {"said": str(file)}
    assert users_in(file, "web") == ("ann", "bob")
    assert step.revert(inn.context()) == {"said": "as it was"}
    assert users_in(file, "web") == ("ann",)


def test_a_user_is_taken_out_of_the_config_and_named_when_that_is_undone(
    inn: Inn, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[services.web]\nimage = "a/b:1"\nusers = ["ann", "bob"]\n')
    step = DeclareUser(str(file), "ann", present=False)
    assert step.apply(inn.context()) == {"said": str(file)}
    assert users_in(file, "web") == ("bob",)
    step.revert(inn.context())
    assert users_in(file, "web") == ("bob", "ann")


def test_the_field_of_a_shadow_line_is_its_second() -> None:
    accounts = Accounts.parse({SHADOW: "ann:$y$ann:1:2\nbob\nkim:$y$kim\n"})
    found = [password_field(accounts, name) for name in ("ann", "bob", "kim", "eve")]
    assert found == ["$y$ann", "", "$y$kim", ""]


def test_a_hash_is_a_password_and_also_a_locked_one() -> None:
    assert has_password("$y$ann")
    assert has_password("!$y$ann")
    assert has_password("!!$y$ann")


@pytest.mark.parametrize("field", ["", "*", "!", "!!", "!*"])
def test_a_field_that_no_password_fits_is_none(field: str) -> None:
    assert not has_password(field)
