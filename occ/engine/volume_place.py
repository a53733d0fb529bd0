"""The place of a volume's data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumePlace:
    """Where the data of a volume is, as its engine tells it."""

    driver: str
    """`local` for the engine's own."""
    plain: bool
    """It was made without options of its driver, by which `local` mounts disks and shares."""
    folder: str
    """The folder on the engine's host; empty where it tells none."""
