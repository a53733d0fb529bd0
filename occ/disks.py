"""The disks of this machine: where a path stands on them, and names that last on them."""

import os
from pathlib import Path


def nearest(path: Path) -> Path:
    """The path, or the first folder above it that exists."""
    return next(p for p in (path, *path.parents) if os.path.lexists(p))


def mount_of(path: Path) -> Path:
    """Where the disk that it is on is mounted."""
    return next(p for p in (path, *path.parents) if p.is_mount() or p == p.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in a folder durable.

    Raises:
        OSError: the disk failed.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
