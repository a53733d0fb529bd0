"""Where a chapter is played: in a folder of its own, by the time of day of Greenwich."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")


@contextmanager
def somewhere() -> Iterator[None]:
    """A folder that is new.

    It is in memory where that can be: a journal that waits for a disk makes this slow.
    """
    zone, fast = os.environ.get("TZ"), _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=fast) as folder, contextlib.chdir(folder):
        os.environ["TZ"] = "UTC"
        time.tzset()
        try:
            yield
        finally:
            os.environ.pop("TZ")
            if zone is not None:
                os.environ["TZ"] = zone
            time.tzset()
