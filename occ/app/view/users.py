"""The users of a container, and the files that a replacement of it would not have."""

from dataclasses import replace

from occ.app import host
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.app.results import UserRow
from occ.engine.values import Change
from occ.errors import NotFoundError
from occ.operations.accounts import (
    GROUP,
    LOCKED,
    PASSWD,
    Accounts,
    account_number,
    password_field,
    personal_accounts,
)
from occ.operations.steps.account import has_password
from occ.operations.steps.users import accounts_of
from occ.operations.unsaved_files import homes, lost
from occ.settings import Service

_FIELDS = 7


def users(desk: Desk, service: str) -> tuple[UserRow, ...]:
    """The people's accounts in the container, and those that the config names.

    Raises:
        NotFoundError: there is no container.
    """
    chosen, _container, accounts = _seen(desk, service)
    recorded = ledger_of(desk.journal, service).users
    names = dict.fromkeys((*chosen.users, *recorded, *personal_accounts(accounts)))
    return tuple(_row(name, accounts, declared=name in chosen.users) for name in names)


def unsaved_files(desk: Desk, service: str) -> tuple[Change, ...]:
    """The files of the container's own layer that a replacement would not have.

    Raises:
        NotFoundError: there is no container.
    """
    _chosen, container, accounts = _seen(desk, service)
    where = homes(ledger_of(desk.journal, service).users, accounts)
    return lost(desk.engine_of(service).changes(container), where)


def _seen(desk: Desk, service: str) -> tuple[Service, str, Accounts]:
    chosen = desk.settings.service(service)
    ledger = ledger_of(desk.journal, chosen.name)
    engine = desk.engine_of(chosen.name)
    there = host.ours(engine, desk.journal.id, chosen.name, ledger).current
    if there is None:
        raise NotFoundError(f"{chosen.name} has no container", hint="occ start")
    return chosen, there.id, accounts_of(engine, there.id)


def _row(name: str, accounts: Accounts, *, declared: bool) -> UserRow:
    line = accounts.get(PASSWD, name)
    row = UserRow(name=name, present=line is not None, declared=declared)
    if line is None or len(line) != _FIELDS:
        return row
    groups = [
        group
        for group, fields in accounts.tables.get(GROUP, {}).items()
        if len(fields) > 3 and name in fields[3].split(",")  # noqa: PLR2004 - the members
    ]
    field = password_field(accounts, name)
    return replace(
        row,
        uid=_number(line[2]),
        gid=_number(line[3]),
        groups=tuple(filter(None, (accounts.owner(GROUP, line[3]), *groups))),
        home=line[5],
        shell=line[6],
        locked=field.startswith(LOCKED),
        password=has_password(field),
    )


def _number(text: str) -> int:
    found = account_number(text)
    return -1 if found is None else found
