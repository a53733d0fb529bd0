"""The config against the version that runs, as people read it: line by line."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import unified_diff

from occ.app import host
from occ.app.config.secrets import Secrets
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.domain.fingerprints import Change
from occ.domain.request import Version
from occ.domain.secrecy import clean
from occ.operations import labels
from occ.operations.labels import volume_name
from occ.settings import Service
from occ.settings.as_table import text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The config against what runs, as a unified diff; empty when they agree.

    `version` is 0 where nothing runs. `secrets` are those whose value is not the same, each with
    what became of it since the container was made.
    """

    service: str
    version: int
    diff: str = ""
    secrets: Mapping[str, Change] = field(default_factory=dict)


def compared(desk: Desk, service: str) -> Compared:
    """What the next apply would change.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    wanted = desk.settings.service(service)
    ledger = ledger_of(desk.journal, service)
    there = host.ours(desk.engine, desk.journal.id, service, ledger).current
    number = labels.number(there.labels, labels.VERSION) if there else 0
    record = ledger.versions.get(number)
    if record is None:
        return Compared(service=service, version=0)
    changes = Secrets(desk).changes(service)
    return Compared(
        service=service,
        version=number,
        diff=difference(wanted, record.version, ledger.users, str(desk.settings.path)),
        secrets={name: change for name, change in changes.items() if change != "same"},
    )


def difference(wanted: Service, runs: Version, users: tuple[str, ...], config: str) -> str:
    """A unified diff from what runs to what the config wants; empty when they agree.

    Volumes that the image brought are in no config, and no difference.
    """
    kept = tuple(
        one
        for one in runs.spec.volumes
        if one.name != volume_name(wanted.name, one.path) or wanted.spec.covers(one.path)
    )
    before = replace(
        wanted,
        spec=replace(runs.spec, volumes=kept),
        reference=runs.reference,
        users=users if set(users) != set(wanted.users) else wanted.users,
    )
    lines = unified_diff(
        text_of(before).splitlines(),
        text_of(wanted).splitlines(),
        fromfile=f"version {runs.number}",
        tofile=config,
        lineterm="",
    )
    return clean("\n".join(lines))
