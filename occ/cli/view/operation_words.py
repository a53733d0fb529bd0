"""An operation in words that more than one page has."""

from typing import Protocol

from occ.cli.terminal.words import duration, version
from occ.domain.history import Row


class Led(Protocol):
    """The versions of an operation; 0 for none."""

    @property
    def before(self) -> int: ...
    @property
    def wanted(self) -> int: ...


def led(row: Led) -> str:
    """The versions that an operation led from and to: `1 -> 2`, or `2` where it stayed there."""
    if row.before == row.wanted:
        return version(row.before)
    return f"{row.before or ''} -> {version(row.wanted)}".strip()


def down_for(row: Row, now: int) -> str:
    """How long the service was down; `> 5 m 0 s` where the journal knows no end of it."""
    if row.downtime_ms is None and row.down_since is not None:
        return f"> {duration(max(0, now - row.down_since))}"
    return duration(row.downtime_ms)
