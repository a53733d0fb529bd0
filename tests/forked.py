"""One occ in a fork of this process, changed before: another user, a fault in a part."""

import os
import sys
import tempfile
from collections.abc import Callable

import tests.loaded  # noqa: F401 - the child may not be able to import anything
from occ.cli import run
from tests.box import Box, Done


def forked(box: Box, *words: str, before: Callable[[], None] = lambda: None) -> Done:
    """Type a command; `before` is called in the child, which nothing of this process notices."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _be_occ(box, words, (out.fileno(), err.fileno()), before)
        _, ended = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        status = os.waitstatus_to_exitcode(ended)
        return Done(status, out.read().decode(), err.read().decode())


def _be_occ(
    box: Box, words: tuple[str, ...], files: tuple[int, int], before: Callable[[], None]
) -> None:
    status = 99
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, file in enumerate(files, 1):
            os.dup2(file, number)
        sys.stdout, sys.stderr = (os.fdopen(number, "w") for number in (1, 2))
        os.environ.clear()
        os.environ.update(box.environ)
        os.chdir(box.folder)
        before()
        status = run(words)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
