"""A folder of this host read by GNU tar, which carries what the engine's archive call does not."""

import os
import select
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Final

from occ.errors import FailedError

_PLACES: Final = ("/usr/bin/tar", "/bin/tar", "/usr/local/bin/gtar")
_CHANGED: Final = 1
"""The exit status of GNU tar where a file changed while it was read."""
_PIECE: Final = 1 << 17
_POLL_SECONDS: Final = 0.2
_MOST_SAID: Final = 1 << 16
_ENVIRON: Final = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


@cache
def gnu_tar() -> str:
    """The path of GNU tar on this machine; empty where there is none."""
    for path in _PLACES:
        if os.access(path, os.X_OK) and "GNU tar" in _version(path):
            return path
    return ""


def readable(folder: str) -> bool:
    """Whether this process can read all of a folder: it is root's, and the folder is there."""
    return os.geteuid() == 0 and os.path.isdir(folder) and bool(gnu_tar())  # noqa: PTH112 - a text


def read_folder(
    folder: str, take: Callable[[bytes], None], *, tick: Callable[[], None]
) -> tuple[str, ...]:
    """Read a folder as a tar, piece by piece; the lines that tar said about changed files.

    Whatever is mounted within it is read too, as the container sees it there: tar would leave it
    out without a word.

    `tick` is called several times a second, also while nothing comes. An exception out of it or of
    `take` ends the child at once, and goes through.

    Raises:
        FailedError: tar did not read all of it; the message has its own words.
    """
    words = [
        *(gnu_tar(), "--format=posix", "--numeric-owner", "--xattrs", "--xattrs-include=*"),
        *("--acls", "--sparse", "-C", folder, "-cf", "-", "."),
    ]
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 - a fixed program, no shell
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=_ENVIRON,
            start_new_session=True,  # Ctrl-C is ours to judge
        )
        try:
            _pump(child, take, tick)
            status = child.wait()
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
            if child.stdout:
                child.stdout.close()
        said.seek(0)
        lines = said.read(_MOST_SAID).decode(errors="backslashreplace").splitlines()
    told = [line for line in lines if not line.endswith("socket ignored")]
    if status not in {0, _CHANGED}:
        raise FailedError(
            f"tar could not read {folder} (exit status {status}): {'; '.join(told[:3])}",
            hint=f"ls -la {folder}",
        )
    return tuple(told) if status == _CHANGED else ()


def _pump(
    child: "subprocess.Popen[bytes]", take: Callable[[bytes], None], tick: Callable[[], None]
) -> None:
    if child.stdout is None:
        return
    pipe = child.stdout.fileno()
    while True:
        tick()
        ready, _, _ = select.select([pipe], [], [], _POLL_SECONDS)
        if not ready:
            continue
        piece = os.read(pipe, _PIECE)
        if not piece:
            return
        take(piece)


def _version(path: str) -> str:
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(  # noqa: S603 - a fixed program, no shell
            [path, "--version"], capture_output=True, check=False, timeout=5, env=_ENVIRON
        )
        return told.stdout.decode(errors="replace")
    return ""
