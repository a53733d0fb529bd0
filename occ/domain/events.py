"""The facts occ records: every event, in the past tense.

Events hold facts only: no secrets, no floats, no logs beyond a bounded tail. Their lasting names
stand in `occ/journal/codec.py`; a class may be renamed, a name never.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from occ.domain.spec import Build, Spec
from occ.domain.values import Actor, Host, Json

Kind: TypeAlias = Literal[
    "start",
    "stop",
    "restart",
    "update",
    "apply",
    "rollback",
    "repair",
    "adopt",
    "forget",
    "remove",
    "user",
]
Cause: TypeAlias = Literal["failure", "abort", "interrupt"]
Verdict: TypeAlias = Literal["proven", "bad"]

PLAN_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """One step as data: which, what people read while it runs, and what it works on.

    A step without a title is carried out silently and is not counted in `[3/7]`. `disrupts` says
    that the service may be down from this step on.
    """

    name: str
    inputs: Mapping[str, Json] = field(default_factory=dict)
    title: str = ""
    disrupts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The service as it was when the operation was planned: what "put back" means.

    `healthy` is the answer to one probe, `policy` the container's restart policy, `spec` the
    digest of the spec it was made from. `leftovers` are other containers of ours, not running;
    `next_taken` says that a container, whosever, has the replacement's usual name already.
    `deadline_ms` is how long its gate may take.
    """

    container: str = ""
    image: str = ""
    version: int = 0
    spec: str = ""
    state: str = "absent"
    healthy: bool = False
    policy: str = "no"
    started_at: int = 0
    leftovers: tuple[str, ...] = ()
    next_taken: bool = False
    deadline_ms: int = 120_000

    @property
    def running(self) -> bool:
        """Whether it was serving, well or badly."""
        return self.state in {"running", "restarting", "paused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A container that somebody else made, and that the service's container is from now on.

    `version` is the version that was recorded for it. `volumes` are its anonymous volumes, each
    with the named one of the version's spec that it is copied into at the first replacement.
    `taken_from` is who looked after it before, as its labels said, empty for nobody.
    """

    container: str
    version: int
    volumes: Mapping[str, str] = field(default_factory=dict)
    taken_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked, resolved so far that the second stage can be planned without asking again.

    `image` is the id wanted whatever the reference points at, empty for what it points at.
    `version` is the target of a rollback, 0 for none. `spec` is the wanted one, None for the one
    recorded with the target. `users` are those that the config names now: they belong to the
    service, not to a version. `fingerprints` are keyed digests of the secrets by name; `probe`
    is false after `--no-probe`. `adoption` is what an adopt brings in. `reset` says that a
    replacement has the users without their passwords. For an operation on users, `users` are
    those that the container has afterwards. With `build` the image is made on the host instead of
    pulled, and `reference` is its tag. `exposed` are the ports that others than the host can reach
    from then on and could not before: whoever made the operation agreed to them. With `runs` a
    replacement is started, also of what was found stopped: it was last asked to run.
    """

    reference: str = ""
    image: str = ""
    pull: str = "always"
    spec: Spec | None = None
    version: int = 0
    users: tuple[str, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    probe: bool = True
    adoption: Adoption | None = None
    reset: bool = False
    build: Build | None = None
    exposed: tuple[str, ...] = ()
    runs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An image plus a spec, numbered 1, 2, 3 per service; never renumbered, never reused.

    `labelled` is what the image's own version label says, which may be inherited and wrong.
    """

    number: int
    image: str
    reference: str
    spec: Spec
    digests: tuple[str, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    labelled: str = ""


@dataclass(frozen=True, slots=True)
class JournalCreated:
    """A journal came into being under an identity of its own."""

    id: str


@dataclass(frozen=True, slots=True)
class HostRecorded:
    """A service was first seen on this engine, and lives there from now on."""

    host: Host


@dataclass(frozen=True, slots=True)
class NumbersAdvanced:
    """An operator accepted a host that is ahead: the next numbers begin after these."""

    operation: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPlanned:
    """An operation was asked for and its first stage decided.

    `commits_at` is the number of steps before activation, or -1 where none is planned in this
    stage. `stages` is how many stages the operation has, `shown` how many steps have a title.
    """

    kind: Kind
    actor: Actor
    request: Request
    found: Found
    steps: tuple[StepPlan, ...]
    reason: str = ""
    current: int = 0
    stages: int = 1
    shown: int = 0
    commits_at: int = -1
    version: int = 0
    plan_version: int = PLAN_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationExtended:
    """The next stage was decided from what the steps before it found out.

    `version` is the number of the version that the replacement will run.
    """

    steps: tuple[StepPlan, ...]
    version: int
    commits_at: int = -1


@dataclass(frozen=True, slots=True)
class OperationResumed:
    """An unfinished operation was taken up again; nothing done before is believed unseen."""

    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationReverting:
    """From here on everything is put back as found."""

    cause: Cause
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class OperationDone:
    """The change is made."""


@dataclass(frozen=True, slots=True)
class OperationUndone:
    """Everything is as it was found."""


@dataclass(frozen=True, slots=True)
class OperationCommitted:
    """Nothing leads back from here, in an operation that makes no version current."""


@dataclass(frozen=True, slots=True)
class OperationUnchanged:
    """What was asked for is what runs already."""


@dataclass(frozen=True, slots=True)
class OperationAbandoned:
    """An operator closed the operation without touching anything; `left` names what remains."""

    actor: Actor
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The intent to carry a step out: durable before its effect."""

    index: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step's effect is there; `seen` says that it was found, not made, by this attempt."""

    index: int
    result: Mapping[str, Json] = field(default_factory=dict)
    seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed:
    """A step could not be carried out; `log_tail` is the container's last lines, bounded."""

    index: int
    code: str
    message: str
    hint: str = ""
    log_tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepReverting:
    """The intent to undo a step: durable before its effect."""

    index: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class StepReverted:
    """A step's effect is gone."""

    index: int
    result: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStuck:
    """A step could not be undone; the operation stays reverting until it can."""

    index: int
    code: str
    message: str
    hint: str = ""
    log_tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionRecorded:
    """A new version has its number."""

    version: Version


@dataclass(frozen=True, slots=True)
class VersionActivated:
    """The point of no return: from here on this version is the current one.

    `replaced` is the version that was current before, 0 for none; `kind` is what brought it.
    `users` are those that its container has. `of` is the version that a rollback asked for: with
    today's spec its image may run as another version. 0 is the one activated.
    """

    number: int
    replaced: int
    kind: Kind
    users: tuple[str, ...] = ()
    of: int = 0


@dataclass(frozen=True, slots=True)
class VersionJudged:
    """A version passed its gate or failed it; `reported` is what it says of itself."""

    number: int
    verdict: Verdict
    reported: str = ""


@dataclass(frozen=True, slots=True)
class UsersRecorded:
    """The service's container has these users from now on, by occ's own doing."""

    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContainerAdopted:
    """A container without labels of ours is the service's own from now on, known by its id."""

    adoption: Adoption


@dataclass(frozen=True, slots=True)
class ServiceForgotten:
    """These containers are not looked after any more; what they are stays as it is."""

    containers: tuple[str, ...]


OperationEvent: TypeAlias = (
    OperationPlanned
    | OperationExtended
    | OperationResumed
    | OperationReverting
    | OperationDone
    | OperationUndone
    | OperationCommitted
    | OperationUnchanged
    | OperationAbandoned
    | StepStarted
    | StepDone
    | StepFailed
    | StepReverting
    | StepReverted
    | StepStuck
)
VersionEvent: TypeAlias = (
    VersionRecorded
    | VersionActivated
    | VersionJudged
    | UsersRecorded
    | ContainerAdopted
    | ServiceForgotten
)
JournalEvent: TypeAlias = JournalCreated | HostRecorded | NumbersAdvanced
Event: TypeAlias = OperationEvent | VersionEvent | JournalEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event as the journal holds it.

    `position` counts all entries from 1 without gaps, `seq` those of one operation from 0.
    Operation 0 is the journal's own. `at` is for information, never for order.
    """

    position: int
    operation: int
    seq: int
    at: int
    service: str
    operator: str
    hash: str
    event: Event
