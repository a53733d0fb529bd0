"""Snapshots in words: one that was taken, one that is shown, and how two of them differ."""

from typing import TYPE_CHECKING, Final

from occ.app.results import Outcome
from occ.cli.change.dialogue import snapshot_of
from occ.cli.terminal.tables import pairs
from occ.cli.terminal.words import moment, short, size, terminal_safe

if TYPE_CHECKING:
    from occ.app.change.snapshot_difference import VolumeDifference
    from occ.app.view.snapshots import SnapshotRow, VolumeRow

_SIGNS: Final = {"added": "+", "removed": "-"}


def taken(outcome: Outcome) -> str:
    """The last line of a command that brought a snapshot; empty where it did not."""
    snapshot = snapshot_of(outcome.operation) if outcome.operation else None
    if snapshot is None:
        return ""
    count, number = len(snapshot.volumes), snapshot.number
    taken = size(sum(volume.bytes for volume in snapshot.volumes))
    volumes = f"{count} volume{'' if count == 1 else 's'}, {taken}"
    line = f"{outcome.service}: snapshot {number}, {volumes}"
    if snapshot.imported:
        return f"{line}; unverified: occ snapshot verify {number}"
    by = ", ".join(snapshot.fuzzy)
    return f"{line}; fuzzy: {by} ran while it was taken" if by else f"{line}; exact"


def short_state(row: "SnapshotRow") -> str:
    """The state in a word or two: how it was taken and whether it is pinned, or how it ended."""
    if row.removed_at:
        return f"{'pruned' if row.pruned else 'removed'} {moment(row.removed_at)}"
    return f"{'fuzzy' if row.fuzzy else 'exact'}{', pinned' if row.pinned else ''}"


def state(row: "SnapshotRow") -> str:
    """The state in a sentence."""
    if not row.fuzzy:
        return "exact: nothing ran that could write"
    return f"fuzzy: {', '.join(row.fuzzy)} ran while it was taken"


def volume(one: "VolumeRow") -> str:
    """One volume of a snapshot, in pairs of word and value."""
    return pairs(
        [
            ("volume", one.name),
            ("read by", f"the {one.way}'s way"),
            ("size", f"{size(one.bytes)} (the tar: {size(one.raw_bytes)})"),
            ("same as", f"snapshot {one.same_as}, whose file it shares" if one.same_as else ""),
            ("fuzzy", ", ".join(one.fuzzy)),
            ("without", ", ".join(one.not_carried)),
            ("hash", short(one.sha256)),
            ("manifest", short(one.manifest) if one.manifest else ""),
            ("file", one.file),
        ]
    )


def difference(one: "VolumeDifference") -> str:
    """One path that differs between two snapshots."""
    sign = _SIGNS.get(one.what, "~")
    what = f" ({one.what})" if sign == "~" else ""
    return f"{sign} {terminal_safe(one.volume)}: {terminal_safe(one.path)}{what}"
