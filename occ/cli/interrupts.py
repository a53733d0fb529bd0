"""Ctrl-C and its kin: the first asks for an orderly end, a second Ctrl-C ends at once."""

import signal
from types import FrameType, TracebackType
from typing import Self

from occ.cli.progress import Teller

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """While it is entered, signals ask for an end instead of being one."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._asked = False
        self._before: dict[int, object] = {}

    def asked(self) -> bool:
        """Whether the operator has asked for an end."""
        return self._asked

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not self._asked:
            self._teller.say(
                "\nEnding in order: what was begun is put back, or finished if it serves already. "
                "Ctrl-C again ends at once; then: occ resume, or occ abort\n"
            )
        self._asked = True
