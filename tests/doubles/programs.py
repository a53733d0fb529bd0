"""Programs in memory: what a script says that they do, on the wire of the engine in memory.

A caller that dies loses its call as one of the engine's: the program never began, has ended, or
ends later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from occ.domain.programs import Ended, Program
from occ.errors import FailedError, UntrustedProgramError
from occ.programs.host import HostPrograms

if TYPE_CHECKING:
    from tests.doubles.engine.engine import MemoryEngine
    from tests.doubles.engine.host import MemoryHost

NOWHERE: Final = HostPrograms(config=Path("/nowhere"), folder=Path("/nowhere"), environ={})
"""For what runs no program at all."""


@dataclass(slots=True)
class Script:
    """What a program does when it is run: its end, how long it takes, and the mark that it leaves.

    `clears` takes a mark away. One that takes longer than it may leaves none.
    """

    ended: Ended = field(default_factory=Ended)
    ms: int = 50
    mark: str = ""
    clears: str = ""

    def played(self, marks: set[str], most_ms: int, spend: Callable[[int], None]) -> Ended:
        """Do it."""
        spend(min(self.ms, most_ms))
        if self.ms > most_ms:
            return Ended(how="timed out")
        marks |= {self.mark} - {""}
        marks -= {self.clears}
        return self.ended


def script_of(host: "MemoryHost", words: Sequence[str]) -> Script | None:
    """The script of a program in a container; `true`, `false` and `sleep` are in each of them."""
    usual = {"true": Script(), "false": Script(ended=Ended(status=1))}
    if words[0] == "sleep":
        usual["sleep"] = Script(ms=int(words[1]) * 1_000)
    return host.scripts.get(words[0]) or usual.get(words[0])


@dataclass(slots=True)
class Ran:
    """A run, with all that the program was given."""

    words: tuple[str, ...]
    body: bytes
    told: dict[str, str]
    secrets: dict[str, str]


@dataclass(slots=True)
class MemoryPrograms:
    """The host's programs by their paths; a path without a script is no program.

    `untrusted` are the paths that root would not run; `after` happens after each run.
    """

    engine: "MemoryEngine"
    ran: list[Ran] = field(default_factory=list)
    untrusted: set[str] = field(default_factory=set)
    after: Callable[[], None] = lambda: None
    _pending: set[str] = field(default_factory=set)

    def refuse_untrusted(self, program: Program) -> None:
        """Refuse those that are named."""
        if program.words[0] in self.untrusted:
            raise UntrustedProgramError(f"root does not run {program.name}", hint="chmod go-w it")

    def run(
        self,
        program: Program,
        *,
        body: bytes = b"",
        told: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        hidden: tuple[str, ...] = (),  # noqa: ARG002 - scripts say nothing
        key: str = "",
        tick: Callable[[], None] = lambda: None,
    ) -> Ended:
        """Play its script, over the wire."""
        self.refuse_untrusted(program)
        if key in self._pending:
            raise FailedError(f"a run of {key} that was begun before has not ended", hint="ps -ef")
        host, wire = self.engine.host, self.engine.wire
        script = host.scripts.get(program.words[0])

        def act() -> Ended:
            self._pending.discard(key)
            self.ran.append(Ran(program.words, body, dict(told or {}), dict(secrets or {})))
            if script is None:
                return Ended(how="not started", said="No such file or directory")
            ended = script.played(host.marks, program.timeout_ms, wire.agenda.spend)
            self.after()
            return ended

        tick()
        before = len(self.ran)
        try:
            return wire.change("program", program.timeout_ms, act)
        except BaseException:
            if len(self.ran) == before and key and wire.agenda.waiting:
                self._pending.add(key)  # it is begun later, or never: whoever settles waits
            raise

    def settle(self, key: str, most_ms: int) -> bool:
        """Wait for one whose caller died; what was not begun by then never is."""
        ended = self.engine.wire.agenda.wait(lambda: key not in self._pending, most_ms)
        self._pending.discard(key)
        return ended
