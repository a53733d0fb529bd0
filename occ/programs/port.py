"""The port to programs of this machine. Every program that the config names is run through it."""

from collections.abc import Callable, Mapping
from typing import Protocol

from occ.domain.programs import Ended, Program


class Programs(Protocol):
    """Runs the config's programs, and waits for those whose occ died."""

    def refuse_untrusted(self, program: Program) -> None:
        """Refuse a program that root would run and that somebody else can replace.

        Raises:
            UntrustedProgramError: the program, a folder above it, or the config can be written by
                anybody but root.
        """

    def run(
        self,
        program: Program,
        *,
        body: bytes = b"",
        told: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        hidden: tuple[str, ...] = (),
        key: str = "",
        tick: Callable[[], None] = lambda: None,
    ) -> Ended:
        """Run a program to its end, or to that of its time; whatever it left in its group ends too.

        `body` is its standard input; it may end without reading it. `told` are variables named
        `OCC_*`, `secrets` variables with values that nobody else sees: they and `hidden` are taken
        out of its output. `key` names the lock by which a later occ knows that it still runs.
        `tick` is called several times a second; an exception out of it ends the program, and goes
        through.

        Raises:
            UntrustedProgramError: as above; nothing was run.
        """

    def settle(self, key: str, most_ms: int) -> bool:
        """Wait for a run of this key whose occ died; whether it has ended.

        A run that outlives `most_ms` is killed, where this system tells who it is.
        """
