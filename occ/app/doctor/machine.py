"""Checks of the machine: room on its disks, and programs that prune by themselves."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from occ.disks import mount_of, nearest
from occ.domain.findings import Finding
from occ.engine.port import Engine
from occ.engine.values import EngineInfo

_MIB = 1 << 20
_JOURNAL_NEEDS = 100 * _MIB
_ENGINE_NEEDS = 1024 * _MIB
_NEARLY = 0.05
_PLENTY = 10 * 1024 * _MIB  # a twentieth of a large disk is no lack

_PLACES = (
    "/etc/crontab",
    "/etc/anacrontab",
    "/etc/cron.*/*",
    "/var/spool/cron/crontabs/*",
    "/etc/systemd/system/*.service",
    "/usr/lib/systemd/system/*.service",
    "/usr/local/lib/systemd/system/*.service",
)
_LARGEST = _MIB

# `image prune` without -a spares images that have a tag, and occ's have one.
_PRUNES = re.compile(
    r"^\s*[^#\s].*?\b(?:docker|podman)\b[^;&|]*?\s(?:system|container)\s+prune"
    r"|^\s*[^#\s].*?\b(?:docker|podman)\b[^;&|]*?\s(?:image|volume)\s+prune\b"
    r".*\s(?:-\w*a\w*|--all)\b"
)


def room(journal: Sequence[Path], info: EngineInfo | None) -> Iterator[Finding]:
    """Room where the journal's files lie, and where a local engine keeps its images."""
    for file in journal[:1]:
        there = nearest(file.resolve())
        shows = f"du -xh {mount_of(there)} | sort -h | tail"
        yield from low(there, _JOURNAL_NEEDS, "the journal", shows)
    if info is not None and info.local:
        spares = "docker system df (docker image prune and docker builder prune spare what is kept)"
        yield from low(nearest(Path(info.root)), _ENGINE_NEEDS, "the engine", spares)


def low(there: Path, needed: int, whose: str, fix: str) -> Iterator[Finding]:
    """A disk with less than `needed` bytes free, or nearly full, or nearly out of inodes."""
    try:
        usage, inodes = shutil.disk_usage(there), os.statvfs(there)
    except OSError:  # an engine's folder that only root may look into: nothing to tell
        return
    left = ""
    if usage.free < max(needed, min(usage.total * _NEARLY, _PLENTY)):
        left = f"{usage.free // _MIB} MiB"
    elif inodes.f_files and inodes.f_favail < inodes.f_files * _NEARLY:
        left = f"{inodes.f_favail} inodes"
    if left:
        yield Finding(
            code="disk_low",
            says=f"{left} are free on the disk of {whose} ({mount_of(there)})",
            fix=fix,
        )


def pruners(root: Path, home: Path) -> Iterator[Finding]:
    """Units and cron tables that would take a stopped container or a kept image away."""
    patterns = (place.lstrip("/") for place in _PLACES)
    places = chain.from_iterable(root.glob(pattern) for pattern in patterns)
    mine = home.glob(".config/systemd/user/*.service")
    for path in sorted({*places, *mine}):
        for number, line in enumerate(_lines(path), start=1):
            if _PRUNES.search(line):
                sudo = "" if os.access(path, os.W_OK) else "sudo "
                yield Finding(
                    code="prune_timer",
                    says=f"{path}, line {number}, prunes: {line.strip()[:120]}",
                    fix=f"{sudo}sed -i '{number}s/^/#/' {path}",
                )


def updaters(engine: Engine) -> Iterator[Finding]:
    """Containers that run and replace others by themselves, known by their names."""
    for name, identity in sorted(engine.names().items()):
        there = engine.inspect(identity) if "watchtower" in name.lower() else None
        if there is not None and there.running:
            yield Finding(
                code="prune_timer",
                says=f"container {name} looks like Watchtower, which replaces containers itself",
                fix=f"docker update --restart=no {name} && docker stop {name}",
            )


def _lines(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return []
        return path.read_text(errors="replace").splitlines()
    except OSError:  # somebody else's table that we may not read: nothing to tell
        return []
