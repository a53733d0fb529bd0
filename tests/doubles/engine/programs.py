"""The programs inside containers of the memory engine: those that keep accounts, and cat.

Each does as much as its namesake in Debian's `passwd` package does for the words it is given.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from occ.engine.docker.wire.errors import refusal
from occ.engine.values import File, Ran
from tests.doubles.engine import tree
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.host import MemoryHost

_PASSWD, _GROUP, _SHADOW = "/etc/passwd", "/etc/group", "/etc/shadow"
_NO_PROGRAM, _BAD_WORD = 126, 2
_TAKEN, _UID_TAKEN, _NO_USER = 9, 4, 6
_FIRST: Final = 1000


def run(host: MemoryHost, container: MemoryContainer, words: Sequence[str], stdin: bytes) -> Ran:
    """Run a program to its end."""
    if container.state != "running":
        raise refusal(409, f"Container {container.id} is not running")
    program = posixpath.basename(words[0])
    if program == "cat":
        return Ran(status=0, out=stdin)
    accounts = _Accounts(host, container)
    programs = {
        "useradd": lambda: accounts.add(words),
        "userdel": lambda: accounts.remove(words[-1], files="-r" in words),
        "usermod": lambda: accounts.lock(words[-1], locked="-L" in words),
        "chpasswd": lambda: accounts.hash(stdin.decode()),
    }
    has_any = tree.read(host, container, _PASSWD) is not None
    if program not in programs or not has_any:
        return Ran(status=_NO_PROGRAM, err=f'exec: "{words[0]}": not found'.encode())
    return programs[program]()


class _Accounts:
    """The account files of one container as lines."""

    def __init__(self, host: MemoryHost, container: MemoryContainer) -> None:
        self._host, self._container = host, container

    def add(self, words: Sequence[str]) -> Ran:
        """What useradd does."""
        name = words[-1]
        chosen = {word: words[at + 1] for at, word in enumerate(words[:-1]) if word[0] == "-"}
        people = self._lines(_PASSWD)
        taken = {line.split(":")[2] for line in people}
        if self._line(_PASSWD, name):
            return Ran(status=_TAKEN, err=f"useradd: user '{name}' already exists".encode())
        uid = chosen.get("-u") or next(str(n) for n in range(_FIRST, 60_000) if str(n) not in taken)
        if uid in taken:
            return Ran(status=_UID_TAKEN, err=f"useradd: UID {uid} is not unique".encode())
        home, shell = chosen.get("-d", f"/home/{name}"), chosen.get("-s", "/bin/sh")
        self._write(_PASSWD, [*people, f"{name}:x:{uid}:{uid}::{home}:{shell}"])
        self._write(_GROUP, [*self._joined(name, chosen.get("-G", "")), f"{name}:x:{uid}:"])
        self._write(_SHADOW, [*self._lines(_SHADOW), f"{name}:!:19000:0:99999:7:::"])
        if "-m" in words and tree.read(self._host, self._container, home) is None:
            folder = File(path=home, folder=True, mode=0o755, uid=int(uid), gid=int(uid))
            tree.write(self._host, self._container, folder)
        return Ran(status=0)

    def remove(self, name: str, *, files: bool) -> Ran:
        """What userdel does; of the home it knows what lies in the container's own layer."""
        if not (line := self._line(_PASSWD, name)):
            return Ran(status=_NO_USER, err=f"userdel: user '{name}' does not exist".encode())
        for path in (_PASSWD, _GROUP, _SHADOW):
            self._write(path, [line for line in self._lines(path) if line.split(":")[0] != name])
        own, home = self._container.files, line[5]
        for path in tuple(own) if files else ():
            if path == home or path.startswith(f"{home}/"):
                del own[path]
        return Ran(status=0)

    def lock(self, name: str, *, locked: bool) -> Ran:
        """What usermod -L and -U do."""
        field = self._line(_SHADOW, name)[1].lstrip("!")
        return self.hash(f"{name}:{'!' if locked else ''}{field}\n")

    def hash(self, text: str) -> Ran:
        """What chpasswd -e does."""
        for line in text.splitlines():
            name, _, hashed = line.partition(":")
            if not self._line(_SHADOW, name):
                return Ran(
                    status=1, err=f"chpasswd: (line 1) user '{name}' does not exist".encode()
                )
            self._write(
                _SHADOW,
                [
                    ":".join((name, hashed, *one.split(":")[2:]))
                    if one.split(":")[0] == name
                    else one
                    for one in self._lines(_SHADOW)
                ],
            )
        return Ran(status=0)

    def _joined(self, name: str, groups: str) -> list[str]:
        wanted = set(groups.split(",")) - {""}
        found = []
        for line in self._lines(_GROUP):
            fields = line.split(":")
            if fields[0] in wanted:
                fields[3] = ",".join(filter(None, (fields[3], name)))
            found.append(":".join(fields))
        return found

    def _line(self, path: str, name: str) -> list[str]:
        found = (line.split(":") for line in self._lines(path))
        return next((fields for fields in found if fields[0] == name), [])

    def _lines(self, path: str) -> list[str]:
        there = tree.read(self._host, self._container, path)
        return there.data.decode().splitlines() if there else []

    def _write(self, path: str, lines: Sequence[str]) -> None:
        there = tree.read(self._host, self._container, path) or File(path=path, mode=0o640)
        data = "".join(f"{line}\n" for line in lines).encode()
        tree.write(self._host, self._container, replace(there, data=data))
