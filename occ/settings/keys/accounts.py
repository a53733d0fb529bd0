"""`users`: a list of names, or a table that says what becomes of their passwords too."""

from dataclasses import dataclass
from typing import Final

from occ.domain.values import ACCOUNT_NAME
from occ.settings.keys import forms, readers
from occ.settings.keys.choices import Passwords
from occ.settings.keys.setting import Setting, Table
from occ.settings.toml.node import Node

_EXAMPLE = 'users = ["ann"], or [services.NAME.users] with names = ["ann"] below it'


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts of a service, and whether a replacement has their passwords."""

    names: tuple[str, ...] = ()
    passwords: Passwords = "keep"


USERS: Final = (
    Setting(
        key="names",
        form=forms.names(readers.users, ACCOUNT_NAME),
        meaning="The accounts, as in `users` written as a list.",
    ),
    Setting(
        key="passwords",
        form=forms.choice(Passwords),
        default_text='`"keep"`',
        meaning="`reset`: a replacement has the accounts with their ids and groups, and all of "
        "them locked until somebody sets a password with `occ user passwd`.",
    ),
)


def accounts(node: Node) -> Accounts:
    """Both forms of the key.

    Raises:
        ConfigError: something in it cannot be used.
    """
    if not isinstance(node.value, dict):
        return Accounts(names=readers.users(node))
    return Accounts(**Table.of(node, USERS, _EXAMPLE).values_of(Accounts))


def accounts_value(found: Accounts) -> object:
    """The key as the config writes it: a list where that says all, else a table."""
    names = list(found.names)
    return names if found.passwords == "keep" else {"names": names, "passwords": found.passwords}
