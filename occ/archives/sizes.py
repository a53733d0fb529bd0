"""The size of a folder, by walking it."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress

from occ.domain.taking import Walked
from occ.errors import FailedError

_BLOCK = 512


def walked(folder: str, *, tick: Callable[[], None] = lambda: None) -> Walked:
    """The bytes and files that tar would read in a folder: no holes, and a linked file once.

    A file that goes meanwhile is passed over.

    Raises:
        FailedError: the folder itself cannot be read.
    """
    size, count, left, linked = 0, 0, [folder], set[tuple[int, int]]()
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise FailedError(
            f"{folder} cannot be read ({error.strerror})", hint=f"ls -la {folder}"
        ) from None
    while left:
        tick()
        with suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                count += 1
                with suppress(OSError):
                    told = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(told.st_mode):
                        left.append(entry.path)
                    elif told.st_nlink == 1 or (told.st_dev, told.st_ino) not in linked:
                        size += min(told.st_size, told.st_blocks * _BLOCK)
                        if told.st_nlink > 1:
                            linked.add((told.st_dev, told.st_ino))
    return Walked(bytes=size, files=count)
