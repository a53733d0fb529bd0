"""The data sets of a service in words: where its data is, and which data is kept beside it."""

from collections.abc import Iterator

from occ.clock import local_time
from occ.domain.data_choice import SET
from occ.domain.data_sets import FIRST, Left
from occ.domain.findings import Finding
from occ.domain.versions import Ledger


def told(service: str, ledger: Ledger) -> Iterator[str]:
    """Sentences for status: a name that a person knows may stand for old data."""
    sets = ledger.data
    if sets.current.volumes:
        now = ", ".join(sets.apart(sets.number, FIRST))
        yield (
            f"its data is in {now}, and not in volumes of the plain names: "
            f"occ data adopt-name --service {service}"
        )
    for number, left in sorted(sets.left.items()):
        way = f": {_way(service, number, left)}" if left.version in ledger.versions else ""
        yield f"{_kept(ledger, number, left)}{way}"


def findings(service: str, ledger: Ledger) -> Iterator[Finding]:
    """The same for doctor."""
    sets = ledger.data
    if not sets.current.volumes:
        return
    plain = ", ".join(sets.apart(FIRST, sets.number))
    now = ", ".join(sets.apart(sets.number, FIRST))
    yield Finding(
        code="data_elsewhere",
        says=f"{plain} holds old data that nothing mounts: the service has {now} since a rollback "
        "or a failed update; your own backups and Compose files may still name the old one",
        fix=f"occ data adopt-name --service {service}",
        service=service,
    )


def _kept(ledger: Ledger, number: int, left: Left) -> str:
    held = ", ".join(ledger.data.apart(number, ledger.data.number)) or "nothing of its own"
    at = local_time(left.at, "%Y-%m-%d %H:%M")
    return f"the data that version {left.version} left on {at} is kept in {held}"


def _way(service: str, number: int, left: Left) -> str:
    return f"occ rollback --to {left.version} --data {SET}{number} --service {service}"
