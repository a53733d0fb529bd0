"""Locks that die with their holder.

flock is released by the kernel when its holder dies, and holds across PID namespaces. A lock file
with a pid or a host name in it outlives its holder, and means nothing in another namespace.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

from occ.clock import Clock, SystemClock
from occ.errors import BusyError, JournalUnwritableError
from occ.journal.sqlite import files, place

_PAUSE_MS, _ASKED_MS = 5, 20
_CLOCK = SystemClock()


class FileLock:
    """flock on a file that is there for nothing else and is never removed.

    The file is closed on exec, so no child keeps the lock.
    """

    def __init__(self, path: Path, clock: Clock = _CLOCK) -> None:
        self.path = path
        self._clock = clock
        self._descriptor = -1

    @property
    def held(self) -> bool:
        """Whether it was taken by this object."""
        return self._descriptor >= 0

    def take(self, *, shared: bool = False, wait_ms: int = 0) -> bool:
        """Take it, or tell after at most `wait_ms` that others have it.

        A lock that is held changes between shared and exclusive, and may be lost on the way.

        Raises:
            OSError: its file cannot be made.
        """
        until = self._clock.monotonic() + wait_ms
        while not self._try(fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            if self._clock.monotonic() >= until:
                return False
            self._clock.sleep(_PAUSE_MS)
        return True

    def release(self) -> None:
        """Let go of it. The file is closed, not unlocked: a lock that a fork shares stays."""
        if self.held:
            os.close(self._descriptor)
            self._descriptor = -1

    def _try(self, kind: int) -> bool:
        if not self.held:
            self._descriptor = files.open_private(self.path, os.O_RDWR)
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        except OSError:
            self.release()
            raise
        if self._still_there():
            return True
        self.release()  # somebody removed the file: another may hold a lock on its successor
        return False

    def _still_there(self) -> bool:
        mine = os.fstat(self._descriptor)
        try:
            named = self.path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        return (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino)


class ServiceLock:
    """One file per journal and service, held from `acquire` to `release`, or the holder's death.

    The file lies beside the journal's own, however the journal was named: whoever drives a service
    of this journal meets the lock there, from any account and with any home.
    """

    def __init__(
        self, journal: Path, service: str, mounts: Path = place.MOUNTS, *, aside: bool = False
    ) -> None:
        self._journal = journal
        file = journal.resolve()
        whose = f"{service}~aside" if aside else service  # no service has a ~ in its name
        self._lock = FileLock(file.with_name(f"{file.name}.{whose}.lock"))
        self._service = service
        self._mounts = mounts

    @property
    def path(self) -> Path:
        """Its file."""
        return self._lock.path

    def acquire(self) -> Self:
        """Take it, or fail at once.

        Raises:
            BusyError: another process has it; the journal tells which.
            JournalUnwritableError: its file cannot be made, or lies on a network file system.
        """
        path = self.path
        place.refuse_network(path, "the lock", self._mounts)
        try:
            files.make_folder(self._journal)
            # Twice, because a file that was removed between opening and locking looks taken, and
            # with a wait, because whoever asks whether it is taken has it for that instant.
            taken = self._lock.take() or self._lock.take(wait_ms=_ASKED_MS)
        except OSError as error:
            raise JournalUnwritableError(
                f"the lock {path} cannot be taken: {error.strerror}",
                hint=f"check permissions: ls -ld {path.parent} {path}",
            ) from error
        if not taken:
            raise BusyError(f"another occ is at work on {self._service}", hint="occ status")
        return self

    def taken(self) -> bool | None:
        """Whether somebody has it, None where its file cannot be opened; no file is made."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return None
        else:
            return False
        finally:
            os.close(descriptor)

    def release(self) -> None:
        """Let go of it."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self if self._lock.held else self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()
