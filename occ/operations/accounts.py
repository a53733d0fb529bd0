"""Carrying users from one container's account files into another's: pure text in, text out.

Ids, groups, shells, homes and the whole shadow line (hash, lock, ageing) stay the same, so that
files in volumes keep their owners and people keep their passwords.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from occ.domain.total import whole_number
from occ.errors import UserClashError

PASSWD, GROUP, SHADOW, GSHADOW = "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"
FILES = (PASSWD, GROUP, SHADOW, GSHADOW)
LOCKED = "!"
_IN_SHADOW = "x"  # in the place of a password in /etc/passwd
_AGEING = ("", "0", "99999", "7", "", "", "")
_PEOPLE = range(1000, 60_000)
_FIELDS = 7
_HASH = "$"  # every hash of crypt(5) in use begins with one
_GROUP_FIELDS = 4
_HIDDEN_FIELDS = 4
_MOST_ID = (1 << 32) - 2

Lines = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Accounts:
    """The account files of a container, each as its lines keyed by the first field.

    Nothing here is printed or written to a journal: shadow lines are secrets.
    """

    tables: Mapping[str, Lines] = field(repr=False)

    @classmethod
    def parse(cls, files: Mapping[str, str]) -> "Accounts":
        """Read account files; a line without a colon is kept as it is."""
        return cls({path: _table(files[path]) for path in FILES if path in files})

    def text(self, path: str) -> str:
        """One file as text again."""
        return "".join(":".join(fields) + "\n" for fields in self.tables[path].values())

    def get(self, path: str, name: str) -> tuple[str, ...] | None:
        """The line of a user or group."""
        return self.tables.get(path, {}).get(name)

    def owner(self, path: str, number: str) -> str:
        """Whose this uid or gid is; empty for nobody's."""
        table = self.tables.get(path, {})
        return next((n for n, f in table.items() if len(f) > 2 and _same(f[2], number)), "")

    def user(self, name: str) -> tuple[str, ...] | None:
        """The seven fields of a user, those that its line does not have empty."""
        line = self.get(PASSWD, name)
        return None if line is None else (*line, *[""] * (_FIELDS - len(line)))

    def uid(self, name: str) -> int | None:
        """The number of a user; None without a user or a number that a system takes."""
        line = self.user(name)
        return account_number(line[2]) if line else None

    def with_line(self, path: str, line: tuple[str, ...]) -> "Accounts":
        """The same with one line put in or replaced; a file that is missing begins with it."""
        table = {**self.tables.get(path, {}), line[0]: line}
        return replace(self, tables={**self.tables, path: table})


@dataclass(frozen=True, slots=True)
class Carried:
    """The new container's accounts, the users created with a locked password, and the homes.

    `homes` are (path, uid, gid) of every user.
    """

    accounts: Accounts
    locked: tuple[str, ...]
    homes: tuple[tuple[str, int, int], ...]


def carry(
    names: Iterable[str], old: Accounts | None, new: Accounts, *, reset: bool = False
) -> Carried:
    """Bring these users into the new accounts, from the old ones where they are known there.

    A user that the old container does not know is created with no password and with the next
    number that is free in both, so that it owns nobody's files. With `reset` nobody has a
    password: ids, groups and ageing stay, so that files in volumes keep their owners.

    A file that the new image lacks is begun where a user has a line for it: a hash that has no
    place would be lost with the old container. Only /etc/passwd has to be there.

    Raises:
        UserClashError: a name, uid or gid means somebody else in the new image.
    """
    locked: list[str] = []
    homes: list[tuple[str, int, int]] = []
    if PASSWD not in new.tables:
        raise UserClashError(
            f"the image has no {PASSWD} to keep users in",
            hint="use an image with one; without `users` in the config their accounts and "
            "passwords go with the old container",
        )
    names, before = tuple(names), old or Accounts({})
    # In whatever order they are named: whoever is known keeps a number before anybody gets one.
    for name in names:
        if before.get(PASSWD, name) is not None:
            new = _bring(name, before, new)
    for name in names:
        if new.get(PASSWD, name) is None:
            new = _create(name, before, new)
            locked.append(name)
        if reset and name not in locked and (without := _without_password(name, new)):
            new = without
            locked.append(name)
        line = new.get(PASSWD, name)
        uid, gid = (account_number(account_field(line, at)) for at in (2, 3))
        home = account_field(line, 5)
        if home and uid is not None and gid is not None:
            homes.append((home, uid, gid))
    return Carried(new, tuple(locked), tuple(homes))


def account_field(line: Sequence[str] | None, at: int) -> str:
    """A field of an account's line, counted from 0; empty where the line has none, or is None."""
    return line[at] if line is not None and at < len(line) else ""


def account_number(text: str) -> int | None:
    """A uid or gid; None for a text that is no number of 32 bits."""
    return whole_number(text, _MOST_ID)


def personal_accounts(accounts: Accounts) -> tuple[str, ...]:
    """Those whose uid is a person's, by the range of login.defs(5) in Debian."""
    return tuple(
        name
        for name, line in accounts.tables.get(PASSWD, {}).items()
        if len(line) == _FIELDS and accounts.uid(name) in _PEOPLE
    )


def with_password(accounts: Accounts) -> tuple[str, ...]:
    """The people who have a password, locked or not: somebody made these accounts by hand."""
    people = personal_accounts(accounts)
    return tuple(name for name in people if _HASH in password_field(accounts, name))


def password_field(accounts: Accounts, name: str) -> str:
    """The password's field of an account; empty without one.

    Where /etc/shadow has no line for it, that of /etc/passwd counts: there a container without
    shadow files keeps its hashes.
    """
    line = accounts.get(SHADOW, name)
    if line is not None:
        return account_field(line, 1)
    said = account_field(accounts.get(PASSWD, name), 1)
    return "" if said == _IN_SHADOW else said


