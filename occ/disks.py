"""The disks of this machine: where a path stands on them."""

import os
from dataclasses import dataclass
from pathlib import Path


def nearest(path: Path) -> Path:
    """The path, or the first folder above it that exists."""
    return next(p for p in (path, *path.parents) if os.path.lexists(p))


def mount_of(path: Path) -> Path:
    """Where the disk that it is on is mounted."""
    return next(p for p in (path, *path.parents) if p.is_mount() or p == p.parent)


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk, and how much of it is free for us."""

    name: str
    free: int
    """In bytes."""


def disk_of(path: Path) -> Disk | None:
    """The disk on which a path lies, or would lie; None where nobody can tell."""
    try:
        there = nearest(path)
        told = os.statvfs(there)
        return Disk(name=str(there.stat().st_dev), free=told.f_bavail * told.f_frsize)
    except OSError:
        return None
