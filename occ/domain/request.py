"""The values that a plan is made of: what was found, what was asked for, its steps, its version.

Events carry them, so their fields stand in journals: a field may be added with a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from occ.domain.hooks import PlannedPrograms
from occ.domain.rehearsal import Rehearsing
from occ.domain.rules import Retain
from occ.domain.spec import Build, Spec
from occ.domain.taking import Taking
from occ.domain.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """One step as data."""

    name: str
    inputs: Mapping[str, Json] = field(default_factory=dict)
    """The fields of the step's class."""
    title: str = ""
    """The words that people read while it runs. Without a title it is not counted in `[3/7]`."""
    disrupts: bool = False
    """The service may be down from this step on."""
    back: str = ""
    """The way back alone carries the step out, and only where the step of this name was begun. It
    is not undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The service as it was when the operation was planned: the state that "put back" means."""

    container: str = ""
    """The container's id; empty where there is none."""
    image: str = ""
    """The id of its image."""
    version: int = 0
    """The version that it runs; 0 where that is not known."""
    spec: str = ""
    """The digest of the spec that it was made from."""
    state: str = "absent"
    """The engine's word; but `restarting` also where it ran at that instant of a crash loop, and
    `stranded` where it is stopped and a network that it was put in is gone."""
    healthy: bool = False
    """The answer to one probe."""
    policy: str = "no"
    """Its restart policy."""
    started_at: int = 0
    """In ms since 1970 UTC, 0 for never."""
    leftovers: tuple[str, ...] = ()
    """The ids of the other containers of ours, which do not run."""
    next_taken: bool = False
    """A container, whosever, has the replacement's usual name already."""
    deadline_ms: int = 120_000
    """How long its gate may take."""
    learned_ms: int = 0
    """The same for a start on data that its version was the last to run on, and was proven on; 0
    where that makes no difference."""

    @property
    def gate_ms(self) -> int:
        """How long its gate may take at a start on such data."""
        return self.learned_ms or self.deadline_ms

    @property
    def running(self) -> bool:
        """Whether it was serving, well or badly."""
        return self.state in {"running", "restarting", "paused"}

    @property
    def looping(self) -> bool:
        """Whether it was in a crash loop: not healthy, and started again by its policy before."""
        return self.state == "restarting"

    @property
    def may_loop(self) -> bool:
        """Whether it was in a crash loop, or may have been in one before its first restart."""
        unwell = self.state == "running" and not self.healthy
        return self.looping or (unwell and self.policy != "no")

    @property
    def stranded(self) -> bool:
        """Whether every start of it is refused, because a network that it was put in is gone."""
        return self.state == "stranded"

    @property
    def serving(self) -> bool:
        """Whether its program could answer: it was neither paused nor in a crash loop."""
        return self.state == "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A container that somebody else made, and that the service's container is from now on."""

    container: str
    version: int
    """The version that was recorded for it."""
    volumes: Mapping[str, str] = field(default_factory=dict)
    """Its anonymous volumes, each with the named one of the version's spec that it is copied into
    at the first replacement."""
    taken_from: str = ""
    """Who looked after it before, as its labels said; empty for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The wanted change, resolved so far that the second stage is planned without asking again."""

    reference: str = ""
    """The image's name; with `build`, the tag that the built image gets."""
    image: str = ""
    """The id that is wanted wherever the reference points; empty for the image it points at."""
    exact: str = ""
    """The id of the image that is taken, whatever the reference means by then; empty where the
    reference or `digests` decides."""
    digests: tuple[str, ...] = ()
    """The digests, `repository@sha256:...`, by which that image is pulled where it is not here."""
    staging: bool = False
    """Nothing is replaced: the version is made ready for later, or no longer."""
    staged: int = 0
    """The version that was staged, and is taken now; 0 for none. With `staging` it is thrown
    away."""
    pull: str = "always"
    """When the image is pulled: always, missing or never."""
    spec: Spec | None = None
    """The wanted spec; None for the one that is recorded with the target."""
    version: int = 0
    """The target of a rollback, 0 for none."""
    users: tuple[str, ...] = ()
    """The users that the config names now: they belong to the service, not to a version. For an
    operation on users, those that the container has afterwards."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """Keyed digests of the secrets, by name."""
    probe: bool = True
    """False after `--no-probe`."""
    adoption: Adoption | None = None
    """The container that an adopt brings in."""
    reset: bool = False
    """A replacement has the users without their passwords."""
    build: Build | None = None
    """How the image is made on the host; None where it is pulled."""
    exposed: tuple[str, ...] = ()
    """The ports that others than the host can reach from then on and could not before: whoever
    made the operation agreed to them."""
    runs: bool = False
    """A replacement is started also where a stopped container was found, because the service was
    last asked to run."""
    retry: bool = False
    """An image that failed here, or was rolled back from, is taken again: as an occ from before
    `overridden` wrote it."""
    overridden: tuple[str, ...] = ()
    """The soft reasons that the operator, or the config, overrode, by name."""
    called: str = ""
    """The name that the service's container has afterwards; empty for the service's."""
    data: int = 0
    """The data set that the service has afterwards; 0 for the current one."""
    retain: Retain | None = None
    """The rules by which a replacement prunes at its end; None where it does not."""
    rehearsing: Rehearsing | None = None
    """The rehearsal before a replacement, or why none is made; None where nobody wants one. In
    a drill: how much a container beside the service may have."""
    programs: PlannedPrograms | None = None
    """The programs of the config that have a say, by their digests; None where there are none."""
    taking: Taking | None = None
    """The snapshot that a replacement takes, or why it takes none; None where there is nothing to
    take, or nobody wants it."""

    only: str = ""
    """The id or digest of the one image that may come, because newer ones are kept away; empty for
    any."""

    @property
    def overrides(self) -> frozenset[str]:
        """The names of the soft reasons that keep nothing away."""
        old = ("known_bad", "left_by_rollback") if self.retry else ()
        return frozenset((*self.overridden, *old))


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An image plus a spec, numbered 1, 2, 3 per service; never renumbered, never reused."""

    number: int
    image: str
    """The image's id."""
    reference: str
    """The name that the image was asked for by."""
    spec: Spec
    digests: tuple[str, ...] = ()
    """Each is `repository@sha256:...`, by which the registry gives the image again."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """Keyed digests of the secrets, by name."""
    labelled: str = ""
    """The text of the image's version label, which may be inherited and wrong."""
