"""Who listens on a port of a network that a container shares with the programs of this machine."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from occ.engine.values import NoAnswer

_LISTENS: Final = "0A"
_ADDRESS, _STATE, _INODE = 1, 3, 9
_WILD: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not bound
_MAPPED: Final = "::ffff:"


@dataclass(frozen=True, slots=True)
class _Socket:
    address: str
    inode: str

    @property
    def at(self) -> str:
        """Where this machine reaches it."""
        return _WILD.get(self.address, self.address)

    def hears(self, address: str) -> bool:
        """Whether a connection to this address may come to it."""
        return self.at == address or self.address in _WILD


def visible() -> bool:
    """Whether occ may see which program holds which socket: root alone may."""
    return os.geteuid() == 0


def own_address(container: str, port: int, proc: Path = Path("/proc")) -> str | NoAnswer:
    """The address at which a container's own program listens; `container` is its whole id.

    A process is the container's when its control group is. Where another program may take a
    connection to the same address, nobody can know who would answer.
    """
    processes = [each for each in proc.glob("[0-9]*") if container in _read(each / "cgroup")]
    if not processes:
        return NoAnswer(why="the container's processes cannot be seen from here")
    mine = {inode for each in processes for inode in _inodes(each)}
    there = list(_listeners(processes[0], port))
    own = [one for one in there if one.inode in mine]
    others = [one for one in there if one.inode not in mine]
    found = next((o.at for o in own if not any(other.hears(o.at) for other in others)), "")
    if found:
        return found
    if others:
        return NoAnswer(why=f"port {port} of the host's network is held by another program")
    return NoAnswer()


def _inodes(process: Path) -> Iterator[str]:
    """The sockets that a process has."""
    try:
        files = list((process / "fd").iterdir())
    except OSError:  # it has ended
        return
    for file in files:
        with suppress(OSError):  # closed meanwhile
            kind, _, rest = str(file.readlink()).partition(":[")
            if kind == "socket":
                yield rest.rstrip("]")


def _listeners(process: Path, port: int) -> Iterator[_Socket]:
    """The TCP sockets that listen on a port in a process's network."""
    for table in ("tcp", "tcp6"):
        for line in _read(process / "net" / table).splitlines()[1:]:
            fields = line.split()
            if len(fields) <= _INODE or fields[_STATE] != _LISTENS:
                continue
            address, _, number = fields[_ADDRESS].partition(":")
            if int(number, 16) == port:
                yield _Socket(_address(address), fields[_INODE])


def _address(text: str) -> str:
    """An address as the kernel tells it: words of 32 bits in this machine's order."""
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, packed).removeprefix(_MAPPED)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:  # it has ended
        return ""
