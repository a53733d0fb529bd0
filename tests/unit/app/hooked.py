"""The world of the fault matrix with programs in its config, and updates tried there."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from occ.app.ledgers import ledger_of
from occ.app.options import Options
from occ.domain.events import Event
from occ.domain.operation import Operation
from occ.domain.operation_fold import fold
from tests.doubles.programs import Script
from tests.faults.memory import NAME, MemoryWorld

BEFORE = "volumes = "
FIRST = Options(resume_first=True)


@dataclass
class Hooked:
    """Version 1.0 runs, 2.0 is published, and the config names programs; `on` and `off` mark."""

    folder: Path
    config: str
    world: MemoryWorld = field(init=False)

    def __post_init__(self) -> None:
        self.world = MemoryWorld(self.folder)
        self.world.prepare("update", "one")
        self.play("/on", mark="on")
        self.play("/off", clears="on")
        self.declare(self.config)

    def declare(self, lines: str) -> None:
        """Write the config with these lines in the service's table, in place of those before."""
        path = self.world.box.folder / "config.toml"
        text = path.read_text()
        before, rest = text.split('snapshot = "never"\n')
        gate = rest[rest.index("[services.web.health]") :]
        path.write_text(f'{before}snapshot = "never"\n{lines}\n{gate}')

    def play(self, path: str, **script: object) -> None:
        """Have a program there do this; see Script."""
        self.world.engine.host.scripts[path] = Script(**script)  # type: ignore[arg-type]

    def update(self, *overridden: str, point: str = "none", fault: str = "kill") -> int:
        """Update; the exit status, -9 if occ died."""
        options = replace(FIRST, overridden=overridden)
        return self.world.occ("update", point, fault, options=options)

    @property
    def marks(self) -> set[str]:
        """What programs left."""
        return self.world.engine.host.marks

    @property
    def runs(self) -> list[str]:
        """The programs that were run on the host, with their words."""
        return [" ".join(one.words) for one in self.world.programs.ran]

    @property
    def last(self) -> Operation:
        """The last operation."""
        number = self.world.journal.last_operation()
        found = fold(self.world.journal.entries(operation=number))
        assert found is not None
        return found

    @property
    def events(self) -> tuple[Event, ...]:
        """What the last operation wrote."""
        number = self.world.journal.last_operation()
        return tuple(one.event for one in self.world.journal.entries(operation=number))

    def end(self) -> tuple[str | None, ...]:
        """What serves, how the last operation ended, and why it was put back."""
        return self.world.serves(), self.last.state, self.last.cause

    @property
    def standing(self) -> str:
        """What the journal holds of version 2."""
        return ledger_of(self.world.journal, NAME).versions[2].standing
