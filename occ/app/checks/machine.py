"""Checks of the machine: room on its disks, whoever prunes by itself, SQLite's version."""

import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from occ.domain.findings import Finding
from occ.engine.values import EngineInfo

_MIB = 1 << 20
_JOURNAL_NEEDS = 100 * _MIB
_ENGINE_NEEDS = 1024 * _MIB
_NEARLY = 0.05

# SQLite 3.51.3 mended a race of the write-ahead log's reset (https://sqlite.org/wal.html).
_FIRST_WITH_FAULT, _FIRST_WITHOUT = (3, 7, 0), (3, 51, 3)

_PLACES = (
    "/etc/crontab",
    "/etc/cron.*/*",
    "/var/spool/cron/crontabs/*",
    "/etc/systemd/system/*.service",
    "/usr/local/lib/systemd/system/*.service",
)
_LARGEST = _MIB

# `image prune` without -a spares images that have a tag, and occ's have one.
_PRUNES = re.compile(
    r"^\s*[^#\s].*?\b(?:docker|podman)\s+(?:system|container)\s+prune"
    r"|^\s*[^#\s].*?\b(?:docker|podman)\s+(?:image|volume)\s+prune\b.*\s(?:-\w*a\w*|--all)\b"
)


def room(journal: Path, info: EngineInfo | None) -> Iterator[Finding]:
    """Room where the journal lies, and where a local engine keeps its images."""
    yield from low(journal, _JOURNAL_NEEDS, "the journal")
    if info is not None and info.local:
        yield from low(Path(info.root), _ENGINE_NEEDS, "the engine")


def low(path: Path, needed: int, whose: str) -> Iterator[Finding]:
    """A disk with less than `needed` bytes free, or nearly full."""
    there = next((p for p in (path, *path.parents) if p.exists()), None)
    if there is None:
        return
    try:
        usage = shutil.disk_usage(there)
    except OSError:  # an engine's folder that only root may look into: nothing to tell
        return
    if usage.free < needed or usage.free < usage.total * _NEARLY:
        yield Finding(
            code="disk_low",
            says=f"{usage.free // _MIB} MiB are free on the disk of {whose} ({there})",
            fix=f"df -h {there}",
        )


def pruners(root: Path, home: Path, names: Iterable[str]) -> Iterator[Finding]:
    """Timers and cron tables that would take a stopped container or a kept image away.

    `names` are the names of all containers on the host: programs that update or clean by
    themselves run as such.
    """
    patterns = (place.lstrip("/") for place in _PLACES)
    places = chain.from_iterable(root.glob(pattern) for pattern in patterns)
    mine = home.glob(".config/systemd/user/*.service")
    for path in sorted({*places, *mine}):
        for number, line in enumerate(_lines(path), start=1):
            if _PRUNES.search(line):
                yield Finding(
                    code="prune_timer",
                    says=f"{path}, line {number}, prunes: {line.strip()[:120]}",
                    fix=f"take it out, or have it spare what is kept: sed -n {number}p {path}",
                )
    for name in sorted(names):
        if "watchtower" in name.lower():
            yield Finding(
                code="prune_timer",
                says=f"container {name} looks like Watchtower, which replaces containers itself",
                fix=f"docker inspect {name}",
            )


def sqlite() -> Iterator[Finding]:
    """The SQLite that this Python is built with."""
    if _FIRST_WITH_FAULT <= sqlite3.sqlite_version_info < _FIRST_WITHOUT:
        yield Finding(
            code="sqlite",
            says=f"SQLite {sqlite3.sqlite_version} may damage a file that two programs write to at "
            "once; occ's lock keeps its own writers apart",
            fix="keep other programs from writing to the journal",
        )


def _lines(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return []
        return path.read_text(errors="replace").splitlines()
    except OSError:  # somebody else's table that we may not read: nothing to tell
        return []
