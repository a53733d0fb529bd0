"""The network of a container as its own processes see it: entered by one thread, for one call."""

import ctypes
import errno
import os
import socket
import sys
from collections.abc import Callable
from ipaddress import IPv4Address
from threading import Thread
from typing import Final, TypeVar

_Answer = TypeVar("_Answer")
_NETWORK: Final = 0x40000000
"""CLONE_NEWNET of <linux/sched.h>."""


def enterable() -> bool:
    """Whether occ may enter a container's network: root on Linux may."""
    return sys.platform == "linux" and os.geteuid() == 0


def here(address: str) -> bool:
    """Whether an IPv4 address is one of this machine's own, in the network of the caller."""
    try:
        number = str(IPv4Address(address))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind((number, 0))
    except (OSError, ValueError):
        return False
    return True


def within(pid: int, address: str, call: Callable[[], _Answer]) -> _Answer:
    """Make a call in the network of a process, which has this address, and return its answer.

    Only the thread that makes the call enters it, and ends with it.

    Raises:
        OSError: there is no such process, its network may not be entered, or does not have the
            address: an engine in a machine of its own tells numbers of other processes.
    """
    answers: list[_Answer] = []
    errors: list[BaseException] = []

    def entered() -> None:
        try:
            with open(f"/proc/{pid}/ns/net", "rb") as network:  # noqa: PTH123 - no path of a file
                _enter(network.fileno())
            answers.append(_called(address, call))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            errors.append(error)

    thread = Thread(target=entered, name="occ-within", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return answers[0]


def _called(address: str, call: Callable[[], _Answer]) -> _Answer:
    if not here(address):
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    return call()


def _enter(network: int) -> None:
    if sys.version_info >= (3, 12):
        os.setns(network, _NETWORK)
        return
    known = ctypes.CDLL(None, use_errno=True)  # os.setns came with Python 3.12
    if known.setns(network, _NETWORK):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
