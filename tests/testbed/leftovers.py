"""What an engine leaves behind when it is killed, and how it is cleared away.

A folder of the test bed holds who made it (`owner`, a process), the name of its bridge, and the
engine's data. Together they say what there may be: processes, mounts, network interfaces. Only
what is found through such a folder is touched.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.testbed import machine, network, processes

PREFIX = "occtb-"
UNSIGNED_SECONDS = 60


def sign(folder: Path) -> None:
    """Write down which process made the folder."""
    (folder / "owner").write_text(processes.identity(os.getpid()) or "", "utf-8")


def clean_dead_runs(base: Path) -> None:
    """Clear away what runs left whose process is no more; one process at a time does so."""
    if network.apart():
        return
    with _alone(base):
        for folder in base.glob(f"{PREFIX}*"):
            if folder.is_dir() and not _has_owner(folder):
                clean(folder)


@contextmanager
def _alone(base: Path) -> Iterator[None]:
    """Tests run several processes, and two that unmount the same thing would fail each other."""
    with (base / f"{PREFIX}cleaning.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _has_owner(folder: Path) -> bool:
    try:
        owner = (folder / "owner").read_text("utf-8")
    except FileNotFoundError:
        owner = ""
    if not owner:
        return _age(folder) < UNSIGNED_SECONDS  # it may be just being made
    return processes.identity(int(owner.split()[0])) == owner


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def container_processes(folder: Path) -> list[int]:
    """The processes in all containers of the engine with this folder."""
    containers = folder / "data" / "containers"
    ids = [one.name for one in containers.iterdir()] if containers.is_dir() else []
    return processes.of_containers(ids)


def clean(folder: Path) -> None:
    """End and remove everything that belongs to a folder, and the folder."""
    processes.kill_all(processes.of_folder(folder))  # first those that would restart containers
    processes.kill_all(container_processes(folder))
    for name in network.of_engine(folder / "data"):
        network.remove(name)
    recorded = folder / "bridge"
    if recorded.exists():
        network.remove(recorded.read_text("utf-8"))
    unmount(folder)
    _remove_groups(folder)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # a process' last file may have come after its folder was emptied
        shutil.rmtree(folder)


def unmount(folder: Path) -> None:
    """Unmount everything below a folder, the deepest first."""
    lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    points = [line.split()[4] for line in lines]
    for point in sorted((one for one in points if one.startswith(f"{folder}/")), reverse=True):
        machine.run(["umount", "--lazy", point])


def _remove_groups(folder: Path) -> None:
    containers = folder / "data" / "containers"
    ids = [one.name for one in containers.iterdir()] if containers.is_dir() else []
    # a walk, for it passes over a group that another engine removes meanwhile
    for place, groups, _ in os.walk("/sys/fs/cgroup", topdown=False):
        for group in groups:
            if any(one in group for one in ids):
                _remove_group(Path(place, group))


def _remove_group(group: Path) -> None:
    try:
        group.rmdir()
    except OSError:  # shared hierarchies show one group under several names
        return
