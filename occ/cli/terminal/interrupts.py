"""Ctrl-C and its kin: the first asks for an orderly end, a second Ctrl-C ends at once."""

import signal
from types import FrameType
from typing import Self

from occ.cli.terminal.progress import Teller
from occ.errors import StoppedByOperatorError

WAYS = "occ resume, or occ abort"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """A context in which a signal asks for an orderly end instead of ending occ.

    As long as nothing was begun there is nothing to put in order, and a signal ends at once. A
    signal that is ignored (`nohup`, a background job) stays ignored. `ways` are the commands out
    of an operation that was ended at once.
    """

    def __init__(self, teller: Teller, ways: str = WAYS) -> None:
        self._teller = teller
        self._ways = ways
        self._asked = False
        self._begun = False
        self._before: dict[int, object] = {}

    def asked(self) -> bool:
        """Whether the operator has asked for an end."""
        return self._asked

    def begin(self) -> None:
        """Note that something is under way, and must be brought to an end."""
        self._begun = True

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        if isinstance(error, KeyboardInterrupt):
            what, hint = "ended at once, in the middle of an operation", WAYS
            if not self._begun:
                what, hint = "interrupted before anything was begun", "occ status"
            raise StoppedByOperatorError(what, hint=hint) from error

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if not self._begun or (self._asked and number == signal.SIGINT):
            raise KeyboardInterrupt
        if not self._asked:
            self._asked = True
            self._teller.aside(
                "ending in order: put back, or finished if the new version serves already\n"
                f"Ctrl-C again ends at once; then: {self._ways}"
            )
