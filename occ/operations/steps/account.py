"""Steps that add, remove, lock and unlock a user of a running container, and set its password.

They use the container's own programs. A password's hash goes through their standard input; names,
numbers, groups and shells are arguments.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from occ.domain import step_names
from occ.errors import UserToolError
from occ.operations.account_tools import CHPASSWD, USERADD, USERDEL, USERMOD, call, exists
from occ.operations.accounts import LOCKED, PASSWD, SHADOW, Accounts
from occ.operations.step_context import World
from occ.operations.steps.step import Result, Step
from occ.operations.steps.users import accounts_of
from occ.settings.users_in_file import set_user

_EXISTS: Final = 9  # useradd(8), EXIT VALUES
_NO_SUCH_USER: Final = 6  # userdel(8)
_FILES_LEFT: Final = 12  # userdel(8): a home or a mail spool that it could not remove


@dataclass(frozen=True, slots=True)
class AddUser(Step):
    """Have an account of this name, which was not there when this was planned.

    `uid` empty is the next free one. `home_stays` says that its home was there before.
    """

    name: ClassVar[str] = step_names.ADD_USER
    container: str
    user: str
    home: str
    shell: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    home_stays: bool = False

    def seen(self, world: World) -> Result | None:
        """Never believed: useradd writes one file after another, and waits for its own like."""
        return None

    def apply(self, world: World) -> Result:
        """Call useradd; what an attempt that broke off left behind is removed first.

        Raises:
            UserToolError: useradd failed, or made no account.
        """
        container = world.there(self.container).id
        ran = call(world.engine, container, self._words(), fine=(0, _EXISTS))
        if ran.status == _EXISTS and not self._whole(world, container):
            self._remove(world, container)
            call(world.engine, container, self._words())
        line = accounts_of(world.engine, container).get(PASSWD, self.user)
        if line is None:
            raise UserToolError(
                f"{USERADD} inside the container made no {self.user}", hint="occ user list"
            )
        return {"said": f"uid {line[2]}", "uid": int(line[2])}

    def settle(self, world: World) -> None:
        """Call it again: then no earlier call of it can come to its end after the removal."""
        there = world.find(self.container)
        if there is not None and there.running:
            with suppress(UserToolError):  # whatever it says, it has waited for the other one
                call(world.engine, there.id, self._words())

    def revert(self, world: World) -> Result:
        """Remove it, and its home if that came with it."""
        there = world.find(self.container)
        if there is None:
            return {}
        self._remove(world, there.id)
        return {"said": "removed"}

    def _words(self) -> tuple[str, ...]:
        words = [USERADD, "-U", "-m", "-d", self.home, "-s", self.shell]
        if self.groups:
            words += ["-G", ",".join(self.groups)]
        if self.uid:
            words += ["-u", self.uid]
        return (*words, self.user)

    def _whole(self, world: World, container: str) -> bool:
        accounts = accounts_of(world.engine, container)
        shadowed = SHADOW not in accounts.tables or accounts.get(SHADOW, self.user) is not None
        return shadowed and exists(world.engine, container, self.home)

    def _remove(self, world: World, container: str) -> None:
        files = () if self.home_stays else ("-r",)
        words = (USERDEL, "-f", *files, self.user)
        call(world.engine, container, words, fine=(0, _NO_SUCH_USER, _FILES_LEFT))


@dataclass(frozen=True, slots=True)
class RemoveUser(Step):
    """Have no account of this name; its home stays. Nothing leads back from here."""

    name: ClassVar[str] = step_names.REMOVE_USER
    container: str
    user: str

    def seen(self, world: World) -> Result | None:
        """Whether it is gone, or its container is."""
        there = world.find(self.container)
        if there is not None and accounts_of(world.engine, there.id).get(PASSWD, self.user):
            return None
        return {"said": "removed"}

    def apply(self, world: World) -> Result:
        """Call userdel; processes that the user has go on until they end."""
        container = world.there(self.container).id
        words = (USERDEL, "-f", self.user)
        call(world.engine, container, words, fine=(0, _NO_SUCH_USER, _FILES_LEFT))
        return {"said": "removed"}


@dataclass(frozen=True, slots=True)
class LockUser(Step):
    """Have the password of an account locked, or unlocked; the hash stays."""

    name: ClassVar[str] = step_names.LOCK_USER
    container: str
    user: str
    locked: bool

    def seen(self, world: World) -> Result | None:
        """Whether it is so."""
        field = shadow(accounts_of(world.engine, world.there(self.container).id), self.user)
        return self._said() if field.startswith(LOCKED) == self.locked else None

    def apply(self, world: World) -> Result:
        """Call usermod."""
        self._set(world, locked=self.locked)
        return self._said()

    def settle(self, world: World) -> None:
        """Call it again, so that no earlier call can come after what undoes it."""
        self._set(world, locked=self.locked)

    def revert(self, world: World) -> Result:
        """Have it as it was."""
        self._set(world, locked=not self.locked)
        return {"said": "as it was"}

    def _set(self, world: World, *, locked: bool) -> None:
        container = world.there(self.container).id
        field = shadow(accounts_of(world.engine, container), self.user)
        if field.startswith(LOCKED) != locked:
            call(world.engine, container, (USERMOD, "-L" if locked else "-U", self.user))

    def _said(self) -> Result:
        return {"said": "disabled" if self.locked else "enabled"}


@dataclass(frozen=True, slots=True)
class SetPassword(Step):
    """Have the password whose hash this process holds; one that is disabled stays so.

    The hash is written nowhere but into the container. After a crash it is not at hand, and what
    can be said is which command sets one. `fresh` is an account that this operation made.
    """

    name: ClassVar[str] = step_names.SET_PASSWORD
    container: str
    user: str
    fresh: bool = False

    def seen(self, world: World) -> Result | None:
        """A hash is not compared with one that is not known: it is set again."""
        return None

    def apply(self, world: World) -> Result:
        """Call chpasswd, and hand it the hash."""
        container = world.there(self.container).id
        before = shadow(accounts_of(world.engine, container), self.user)
        if not world.passwords.wanted:
            return self._not_at_hand(world, before)
        world.passwords.before.setdefault(self.user, before)
        disabled = before.startswith(LOCKED) and len(before) > 1 and not self.fresh
        field = f"{LOCKED if disabled else ''}{world.passwords.wanted}"
        _hash(world, container, self.user, field)
        return {"said": "set; still disabled" if disabled else "set"}

    def revert(self, world: World) -> Result:
        """Put the one before back, if this process is the one that replaced it."""
        there = world.find(self.container)
        if self.fresh or there is None:
            return {}
        before = world.passwords.before.get(self.user)
        if before is not None:
            _hash(world, there.id, self.user, before)
            return {"said": "as it was"}
        return {"said": "not known", "warning": self._advice(world)}

    def _not_at_hand(self, world: World, field: str) -> Result:
        if self.fresh and has_password(field):
            return {"said": "was set"}
        return {"said": "not known", "warning": self._advice(world)}

    def _advice(self, world: World) -> str:
        command = f"occ user passwd {self.user} --service {world.service}"
        return (
            f"passwords are written down nowhere, so the one of {self.user} may be set or not; "
            f"set one with: {command}"
        )


@dataclass(frozen=True, slots=True)
class DeclareUser(Step):
    """Have a user named in the config, or not."""

    name: ClassVar[str] = step_names.DECLARE_USER
    file: str
    user: str
    present: bool

    def seen(self, world: World) -> Result | None:
        """Writing it again is harmless."""
        return None

    def apply(self, world: World) -> Result:
        """Write it."""
        set_user(Path(self.file), world.service, self.user, present=self.present)
        return {"said": self.file}

    def revert(self, world: World) -> Result:
        """Write what was there before."""
        set_user(Path(self.file), world.service, self.user, present=not self.present)
        return {"said": "as it was"}


def shadow(accounts: Accounts, user: str) -> str:
    """The password's field of an account; empty without one."""
    line = accounts.get(SHADOW, user) or ()
    return line[1] if len(line) > 1 else ""


def has_password(field: str) -> bool:
    """Whether somebody can log in with a password, or could if it were not locked."""
    return field.lstrip(LOCKED) not in {"", "*"}


def _hash(world: World, container: str, user: str, field: str) -> None:
    call(world.engine, container, (CHPASSWD, "-e"), stdin=f"{user}:{field}\n")
