"""The targets as `occ notify list` shows them."""

from dataclasses import dataclass

from occ.app.desk import Desk
from occ.app.outbox import reading
from occ.app.outbox.deliver import line_of
from occ.app.outbox.targets import address_of, way_of
from occ.domain.outbox import Fact, Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """One target. Times are ms since 1970, 0 for never."""

    target: str
    way: str
    """The key that says how it is reached."""
    address: str
    """Scheme and host alone, or a program's path."""
    events: tuple[str, ...]
    waiting: int
    """How many messages it has not had; those that were given up count as one."""
    oldest_at: int
    """When the oldest of the others happened."""
    delivered_at: int
    """When it took its last one."""
    failed_at: int
    """When a try of the next one was last written down as failed."""
    why: str
    """Why that failed."""


def rows(desk: Desk) -> tuple[TargetRow, ...]:
    """Every target of the config; nothing is sent and nothing written."""
    return tuple(_row(desk, name) for name in desk.settings.notify)


def waiting(desk: Desk) -> dict[str, int]:
    """How many messages wait, by target."""
    return {name: len(_due(desk, name)) for name in desk.settings.notify}


def _row(desk: Desk, name: str) -> TargetRow:
    target, due = desk.settings.notify[name], _due(desk, name)
    failing = reading.failing(desk.journal, name) if due else None
    return TargetRow(
        target=name,
        way=way_of(target),
        address=address_of(target),
        events=target.events,
        waiting=len(due),
        oldest_at=min((fact.at for fact in due if isinstance(fact, Fact)), default=0),
        delivered_at=reading.last_delivered(desk.journal, name),
        failed_at=failing.at if failing else 0,
        why=failing.notice.why if failing else "",
    )


def _due(desk: Desk, name: str) -> list[Fact | Summary]:
    return line_of(desk, desk.settings.notify[name]).due
