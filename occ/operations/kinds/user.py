"""Users of a running container: added, removed, locked, unlocked, and given a password."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from occ.domain.request import StepPlan
from occ.errors import NotFoundError, RefusedError, UserClashError
from occ.operations.accounts import GROUP, LOCKED, PASSWD, Accounts, account_number, password_field
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged, shown
from occ.operations.steps import planned
from occ.operations.steps.account import (
    AddUser,
    DeclareUser,
    LockUser,
    RemoveUser,
    SetPassword,
    has_password,
)

Verb: TypeAlias = Literal["add", "remove", "passwd", "enable", "disable"]

_FIRST_UID, _NOBODY = 1000, 65_534  # login.defs(5), UID_MIN; nobody is above all people


@dataclass(frozen=True, slots=True, kw_only=True)
class UserWish:
    """The change to one user. Shell, groups and uid are for `add` alone."""

    verb: Verb
    user: str
    shell: str = ""
    groups: tuple[str, ...] = ()
    uid: int = 0
    """0 is the next free one."""
    hashed: str = field(default="", repr=False)
    """The hash of the new password, empty where the wish needs none; it is written nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPlanInput:
    """All that a change to a user is planned from, beside the input of all plans."""

    accounts: Accounts = field(repr=False)
    """The accounts of the container found."""
    shell: str
    """The shell that a new account gets; the container has it."""
    home_there: bool
    """The home that a new account gets is there already."""
    declared: tuple[str, ...]
    """The users that the config names."""
    file: str
    """The path of the config."""


def plan_user(given: PlanInput, wish: UserWish, inside: UserPlanInput) -> Decision:
    """The steps of a wish; those of a removal come after its point of no return.

    Raises:
        RefusedError, NotFoundError, UserClashError: it cannot be, and nothing was touched.
    """
    if wish.verb == "add":
        return _add(given, wish, inside)
    line = inside.accounts.user(wish.user)
    if line is None or wish.user not in inside.declared:
        raise _unknown(wish.user, inside, line)
    container, user = given.found.container, wish.user
    if wish.verb == "remove":
        steps = (
            planned(
                DeclareUser(inside.file, user, present=False), title="Take it out of the config"
            ),
            planned(RemoveUser(container, user), title=f"Remove user {user}"),
        )
        return _plan(given, steps, commits_at=0)
    if wish.verb == "passwd":
        step = planned(SetPassword(container, user), title=f"Set the password of {user}")
        return _plan(given, (step,), commits_at=-1)
    return _lock(given, wish, inside)


def users_after(wish: UserWish, users: tuple[str, ...]) -> tuple[str, ...]:
    """Which users the container has afterwards."""
    if wish.verb == "add":
        return (*users, wish.user) if wish.user not in users else users
    return tuple(user for user in users if user != wish.user or wish.verb != "remove")


def _add(given: PlanInput, wish: UserWish, inside: UserPlanInput) -> Decision:
    line = inside.accounts.user(wish.user)
    if line is not None:
        _refuse_existing(wish, line, inside)
    steps = tuple(_additions(given, wish, inside, there=line is not None))
    return _plan(given, steps, commits_at=len(steps))


def _additions(
    given: PlanInput, wish: UserWish, inside: UserPlanInput, *, there: bool
) -> Iterator[StepPlan]:
    container, user = given.found.container, wish.user
    if not there:
        _refuse_taken(wish, inside.accounts)
        add = AddUser(
            container,
            user,
            home=f"/home/{user}",
            shell=inside.shell,
            groups=wish.groups,
            uid=str(wish.uid) if wish.uid else "",
            home_stays=inside.home_there,
        )
        yield planned(add, title=f"Create user {user}")
    password = SetPassword(container, user, fresh=not there)
    yield planned(password, title=f"Set the password of {user}")
    if user not in inside.declared:
        declare = DeclareUser(inside.file, user, present=True)
        yield planned(declare, title=f"Name it in {inside.file}")


def _lock(given: PlanInput, wish: UserWish, inside: UserPlanInput) -> Decision:
    locked = wish.verb == "disable"
    there = password_field(inside.accounts, wish.user)
    if there.startswith(LOCKED) == locked:
        return Unchanged(f"{wish.user} is {'disabled' if locked else 'enabled'} already")
    if not locked and not has_password(there):
        raise RefusedError(
            f"{wish.user} has no password, and unlocked it would need none to log in",
            hint=f"occ user passwd {wish.user}",
        )
    step = LockUser(given.found.container, wish.user, locked=locked)
    title = f"{'Lock' if locked else 'Unlock'} the password of {wish.user}"
    return _plan(given, (planned(step, title=title),), commits_at=-1)


def _plan(given: PlanInput, steps: tuple[StepPlan, ...], *, commits_at: int) -> Plan:
    return Plan(steps=steps, shown=shown(steps), commits_at=commits_at, version=given.found.version)


def _refuse_existing(wish: UserWish, line: tuple[str, ...], inside: UserPlanInput) -> None:
    """An account that is there is taken on as it is, if it is a person's and not ours already."""
    user = wish.user
    if user in inside.declared:
        raise RefusedError(
            f"{user} is one of the users already", hint=f"occ user passwd {user}, or occ user list"
        )
    if _of_system(line):
        raise RefusedError(
            f"{user} is an account of the system (uid {line[2]}) in the image",
            hint="choose another name",
        )
    if wish.uid or wish.groups or wish.shell:
        raise RefusedError(
            f"{user} is in the container already, with uid {line[2]}",
            hint=f"without --uid, --groups and --shell it becomes one of the users as it is: "
            f"occ user add {user}",
        )


def _of_system(line: tuple[str, ...]) -> bool:
    uid = account_number(line[2])
    return uid is None or uid < _FIRST_UID or uid == _NOBODY


def _refuse_taken(wish: UserWish, accounts: Accounts) -> None:
    if accounts.get(GROUP, wish.user) is not None:
        raise UserClashError(
            f"the container has a group {wish.user} already", hint="choose another name"
        )
    holder = accounts.owner(PASSWD, str(wish.uid)) if wish.uid else ""
    if holder:
        raise UserClashError(
            f"uid {wish.uid} belongs to {holder} in the container",
            hint="choose another number, or leave --uid out",
        )
    for group in wish.groups:
        if accounts.get(GROUP, group) is None:
            raise NotFoundError(
                f"the container has no group {group}", hint="name groups that it has: --groups"
            )


def _unknown(user: str, inside: UserPlanInput, line: tuple[str, ...] | None) -> NotFoundError:
    if line is not None and _of_system(line):
        return NotFoundError(
            f"{user} is an account of the system (uid {line[2]}) in the image, and no user",
            hint="occ user list",
        )
    if line is not None:
        return NotFoundError(
            f"{user} is in the container, but the config does not name it among the users",
            hint=f"occ user add {user}",
        )
    if user in inside.declared:
        return NotFoundError(
            f"the config names {user}, but the container has no such account", hint="occ apply"
        )
    listed = ", ".join(inside.declared) or "none"
    return NotFoundError(f"there is no user {user}; there are: {listed}", hint="occ user list")
