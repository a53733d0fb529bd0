"""Secrets of a service: kept, listed without their values, and kept no longer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from occ.app.config.config import config_file, service_in_config
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of, running_prints
from occ.app.outbox import targets
from occ.app.secret_values import comparable_prints
from occ.domain.kinds import KINDS
from occ.domain.operation import Operation
from occ.domain.secrets.fingerprints import Change, compared, sentences
from occ.errors import ConfigError, NotFoundError, UsageMistakeError
from occ.operations.plan import PlanInput
from occ.settings import Service
from occ.settings.secret_values.lookup import is_text, locate
from occ.settings.secret_values.stores import store_of, stores_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKept:
    """A secret after it was kept or taken out."""

    service: str
    name: str
    where: str
    """The store."""
    named: bool
    """Whether the config has the name."""
    changed: bool
    """False when the value was the same before."""
    added: bool = False
    """Whether the name was put into the config just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRow:
    """A secret without its value."""

    service: str
    name: str
    source: str
    """A store, `environment`, or empty for nowhere."""
    change: Change | None
    """Today's value against the one that the service's container was made with. None where there
    is no container yet, or where the config does not have the name."""
    named: bool
    """Whether the config has the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSeen:
    """A secret of an operation."""

    name: str
    by_it: Change
    """Its value against the value of the container that ran before."""
    since: Change
    """Today's value against its value."""


def keep_secret(
    desk: Desk, name: str, service: str, value: Callable[[], str], *, add: bool = False
) -> SecretKept:
    """Keep a value in the service's store; `value` is asked for when nothing else is amiss.

    With `add` the service's table in the config gets the name too, if the service has a table.

    Raises:
        UsageMistakeError: the value is empty, or no text.
        ConfigError: the store cannot have it.
        BusyError: an operation of the service runs, and reads them.
    """
    wanted = _holder(desk, service)
    store, file = store_of(desk.settings, wanted), config_file(desk)
    there = service_in_config(desk, service) if add else None
    adds = there is not None and name not in wanted.spec.secrets
    if adds:
        file.with_name("secrets", name, service)
    given, again = value(), f"occ secret set {name} --service {service}"
    if not given:
        raise UsageMistakeError(f"the value of {name} is empty", hint=again)
    if not is_text(given):
        wrong = f"the value of {name} holds a NUL or is not UTF-8; write it as text"
        raise UsageMistakeError(wrong, hint=again)
    with desk.lock(service):
        # Again, as the file may have changed while the value was typed: no value is kept by a
        # command that is refused.
        texts = file.with_name("secrets", name, service) if adds else None
        before = store.read([name]).get(name)
        store.put(name, given)
        kept = _kept(wanted, name, store.where, changed=before != given)
        if texts:
            file.write(*texts)
            kept = replace(kept, named=True, added=True)
    return kept


def drop_secret(desk: Desk, name: str, service: str) -> SecretKept:
    """Keep a value no longer.

    Raises:
        NotFoundError: the store has no secret of this name.
        ConfigError: the store cannot be used.
        BusyError: as for `keep_secret`.
    """
    wanted = _holder(desk, service)
    store = store_of(desk.settings, wanted)
    with desk.lock(service):
        if not store.take_out(name):
            raise NotFoundError(
                f"{store.where} has no secret {name} of {service}", hint="occ secret list"
            )
    return _kept(wanted, name, store.where, changed=True)


def secret_rows(desk: Desk, service: str) -> tuple[SecretRow, ...]:
    """Every secret that the config names, and after them those that a store keeps unasked.

    Raises:
        ConfigError: a store cannot be used.
    """
    wanted = _holder(desk, service)
    named = wanted.spec.secrets
    stores = stores_of(desk.settings, wanted)
    found = locate(named, stores, desk.environ)
    changes = secrets_since_start(desk, service)
    spare = {n: s.where for s in reversed(stores) for n in s.read(()) if n not in named}
    rows = (
        *((n, at.source, changes.get(n) if at.value else None) for n, at in found.items()),
        *((n, where, None) for n, where in sorted(spare.items())),
    )
    return tuple(
        SecretRow(service=service, name=name, source=source, change=change, named=name in named)
        for name, source, change in rows
    )


def secrets_since_start(desk: Desk, service: str) -> Mapping[str, Change]:
    """Whether each secret has changed since the container was made; {} without a container."""
    wanted = _holder(desk, service)
    if not ledger_of(desk.journal, service).current:
        return {}
    return secrets_since(desk, running_prints(desk.journal, service), wanted)


def secrets_since(desk: Desk, before: Mapping[str, str], service: Service) -> Mapping[str, Change]:
    """Whether each secret has changed since these fingerprints were made."""
    stores = stores_of(desk.settings, service)
    names = tuple(dict.fromkeys((*service.spec.secrets, *before)))
    found = locate(names, stores, desk.environ)
    values = {name: located.value for name, located in found.items() if located.value}
    now = comparable_prints(desk, {n: v for n, v in values.items() if is_text(v)})
    lost = {name: before[name] for name in before if name in values and name not in now}
    return {**compared(before, now), **dict.fromkeys(lost, "unknown")}


def secrets_of(desk: Desk, operation: Operation) -> tuple[SecretSeen, ...]:
    """The secrets of an operation's plan: what it changed, and what has changed since.

    Where today's values cannot be had, whether they have changed is unknown.
    """
    planned, prints = operation.planned, operation.planned.request.fingerprints
    if not prints:
        return ()
    before = compared(running_prints(desk.journal, operation.service, operation.number), prints)
    wanted = desk.settings.services.get(operation.service)
    try:
        since = secrets_since(desk, prints, wanted) if wanted else {}
    except ConfigError:
        since = {}
    return tuple(
        SecretSeen(
            name=name,
            by_it=before[name] if planned.current else "new",
            since=since.get(name, "unknown"),
        )
        for name in prints
    )


def secret_notes(given: PlanInput) -> tuple[str, ...]:
    """The secrets whose values a replacement would change, for the operator to know."""
    request, found, facts = given.request, given.found, KINDS[given.kind]
    if facts.leads_back:
        target = given.ledger.versions[request.version].version
        changes = compared(target.fingerprints, request.fingerprints)
        notes = tuple(sentences(changes, f"version {target.number}"))
        return (*notes, "secrets get the values of today") if notes else ()
    if facts.compares and given.ledger.current and found.version:
        changes = compared(given.prints, request.fingerprints)
        return tuple(sentences(changes, f"version {found.version} was started"))
    return ()


def _holder(desk: Desk, service: str) -> Service:
    """The service of this name; `notify` stands for the targets of messages, unless it is one."""
    if service == targets.SECRETS_OF and service not in desk.settings.services:
        return targets.holder(desk.settings)
    return desk.settings.service(service)


def _kept(service: Service, name: str, where: str, *, changed: bool) -> SecretKept:
    return SecretKept(
        service=service.name,
        name=name,
        where=where,
        named=name in service.spec.secrets,
        changed=changed,
    )
