"""The network of a container as its own processes see it: entered by one thread, for one call."""

import ctypes
import os
import sys
from collections.abc import Callable
from threading import Thread
from typing import Final, TypeVar

_Answer = TypeVar("_Answer")
_NETWORK: Final = 0x40000000
"""CLONE_NEWNET of <linux/sched.h>."""


def enterable() -> bool:
    """Whether occ may enter a container's network: root on Linux may."""
    return sys.platform == "linux" and os.geteuid() == 0


def within(pid: int, call: Callable[[], _Answer]) -> _Answer:
    """Make a call in the network of a process, and return its answer.

    Only the thread that makes the call enters it, and ends with it.

    Raises:
        OSError: there is no such process, or its network may not be entered.
    """
    answers: list[_Answer] = []
    errors: list[BaseException] = []

    def entered() -> None:
        try:
            with open(f"/proc/{pid}/ns/net", "rb") as network:  # noqa: PTH123 - no path of a file
                _enter(network.fileno())
            answers.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            errors.append(error)

    thread = Thread(target=entered, name="occ-within", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return answers[0]


def _enter(network: int) -> None:
    if sys.version_info >= (3, 12):
        os.setns(network, _NETWORK)
        return
    known = ctypes.CDLL(None, use_errno=True)  # os.setns came with Python 3.12
    if known.setns(network, _NETWORK):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
