"""Keeping a machine from going to sleep, by systemd-logind where it is there."""

import select
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_WAIT_S: Final = 5
_WORDS: Final = (
    "systemd-inhibit",
    "--what=sleep",
    "--who=occ",
    "--why=a service is being replaced",
    "--mode=block",
)


def inhibit(words: tuple[str, ...] = _WORDS) -> Callable[[], None]:
    """Keep the machine awake until the function that is returned is called, or occ has ended.

    The program that holds the inhibitor reads a pipe of ours, which ends with us, however we end.
    Where there is no such program, or it may not, nothing is held and nothing is said.
    """
    program = shutil.which(words[0])
    if program is None:
        return _nothing
    try:
        holder = subprocess.Popen(  # noqa: S603 - words of our own, no shell
            [program, *words[1:], "cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for occ
        )
    except OSError:
        return _nothing
    _heard(holder)

    def release() -> None:
        with suppress(OSError):
            for pipe in filter(None, (holder.stdin, holder.stdout)):
                pipe.close()
        try:
            holder.wait(_WAIT_S)
        except subprocess.TimeoutExpired:
            holder.kill()
            holder.wait()

    return release


def _heard(holder: subprocess.Popen[bytes]) -> None:
    """Wait until the program under the inhibitor has sent a word back: then it is held."""
    if holder.stdin is None or holder.stdout is None:
        return
    with suppress(OSError):
        holder.stdin.write(b"held\n")
        holder.stdin.flush()
        select.select([holder.stdout], [], [], _WAIT_S)


def _nothing() -> None:
    """There is nothing to let go of."""
