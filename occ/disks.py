"""The disks of this machine: where a path stands on them."""

import os
from pathlib import Path


def nearest(path: Path) -> Path:
    """The path, or the first folder above it that exists."""
    return next(p for p in (path, *path.parents) if os.path.lexists(p))


def mount_of(path: Path) -> Path:
    """Where the disk that it is on is mounted."""
    return next(p for p in (path, *path.parents) if p.is_mount() or p == p.parent)
