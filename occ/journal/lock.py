"""The lock of a service: one driver at a time.

flock is released by the kernel when its holder dies, and holds across PID namespaces; a lock file
with a pid in it does neither.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from occ.errors import BusyError, JournalUnwritableError


class ServiceLock:
    """One file per host and service, never removed, held from `acquire` to `release` or death."""

    def __init__(self, folder: Path, service: str) -> None:
        self._path = folder / f"{service}.lock"
        self._service = service
        self._descriptor = -1

    def acquire(self) -> Self:
        """Take it, or fail at once.

        Raises:
            BusyError: another process has it. Who, is read from the journal.
            JournalUnwritableError: its file cannot be made.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise JournalUnwritableError(
                f"the lock {self._path} cannot be made: {error.strerror}",
                hint=f"check permissions: ls -ld {self._path.parent}",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise BusyError(f"another occ is at work on {self._service}") from None
        self._descriptor = descriptor
        return self

    def release(self) -> None:
        """Let go of it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self if self._descriptor >= 0 else self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
