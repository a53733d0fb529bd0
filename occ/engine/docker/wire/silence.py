"""Why an engine did not answer, in words, and whom its socket is for."""

import grp
import stat
from collections.abc import Iterator
from pathlib import Path

import requests
import urllib3.exceptions

from occ.engine.docker.wire.address import Address
from occ.errors import EngineUnreachableError

_LATE = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)


def unreachable(address: Address, error: BaseException) -> EngineUnreachableError:
    """The error that stands for no answer, with what helps."""
    at, causes = address.text, tuple(_causes(error))
    if any(isinstance(cause, PermissionError) for cause in causes):
        return _closed(address)
    if any(isinstance(cause, FileNotFoundError) for cause in causes):
        return EngineUnreachableError(
            f"there is no engine at {at}: the socket does not exist",
            hint="sudo systemctl start docker (or set DOCKER_HOST)",
        )
    # Before the time-outs: urllib3 counts a connection that is refused among them.
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return EngineUnreachableError(
            f"no engine listens at {at}", hint="sudo systemctl start docker (or set DOCKER_HOST)"
        )
    if late(error):
        return EngineUnreachableError(
            f"the engine at {at} does not answer", hint="sudo systemctl status docker"
        )
    return EngineUnreachableError(
        f"the engine at {at} cannot be used: {error}", hint="docker version"
    )


def stranger(address: Address, why: str) -> EngineUnreachableError:
    """The error for an answer of a server that is no container engine."""
    return EngineUnreachableError(
        f"the server that answers at {address.text} is no container engine: {why}",
        hint="docker context ls (or set DOCKER_HOST)",
    )


def late(error: BaseException) -> bool:
    """Whether it stands for somebody who was silent for too long."""
    return any(isinstance(cause, _LATE) for cause in _causes(error))


def _closed(address: Address) -> EngineUnreachableError:
    """No permission: for whom the socket is, and how to become one of them."""
    if not address.socket:
        return EngineUnreachableError(
            f"no permission to connect to {address.text}", hint="docker context ls"
        )
    said, path = f"no permission to use the engine's socket {address.socket}", Path(address.socket)
    try:
        there = path.stat()
    except OSError:
        return EngineUnreachableError(
            f"{said}: its folder {path.parent} is closed to you",
            hint=f"name a socket of yours: DOCKER_HOST=unix://PATH (or sudo ls -l {path})",
        )
    try:
        group = grp.getgrgid(there.st_gid).gr_name
    except KeyError:  # a number without a name
        group = str(there.st_gid)
    if there.st_gid and there.st_mode & stat.S_IWGRP:
        return EngineUnreachableError(
            f"{said}: it is for the group {group}",
            hint=f"sudo usermod -aG {group} $USER, then log in again (or use sudo)",
        )
    return EngineUnreachableError(
        f"{said}: it is for its owner alone",
        hint=f"sudo chgrp docker {path} && sudo chmod g+rw {path} (or use sudo)",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it was made of: chained, or carried as an argument."""
    todo: list[BaseException] = [error]
    seen: set[int] = set()
    while todo:
        one = todo.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        todo += [each for each in inner if isinstance(each, BaseException)]
