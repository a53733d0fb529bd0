"""An operation in words that more than one page has."""

from occ.cli.terminal.words import duration, version
from occ.domain.history import Row


def led(before: int, wanted: int) -> str:
    """The versions that an operation led from and to: `1 -> 2`, or `2` where it stayed there."""
    if before == wanted:
        return version(before)
    return f"{before or ''} -> {version(wanted)}".strip()


def down_for(row: Row, now: int) -> str:
    """How long the service was down; `> 5 m 0 s` where the journal knows no end of it."""
    if row.downtime_ms is None and row.down_since is not None:
        return f"> {duration(max(0, now - row.down_since))}"
    return duration(row.downtime_ms)
