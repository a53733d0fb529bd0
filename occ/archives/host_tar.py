"""A folder of this host read and written by GNU tar, which carries all that a disk keeps."""

import fcntl
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import IO, Final

from occ.errors import FailedError

_PLACES: Final = ("/usr/bin/tar", "/bin/tar", "/usr/local/bin/gtar")
_CHANGED: Final = 1
"""The exit status of GNU tar where a file changed while it was read."""
_PIECE: Final = 1 << 20
_PIPE: Final = 1 << 20
"""The bytes that wait between tar and us, where the kernel allows it: neither waits long."""
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
    with _child(words, "stdout") as (child, said):
        _pump(child, take, tick)
        status = child.wait()
        lines = _lines(said)
    told = [line for line in lines if not line.endswith("socket ignored")]
    if status not in {0, _CHANGED}:
        raise FailedError(
            f"tar could not read {folder} (exit status {status}): {'; '.join(told[:3])}",
            hint=f"ls -la {folder}",
        )
    return tuple(told) if status == _CHANGED else ()


def write_folder(folder: str, give: Iterable[bytes], *, tick: Callable[[], None]) -> None:
    """Write a tar into a folder, with owners, modes, times, holes and attributes as it has them.

    Its first member is `./`, the folder itself. Links in it lead tar nowhere: none is made before
    the last file is written.

    `tick` is called several times a second, also while tar takes nothing. An exception out of it
    or of `give` ends the child at once, and goes through; then a part is written.

    Raises:
        FailedError: tar could not write all of it; the message has its own words.
    """
    words = [
        *(gnu_tar(), "--extract", "--numeric-owner", "--same-owner", "--preserve-permissions"),
        *("--xattrs", "--xattrs-include=*", "--acls", "--delay-directory-restore"),
        *("-C", folder, "-f", "-"),
    ]
    with _child(words, "stdin") as (child, said):
        _fill(child, give, tick)
        status = _end(child, tick)
        lines = _lines(said)
    if status:
        raise FailedError(
            f"tar could not write {folder} (exit status {status}): {'; '.join(lines[:3])}",
            hint=f"df -h {folder}; df -i {folder}",
        )


@contextmanager
def _child(words: list[str], ours: str) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    """A child of which one stream is ours, and the file with all that it says; ended at the end."""
    with tempfile.TemporaryFile() as said:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, ours: subprocess.PIPE}
        child = subprocess.Popen(  # noqa: S603 - a fixed program, no shell
            words,
            stdin=streams["stdin"],
            stdout=streams["stdout"],
            stderr=said,
            env=_ENVIRON,
            start_new_session=True,  # Ctrl-C is ours to judge
        )
        try:
            _widen(child.stdin or child.stdout)
            yield child, said
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream:
                    stream.close()


def _widen(pipe: IO[bytes] | None) -> None:
    if pipe is not None and sys.platform == "linux":
        with suppress(OSError):  # the machine's own limit is lower
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)


def _lines(said: IO[bytes]) -> list[str]:
    said.seek(0)
    return said.read(_MOST_SAID).decode(errors="backslashreplace").splitlines()


def _fill(
    child: "subprocess.Popen[bytes]", give: Iterable[bytes], tick: Callable[[], None]
) -> None:
    """Hand everything to the child; one that ended early hears no more, and tells why."""
    if child.stdin is None:
        return
    pipe = child.stdin.fileno()
    os.set_blocking(pipe, False)
    for piece in give:
        left = memoryview(piece)
        while left:
            tick()
            _, ready, _ = select.select([], [pipe], [], _POLL_SECONDS)
            try:
                left = left[os.write(pipe, left[:_PIECE]) :] if ready else left
            except BrokenPipeError:
                return
            except BlockingIOError:  # less room than a select calls some
                continue
    child.stdin.close()


def _end(child: "subprocess.Popen[bytes]", tick: Callable[[], None]) -> int:
    """Wait for the end of the child; its exit status."""
    while True:
        tick()
        with suppress(subprocess.TimeoutExpired):
            return child.wait(_POLL_SECONDS)


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
