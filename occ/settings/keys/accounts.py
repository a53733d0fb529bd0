"""`users`: a list of names, or a table that says what becomes of their passwords too."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from occ.settings.keys import names
from occ.settings.keys.key_table import Setting, Table
from occ.settings.toml.node import Node

Passwords: TypeAlias = Literal["keep", "reset"]

PASSWORDS: tuple[Passwords, ...] = ("keep", "reset")
_EXAMPLE = 'users = ["ann"], or [services.NAME.users] with names = ["ann"] below it'


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts of a service, and whether a replacement has their passwords."""

    names: tuple[str, ...] = ()
    passwords: Passwords = "keep"


NAMES: Final = Setting[tuple[str, ...]](
    key="names",
    kind="list of names",
    default=(),
    default_text="none",
    meaning="The accounts, as in `users` written as a list.",
    read=names.users,
)
KEPT: Final = Setting[Passwords](
    key="passwords",
    kind='`"keep"` or `"reset"`',
    default="keep",
    default_text='`"keep"`',
    meaning="`reset`: a replacement has the accounts with their ids and groups, and all of them "
    "locked until somebody sets a password with `occ user passwd`.",
    read=names.one_of(PASSWORDS),
)
USERS: Final[tuple[Setting[object], ...]] = (NAMES, KEPT)


def accounts(node: Node) -> Accounts:
    """Both forms of the key."""
    if not isinstance(node.value, dict):
        return Accounts(names=names.users(node))
    table = Table.of(node, USERS, _EXAMPLE)
    return Accounts(names=table.take(NAMES), passwords=table.take(KEPT))
