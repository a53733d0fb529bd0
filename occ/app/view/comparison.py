"""The config against the version that runs, as people read it: line by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from occ.app import host
from occ.app.config.config import difference
from occ.app.config.secrets import secrets_since_start
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.domain.request import Version
from occ.domain.secrets.fingerprints import Change
from occ.domain.secrets.secrecy import clean
from occ.domain.versions import Ledger
from occ.operations import labels
from occ.operations.labels import volume_name
from occ.settings import Service
from occ.settings.as_table import table_of, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The config against the version that runs."""

    service: str
    version: int
    """0 where nothing runs."""
    diff: str = ""
    """As a unified diff; empty when they agree."""
    secrets: Mapping[str, Change] = field(default_factory=dict)
    """Only those whose value is not the container's."""


def comparison(desk: Desk, service: str) -> Comparison:
    """Everything that the next apply would change.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    wanted = desk.settings.service(service)
    ledger = ledger_of(desk.journal, service)
    there = host.ours(desk.engine_of(service), desk.journal.id, service, ledger).current
    number = labels.number(there.labels, labels.VERSION) if there else 0
    record = ledger.versions.get(number)
    if record is None:
        return Comparison(service=service, version=0)
    return Comparison(
        service=service,
        version=number,
        diff=spec_difference(wanted, record.version, ledger, str(desk.settings.path)),
        secrets={n: c for n, c in secrets_since_start(desk, service).items() if c != "same"},
    )


def spec_difference(wanted: Service, runs: Version, ledger: Ledger, config: str) -> str:
    """A unified diff from what runs to what the config wants; empty when they agree."""
    before = text_of(_as_it_runs(wanted, runs, ledger))
    return clean(difference(before, text_of(wanted), f"version {runs.number}", config))


def keys_not_in_force(wanted: Service, runs: Version, ledger: Ledger) -> tuple[str, ...]:
    """The keys of the config that say something else than what runs, as `env.COLOUR`."""
    before, after = table_of(_as_it_runs(wanted, runs, ledger)), table_of(wanted)
    return tuple(_different(before, after))


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys((*after, *before)):
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        tables = [value for value in (one, other) if isinstance(value, Mapping)]
        if tables and all(value is None or isinstance(value, Mapping) for value in (one, other)):
            yield from (f"{key}.{inner}" for inner in _different(one or {}, other or {}))
        else:
            yield key


def _as_it_runs(wanted: Service, runs: Version, ledger: Ledger) -> Service:
    """The service as the config would declare what runs.

    Volumes that the image brought are in no config, and no difference.
    """
    kept = tuple(
        one
        for one in runs.spec.volumes
        if one.name != volume_name(wanted.name, one.path) or wanted.spec.covers(one.path)
    )
    called = ledger.container_name(wanted.name)
    return replace(
        wanted,
        spec=replace(runs.spec, volumes=kept),
        reference=runs.reference,
        users=wanted.users if set(ledger.users) == set(wanted.users) else ledger.users,
        called=wanted.called if called == wanted.container_name else ledger.called,
    )
