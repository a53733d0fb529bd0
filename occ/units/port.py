"""A service to start at boot, and the port to the program that starts it."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol

from occ.errors import FailedError, UsageMistakeError

_MINUTE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How one service is started."""

    service: str
    occ: tuple[str, ...]
    """The words with which every command line begins."""
    more: tuple[str, ...] = ()
    """The words after the verb: which service, config and journal."""
    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """Paths whose file systems must be mounted before the start."""

    def words(self, verb: str) -> tuple[str, ...]:
        """The whole command line of a verb, its questions answered."""
        return (*self.occ, verb, "--yes", *self.more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A unit after it was written."""

    changed: bool
    """False when the same unit was there before."""
    reaches: str
    """When the unit acts, for messages."""
    fix: str = ""
    """The command to type when the unit does not act at boot; else empty."""


Run = Callable[[Sequence[str]], CompletedProcess[str]]


class Boot(Protocol):
    """The program that starts services at boot."""

    def path(self, service: str) -> Path:
        """Where the service's unit stands."""
        ...

    def text(self, start: Start) -> str:
        """The unit.

        Raises:
            UsageMistakeError: something in it cannot be written into one.
        """
        ...

    def install(self, start: Start) -> Installed:
        """Have the unit there, and heeded at boot; nothing is started now.

        Raises:
            FailedError: it could not be installed; everything is as it was.
        """
        ...

    def remove(self, service: str) -> bool:
        """Have no unit there; false when there was no unit. The container is not touched.

        Raises:
            FailedError: it could not be removed.
        """
        ...


def refuse_controls(words: Sequence[str]) -> None:
    """See that no word has a control character, which no unit of any kind can hold.

    Raises:
        UsageMistakeError: a word has a control character.
    """
    for word in words:
        if not word.isprintable():
            raise UsageMistakeError(
                f"{word!r} has a character that no unit can hold",
                hint="rename the file or the service, then: occ install",
            )


def run(words: Sequence[str]) -> CompletedProcess[str]:
    """Run a program to its end.

    Raises:
        FailedError: it is not there, or does not end.
    """
    try:
        return subprocess.run(  # noqa: S603 - a list of words of our own, no shell
            list(words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=_MINUTE_S,
            check=False,
        )
    except FileNotFoundError:
        why = f"there is no program {words[0]} here"
    except subprocess.TimeoutExpired:
        why = f"{' '.join(words)} does not end"
    raise FailedError(why, hint="occ install --dry-run prints the unit")
