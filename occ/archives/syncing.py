"""Files that were written, brought onto the disk; their writer may be asked to end meanwhile."""

import ctypes
import os
import threading
from collections.abc import Callable
from typing import Final

from occ.errors import FailedError

_POLL_SECONDS: Final = 0.2


def sync_disk(folder: str, *, tick: Callable[[], None]) -> None:
    """Have all that was written to the disk of a folder safe on it; empty for every disk.

    `tick` is called several times a second. An exception out of it goes through at once; the disk
    then goes on by itself.

    Raises:
        FailedError: the disk could not take it.
    """
    failed = list[OSError]()

    def sync() -> None:
        try:
            _sync(folder)
        except OSError as error:
            failed.append(error)

    syncing = threading.Thread(target=sync, name="occ-sync", daemon=True)
    syncing.start()
    while syncing.is_alive():
        tick()
        syncing.join(_POLL_SECONDS)
    if failed:
        raise FailedError(
            f"the disk of {folder} did not take all of it ({failed[0].strerror})",
            hint=f"df -h {folder}; dmesg | tail",
        )


def _sync(folder: str) -> None:
    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if not folder or call is None:
        os.sync()
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if call(handle):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(handle)
