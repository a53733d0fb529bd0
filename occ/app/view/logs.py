"""The output of a service's container."""

from collections.abc import Iterator

from occ.app import host
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.app.secret_values import secrets_found
from occ.domain.secrets.secrecy import redact_bytes
from occ.errors import NotFoundError


def logs(
    desk: Desk, service: str, *, tail: int | None, since: int, timestamps: bool, follow: bool
) -> Iterator[bytes]:
    """The container's output, with `***` for the values of its secrets.

    `tail` is a number of lines, None for all; `since` is ms since 1970 by this machine's clock, 0
    for the beginning. The engine's clock, by which lines are stamped, may be another.

    Raises:
        NotFoundError: there is no container.
        ConfigError: its secrets cannot be read, so they could not be hidden.
    """
    wanted, engine = desk.settings.service(service), desk.engine_of(service)
    ledger = ledger_of(desk.journal, service)
    there = host.ours(engine, desk.journal.id, service, ledger)
    if there.current is None:
        raise NotFoundError(f"{service} has no container", hint="occ start")
    record = ledger.versions.get(ledger.current)
    spec = record.version.spec if record else wanted.spec
    hidden = tuple(secrets_found(desk, wanted, spec).values())
    since += desk.engine_ahead(service) if since else 0
    lines = engine.logs(
        there.current.id, tail=tail, since=since, timestamps=timestamps, follow=follow
    )
    return (redact_bytes(line, hidden) for line in lines)
