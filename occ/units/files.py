"""Units as files: everybody may read them, and they are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from occ.errors import FailedError, RefusedError
from occ.settings.toml.atomic_file import draft_of

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
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path, text.encode(), lambda draft: os.fchmod(draft, _MODE)) as draft:
            draft.replace(path)


def take_away(path: Path) -> None:
    """Have no such file.

    Raises:
        RefusedError: this person may not write there.
        FailedError: it cannot be removed.
    """
    with _explained(path):
        path.unlink(missing_ok=True)


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
