"""Processes of a private engine: found by what they were started with, ended by their id."""

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.testbed.waiting import came_true

ENGINE_PROGRAMS = {
    "dockerd",
    "containerd",
    "containerd-shim-runc-v2",
    "runc",
    "docker-registry",
    "conmon",
}


def identity(pid: int) -> str | None:
    """A process' id with the moment it started, None when it is gone or a zombie.

    Ids are used again; together with the start time they are not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else f"{pid} {fields[19]}"


def _pids() -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            yield int(entry.name)


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text("utf-8", "replace")
    except OSError:  # it ended while we looked
        return ""


def of_folder(folder: Path) -> list[int]:
    """Engine programs that were started on a folder: its path stands in their arguments."""
    found = []
    for pid in _pids():
        arguments = _read(pid, "cmdline").split("\0")
        if Path(arguments[0]).name in ENGINE_PROGRAMS and any(
            f"{folder}/" in argument for argument in arguments
        ):
            found.append(pid)
    return found


def of_containers(ids: Iterable[str]) -> list[int]:
    """Processes inside containers with these ids, by the control group they are in."""
    wanted = list(ids)
    return [pid for pid in _pids() if wanted and any(one in _read(pid, "cgroup") for one in wanted)]


def kill_all(pids: Iterable[int], *, seconds: float = 10) -> None:
    """SIGKILL these processes and wait until they are gone."""
    known = {pid: identity(pid) for pid in pids}
    for pid, who in known.items():
        if who is not None and identity(pid) == who:
            send(pid, signal.SIGKILL)
    came_true(
        lambda: all(identity(pid) != who or who is None for pid, who in known.items()),
        seconds=seconds,
    )


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that is gone already is no error."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