def _without_password(name: str, accounts: Accounts) -> Accounts | None:
    """The accounts with this user's password taken away; None where there is none."""
    shadow, line = accounts.get(SHADOW, name), accounts.get(PASSWD, name) or ()
    if line[1:2] not in {(), (_IN_SHADOW,)}:
        accounts = accounts.with_line(PASSWD, (name, _IN_SHADOW, *line[2:]))
    elif shadow is None:
        return None
    kept = shadow or (name, LOCKED, *_AGEING)
    return accounts.with_line(SHADOW, (name, LOCKED, *kept[2:]))


def _bring(name: str, old: Accounts, new: Accounts) -> Accounts:
    line = old.get(PASSWD, name) or ()
    if len(line) != _FIELDS:
        raise UserClashError(
            f"the line of {name} in {PASSWD} has {len(line)} fields, not {_FIELDS}",
            hint="mend it in the container that is there, or remove the user from the config",
        )
    _check_number(PASSWD, "uid", name, line[2], new)
    group = old.owner(GROUP, line[3])
    _check_number(GROUP, "gid", group or name, line[3], new, named=bool(group))
    new = new.with_line(PASSWD, line)
    if shadow := old.get(SHADOW, name):
        new = new.with_line(SHADOW, shadow)
    for other, fields in old.tables.get(GROUP, {}).items():
        if len(fields) > 3 and (other == group or name in fields[3].split(",")):
            new = _join(name, fields, old, new)
            if old.get(GSHADOW, other):
                new = _join_hidden(name, other, old, new)
    return new


def _check_number(
    path: str, what: str, name: str, number: str, new: Accounts, *, named: bool = True
) -> None:
    """Refuse a number that means somebody else; `named` false: it has no name where it is from."""
    there, holder = new.get(path, name) if named else None, new.owner(path, number)
    theirs = number if there is None else account_field(there, 2) or "none"
    if not _same(theirs, number):
        raise UserClashError(
            f"{name} has {what} {number}, but {theirs} in the new image",
            hint="files in volumes would change owner; use an image without this account",
        )
    if holder not in {"", name}:
        raise UserClashError(
            f"{what} {number} of {name} belongs to {holder} in the new image",
            hint="files in volumes would change owner; use an image without this account",
        )


def _same(one: str, other: str) -> bool:
    """Whether two ids are one: a system reads 01000 as 1000."""
    return one == other or account_number(one) == account_number(other) is not None


def _join(name: str, fields: tuple[str, ...], old: Accounts, new: Accounts) -> Accounts:
    group, member = fields[0], name in fields[3].split(",")
    there = new.get(GROUP, group)
    if there is None:
        _check_number(GROUP, "gid", group, fields[2], new)
        there = (group, "x", fields[2], "")
        new = _hide(group, old.get(GSHADOW, group) or (), new)
    line = (*there, "", "", "")[:_GROUP_FIELDS]
    return new.with_line(GROUP, (*line[:3], _with(name, line[3]) if member else line[3]))


def _hide(group: str, before: tuple[str, ...], new: Accounts) -> Accounts:
    """The hidden line of a group that is new, with its password; no file is begun without one."""
    password = before[1] if len(before) == _HIDDEN_FIELDS else LOCKED
    if GSHADOW not in new.tables and _HASH not in password:
        return new
    return new.with_line(GSHADOW, (group, password, "", ""))


def _join_hidden(name: str, group: str, old: Accounts, new: Accounts) -> Accounts:
    """Who is a group's administrator or member by gshadow(5), too."""
    before, there = old.get(GSHADOW, group) or (), new.get(GSHADOW, group) or ()
    if len(before) != _HIDDEN_FIELDS or len(there) != _HIDDEN_FIELDS:
        return new
    named = {at for at in (2, 3) if name in before[at].split(",")}
    line = (_with(name, now) if at in named else now for at, now in enumerate(there))
    return new.with_line(GSHADOW, tuple(line))


def _with(name: str, listed: str) -> str:
    members = [member for member in listed.split(",") if member]
    return ",".join(members if name in members else (*members, name))


def _create(name: str, old: Accounts, new: Accounts) -> Accounts:
    if new.get(GROUP, name) is not None:
        raise UserClashError(
            f"the image has a group {name} already, and no user {name}",
            hint="choose another name in `users`",
        )
    taken = {*_numbers(old), *_numbers(new)}
    free = next((n for n in _PEOPLE if n not in taken), None)
    if free is None:
        raise UserClashError(
            f"no number is free for {name}", hint="remove the user from the config"
        )
    bash = any(line[-1] == "/bin/bash" for line in new.tables[PASSWD].values())
    number, shell = str(free), "/bin/bash" if bash else "/bin/sh"
    new = new.with_line(PASSWD, (name, "x", number, number, "", f"/home/{name}", shell))
    new = new.with_line(GROUP, (name, "x", number, ""))
    new = _hide(name, (), new)
    return new.with_line(SHADOW, (name, LOCKED, *_AGEING))


def _numbers(accounts: Accounts) -> Iterator[int | None]:
    """Every uid and gid that means somebody."""
    for path, end in ((PASSWD, 4), (GROUP, 3)):
        for line in accounts.tables.get(path, {}).values():
            yield from map(account_number, line[2:end])


def _table(text: str) -> Lines:
    # Only a newline ends a line: splitlines would end one at a form feed in somebody's full name.
    rows = (tuple(line.split(":")) for line in text.split("\n") if line.strip())
    return {row[0]: row for row in rows}
