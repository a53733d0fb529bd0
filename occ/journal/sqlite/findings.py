"""Doctor's findings about a journal's file and SQLite: its disk, who may touch it, known faults."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from glob import escape
from pathlib import Path

from occ.disks import mount_of, nearest
from occ.domain.findings import Finding
from occ.journal.sqlite.place import MOUNTS, network_type

# SQLite 3.51.3 mended a race of the write-ahead log's reset (https://sqlite.org/wal.html).
_FIRST_WITH_FAULT, _FIRST_WITHOUT = (3, 7, 0), (3, 51, 3)


def place_findings(path: Path, mounts: Path = MOUNTS) -> Iterator[Finding]:
    """Findings unless the file and its locks lie on a disk of this machine, closed to others."""
    kind = network_type(path, mounts)
    if kind:
        yield Finding(
            code="journal_network",
            says=f"{path} is on a network file system ({kind}); occ only reads it there",
            fix="copy it to a disk of this machine, and name it: occ --journal PATH doctor",
        )
    else:
        yield from _closed(path.resolve())
    if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding(
            code="journal_readable",
            says=f"others can read or write the journal {path}",
            fix=f"chmod 600 {path}",
        )


def version_findings(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Iterator[Finding]:
    """The SQLite that this Python is built with."""
    if _FIRST_WITH_FAULT <= version < _FIRST_WITHOUT:
        yield Finding(
            code="sqlite",
            says=f"SQLite {'.'.join(map(str, version))} may damage a file that two programs write "
            "to at once; occ's lock keeps its own writers apart",
            fix="keep other programs from writing to the journal",
        )


def _closed(file: Path) -> Iterator[Finding]:
    """Findings where the file, its locks or its folder, or the folder above, cannot be written."""
    locks = nearest(file.parent).glob(f"{escape(file.name)}*.lock")
    needed = (file, file.parent, *locks)
    closed = {there for there in map(nearest, needed) if not os.access(there, os.W_OK)}
    frozen = {there for there in closed if os.statvfs(there).f_flag & os.ST_RDONLY}
    for mount in sorted({mount_of(there) for there in frozen}):
        yield Finding(
            code="journal_unwritable",
            says=f"the journal, or its lock, cannot be written: {mount} is mounted read-only",
            fix=f"sudo mount -o remount,rw {mount}",
        )
    for there in sorted(closed - frozen):
        above = there in file.parent.parents  # which holds more than a journal
        fix = f"install -d -m 700 -o $USER {file.parent}" if above else f"chown $USER {there}"
        yield Finding(
            code="journal_unwritable",
            says=f"the journal, or its lock, cannot be written: {there} is not yours",
            fix=f"sudo {fix}",
        )
