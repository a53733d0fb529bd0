"""All that a step works with: the engine and the clock, and what the operation knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from occ.clock import Clock
from occ.domain.data_sets import DataSets
from occ.domain.hooks import Hook
from occ.domain.operation import Operation
from occ.domain.programs import Program
from occ.domain.request import Version
from occ.domain.snapshots import Record
from occ.domain.spec import Spec
from occ.domain.versions import Ledger
from occ.engine.port import Engine
from occ.engine.progress import HowFar
from occ.engine.values import Container
from occ.errors import EngineUnreachableError, NotFoundError
from occ.journal.port import Head
from occ.operations import labels
from occ.programs.port import Programs


@dataclass(slots=True, kw_only=True)
class Passwords:
    """Password hashes that this process holds in memory alone: they are written nowhere."""

    wanted: str = field(default="", repr=False)
    """The new hash of the operation's user; empty when it is not at hand (after a resume)."""
    before: dict[str, str] = field(default_factory=dict, repr=False)
    """The hashes that were replaced, by user, to be put back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrograms:
    """The programs of this machine's config: a step names one, and its words stand here alone."""

    port: Programs
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    """By their places."""
    gates: tuple[Program, ...] = ()
    asker: Program | None = None
    """The command by which the service puts an update off."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Variables that all of them get, named `OCC_*`."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Further variables of theirs, whose values nobody else sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """Everything a step may use."""

    engine: Engine
    clock: Clock
    operation: Operation
    """The operation as it was before this step's attempt."""
    versions: Mapping[int, Version]
    """The versions that the journal knows; without those that it was advanced over."""
    journal: str
    """The journal's id."""
    owner: str
    """Written on containers, so that another journal can say whose they are."""
    head: Callable[[], Head]
    """The journal's last entry, which every container that is made carries in a label."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Values by name. They leave this object only into a container."""
    prints_now: Mapping[str, str] = field(default_factory=dict)
    """The keyed fingerprints of `secrets`; empty where they cannot be made."""
    users: tuple[str, ...] = ()
    """The users that the service had when the operation began."""
    called: str = ""
    """The name that its container had when the operation began; empty for the service's."""
    passwords: Passwords = field(default_factory=Passwords, repr=False)
    unused: Callable[[int], bool] = lambda _: False
    """Whether nothing can have run on the volumes that the operation of this number made."""
    snapshots: Callable[[], Mapping[int, Record]] = dict
    """The service's snapshots, by number, as the journal has them now."""
    data: Callable[[], DataSets] = DataSets
    """The service's data sets, as the journal has them now."""
    ledger: Callable[[], Ledger] = Ledger
    """The service's versions, as the journal has them now."""
    unfinished: Callable[[], tuple[Operation, ...]] = tuple
    """The operations of the service that have not ended, as the journal has them now."""
    superseded: Callable[[], bool] = bool
    """Whether somebody else has written to this operation meanwhile, and this process is to end."""
    stop_requested: Callable[[], bool] = bool
    """Whether the operator has asked for an end."""
    end_asked: Callable[[], bool] = bool
    """The same, also where nothing leads back and a step can only be cut short; never on the way
    back, which an end asked for has perhaps begun."""
    check: tuple[str, ...] = ()
    """The words of the config's program that has its say in a rehearsal; never the journal's."""
    progress: Callable[[HowFar], None] = lambda _: None
    """Told how far a pull, a build or a gate is."""
    programs: OwnPrograms
    """The config's own programs, and the port that runs them."""

    @property
    def service(self) -> str:
        """The service's name, by which its container is found in its networks."""
        return self.operation.service

    def engine_now(self) -> int:
        """This moment by the engine's clock, which tells when containers start and end.

        Where the engine does not tell its time, that of this machine has to do: nothing is decided
        by it.
        """
        moment = self.clock.now()
        try:
            told = self.engine.info().now
        except EngineUnreachableError:
            return moment
        # The engine looked at its clock between the question and the answer.
        return moment + told - (moment + self.clock.now()) // 2 if told else moment

    def spec(self, version: int) -> Spec:
        """The spec of a version; a plain one where the journal was advanced over the version.

        The gate of a plain spec is to stay running.
        """
        known = self.versions.get(version)
        return known.spec if known else Spec()

    @property
    def grace_ms(self) -> int:
        """How long a container gets to stop: the time in the spec of the operation's version."""
        return self.spec(self.operation.version).stop_timeout_ms

    def made(self, role: labels.Role) -> Container | None:
        """The container that this operation made in this role."""
        found = self.engine.containers(
            labels.made_by(self.journal, self.service, self.operation.number, role)
        )
        return found[0] if found else None

    def find(self, container: str) -> Container | None:
        """A container named by a step: `replacement`, or the id of one that was there before.

        A replacement is known by the result of its making, else by its labels. For a container
        that is gone it is the one that was restored in its place, if there is one.
        """
        if container == "replacement":
            known = self.operation.created
            return (self.engine.inspect(known) if known else None) or self.made("replacement")
        return self.engine.inspect(container) or self.made("restored")

    def there(self, container: str) -> Container:
        """A container named by a step, which has to be there.

        Raises:
            NotFoundError: it is gone.
        """
        found = self.find(container)
        if found is None:
            called = "replacement" if container == "replacement" else f"container {container[:12]}"
            raise NotFoundError(f"the {called} of {self.service} is gone", hint="occ abort")
        return found

    def lost(self, container: str) -> bool:
        """Whether a container named by a step is gone and the activation lies behind.

        Then nothing leads back, and waiting for it would keep the operation open for ever.
        """
        return self.operation.activated and self.find(container) is None

    def labels_of(self, version: Version, role: labels.Role) -> Mapping[str, str]:
        """The labels of a container about to be made."""
        return {
            **labels.made_by(self.journal, self.service, self.operation.number, role),
            labels.VERSION: str(version.number),
            labels.SPEC: version.spec.digest(),
            labels.OWNER: self.owner,
            labels.HEAD: str(self.head()),
        }
