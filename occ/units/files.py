"""Units as files: everybody may read them, and they are there whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from occ import own_files
from occ.errors import FailedError, RefusedError

_MODE = 0o644


def held(path: Path) -> str | None:
    """The text of the file, None when there is no file.

    Raises:
        RefusedError: this person may not look there.
        FailedError: it cannot be read.
    """
    with _explained(path):
        try:
            return path.read_text()
        except FileNotFoundError:
            return None


def put(path: Path, text: str) -> None:
    """Have the file hold this text, mode 0644.

    Raises:
        RefusedError: this person may not write there.
        FailedError: it cannot be written.
    """
    with (
        _explained(path),
        own_files.folder_of(path, make=0o755, last=False) as (folder, name),
    ):
        folder.write(name, text.encode(), mode=_MODE)


def take_away(path: Path) -> None:
    """Have no such file.

    Raises:
        RefusedError: this person may not write there.
        FailedError: it cannot be removed.
    """
    with _explained(path):
        own_files.remove(path)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError:
        raise RefusedError(
            f"{path}: you may not write there", hint="occ install --user, or as root: occ install"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: it is no text, so none of ours
        why = getattr(error, "strerror", None) or error
        raise FailedError(
            f"{path} cannot be written ({why})", hint=f"ls -ld {path.parent}"
        ) from None
