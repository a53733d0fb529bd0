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
from occ.operations.account_tools import CHPASSWD, USERADD, USERDEL, USERMOD, call_tool, path_exists
from occ.operations.accounts import LOCKED, PASSWD, SHADOW, password_field
from occ.operations.step_context import StepContext
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

    def seen(self, context: StepContext) -> Result | None:
        """Never: useradd writes one file after another, so an account may be there in part."""
        return None

    def apply(self, context: StepContext) -> Result:
        """Call useradd; what an attempt that broke off left behind is removed first.

        Raises:
            UserToolError: useradd failed, or made no account.
        """
        container = context.there(self.container).id
        ran = call_tool(context.engine, container, self._words(), fine=(0, _EXISTS))
        if ran.status == _EXISTS and not self._whole(context, container):
            self._remove(context, container)
            call_tool(context.engine, container, self._words())
        uid = accounts_of(context.engine, container).uid(self.user)
        if uid is None:
            raise UserToolError(
                f"{USERADD} inside the container made no {self.user}", hint="occ user list"
            )
        return {"said": f"uid {uid}", "uid": uid}

    def settle(self, context: StepContext) -> None:
        """Call it again: then no earlier call of it can come to its end after the removal."""
        there = context.find(self.container)
        if there is not None and there.running:
            with suppress(UserToolError):  # whatever it says, it has waited for the other one
                call_tool(context.engine, there.id, self._words())

    def revert(self, context: StepContext) -> Result:
        """Remove it, and its home if that came with it."""
        there = context.find(self.container)
        if there is None:
            return {}
        self._remove(context, there.id)
        return {"said": "removed"}

    def _words(self) -> tuple[str, ...]:
        words = [USERADD, "-U", "-m", "-d", self.home, "-s", self.shell]
        if self.groups:
            words += ["-G", ",".join(self.groups)]
        if self.uid:
            words += ["-u", self.uid]
        return (*words, self.user)

    def _whole(self, context: StepContext, container: str) -> bool:
        accounts = accounts_of(context.engine, container)
        shadowed = SHADOW not in accounts.tables or accounts.get(SHADOW, self.user) is not None
        return shadowed and path_exists(context.engine, container, self.home)

    def _remove(self, context: StepContext, container: str) -> None:
        files = () if self.home_stays else ("-r",)
        words = (USERDEL, "-f", *files, self.user)
        call_tool(context.engine, container, words, fine=(0, _NO_SUCH_USER, _FILES_LEFT))


@dataclass(frozen=True, slots=True)
class RemoveUser(Step):
    """Have no account of this name; its home stays. Nothing leads back from here."""

    name: ClassVar[str] = step_names.REMOVE_USER
    container: str
    user: str

    def seen(self, context: StepContext) -> Result | None:
        """Whether it is gone, or its container is."""
        there = context.find(self.container)
        if there is not None and accounts_of(context.engine, there.id).get(PASSWD, self.user):
            return None
        return {"said": "removed"}

    def apply(self, context: StepContext) -> Result:
        """Call userdel; processes that the user has go on until they end."""
        container = context.there(self.container).id
        words = (USERDEL, "-f", self.user)
        call_tool(context.engine, container, words, fine=(0, _NO_SUCH_USER, _FILES_LEFT))
        return {"said": "removed"}


@dataclass(frozen=True, slots=True)
class LockUser(Step):
    """Have the password of an account locked, or unlocked; the hash stays."""

    name: ClassVar[str] = step_names.LOCK_USER
    container: str
    user: str
    locked: bool

    def seen(self, context: StepContext) -> Result | None:
        """The lock as it is wanted, where it is there already."""
        field = password_field(
            accounts_of(context.engine, context.there(self.container).id), self.user
        )
        return self._said() if field.startswith(LOCKED) == self.locked else None

    def apply(self, context: StepContext) -> Result:
        """Call usermod."""
        self._set(context, locked=self.locked)
        return self._said()

    def settle(self, context: StepContext) -> None:
        """Call it again, so that no earlier call can come after what undoes it."""
        self._set(context, locked=self.locked)

    def revert(self, context: StepContext) -> Result:
        """Have it as it was."""
        self._set(context, locked=not self.locked)
        return {"said": "as it was"}

    def _set(self, context: StepContext, *, locked: bool) -> None:
        container = context.there(self.container).id
        field = password_field(accounts_of(context.engine, container), self.user)
        if field.startswith(LOCKED) != locked:
            call_tool(context.engine, container, (USERMOD, "-L" if locked else "-U", self.user))

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

    def seen(self, context: StepContext) -> Result | None:
        """A hash is not compared with one that is not known: it is set again."""
        return None

    def apply(self, context: StepContext) -> Result:
        """Call chpasswd, and hand it the hash."""
        container = context.there(self.container).id
        before = password_field(accounts_of(context.engine, container), self.user)
        if not context.passwords.wanted:
            return self._not_at_hand(context, before)
        context.passwords.before.setdefault(self.user, before)
        disabled = before.startswith(LOCKED) and len(before) > 1 and not self.fresh
        field = f"{LOCKED if disabled else ''}{context.passwords.wanted}"
        _hash(context, container, self.user, field)
        return {"said": "set; still disabled" if disabled else "set"}

    def revert(self, context: StepContext) -> Result:
        """Put the one before back, if this process is the one that replaced it."""
        there = context.find(self.container)
        if self.fresh or there is None:
            return {}
        before = context.passwords.before.get(self.user)
        if before is not None:
            _hash(context, there.id, self.user, before)
            return {"said": "as it was"}
        return {"said": "not known", "warning": self._advice(context)}

    def _not_at_hand(self, context: StepContext, field: str) -> Result:
        if self.fresh and has_password(field):
            return {"said": "was set"}
        return {"said": "not known", "warning": self._advice(context)}

    def _advice(self, context: StepContext) -> str:
        command = f"occ user passwd {self.user} --service {context.service}"
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

    def seen(self, context: StepContext) -> Result | None:
        """Writing it again is harmless."""
        return None

    def apply(self, context: StepContext) -> Result:
        """Write it."""
        set_user(Path(self.file), context.service, self.user, present=self.present)
        return {"said": self.file}

    def revert(self, context: StepContext) -> Result:
        """Write what was there before."""
        set_user(Path(self.file), context.service, self.user, present=not self.present)
        return {"said": "as it was"}


def has_password(field: str) -> bool:
    """Whether somebody can log in with a password, or could if it were not locked."""
    return field.lstrip(LOCKED) not in {"", "*"}


def _hash(context: StepContext, container: str, user: str, field: str) -> None:
    call_tool(context.engine, container, (CHPASSWD, "-e"), stdin=f"{user}:{field}\n")
