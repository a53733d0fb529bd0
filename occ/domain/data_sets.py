"""The facts that are recorded of volumes into which the data of a snapshot was put."""

from dataclasses import dataclass

from occ.domain.snapshots import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRestored:
    """A new volume has the data of a snapshot: written, read back, and the same."""

    name: str
    """The volume's name in the spec, by which the snapshot has it."""
    volume: str
    """The engine's name of the new one."""
    snapshot: int
    way: Way
    """How it was written: by the engine's archive call, or by tar on the engine's host."""
