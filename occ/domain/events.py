"""The facts occ records: every event, in the past tense.

Events hold facts only: no secrets, no floats, no logs beyond a bounded tail. Their lasting names
stand in `occ/journal/codec.py`; a class may be renamed, a name never.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from occ.domain.acceptance import ImageJudged
from occ.domain.data_sets import DataSetBound, DataSetRecorded, DataSetRemoved, VolumeRestored
from occ.domain.holds import HoldEvent
from occ.domain.notices import NoticeEvent
from occ.domain.rehearsal import VersionRehearsed
from occ.domain.request import Adoption, Found, Request, StepPlan, Version
from occ.domain.schedules.turns import AutoTried
from occ.domain.sightings import ImageSeen
from occ.domain.snapshots import (
    SnapshotDescribed,
    SnapshotDrilled,
    SnapshotPinned,
    SnapshotRemoved,
    SnapshotTaken,
)
from occ.domain.staging import VersionStaged, VersionUnstaged
from occ.domain.step_events import StepEvent
from occ.domain.values import Actor, Host

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
    "snapshot",
    "prune",
    "stage",
    "hold",
    "unhold",
]
Cause: TypeAlias = Literal["failure", "abort", "interrupt", "deferred"]
Verdict: TypeAlias = Literal["proven", "bad"]

PLAN_VERSION = 1


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
    """An operation was asked for and its first stage decided."""

    kind: Kind
    actor: Actor
    request: Request
    found: Found
    steps: tuple[StepPlan, ...]
    """The steps of the first stage."""
    reason: str = ""
    current: int = 0
    """The version that was current, 0 for none."""
    stages: int = 1
    """How many stages the operation has."""
    shown: int = 0
    """How many steps of all its stages have a title."""
    commits_at: int = -1
    """How many of `steps` precede the activation; -1 where this stage has none."""
    version: int = 0
    """The version that the service has afterwards; 0 while that is not known."""
    plan_version: int = PLAN_VERSION
    """The form of the plan, for an occ that reads it later."""
    planner: str = ""
    """Who says to have made the plan that was carried out by its token; empty without one."""
    token: str = ""
    """The sha256 of that token, 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationExtended:
    """The next stage was decided from what the steps before it found out."""

    steps: tuple[StepPlan, ...]
    version: int
    """The version that the replacement will run."""
    commits_at: int = -1
    """How many steps of all stages precede the activation; -1 where none of them is one."""
    rehearsed: int = 0
    """The operation whose rehearsal of this version counts; 0 where none does."""


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
    """The service is already as it was asked for."""


@dataclass(frozen=True, slots=True)
class OperationAbandoned:
    """An operator closed the operation without touching anything; `left` names what remains."""

    actor: Actor
    left: tuple[str, ...] = ()
    down_at: int = 0
    """When the old one had ended, ms since 1970 by the engine's clock; 0: it runs, or unknown."""


@dataclass(frozen=True, slots=True)
class VersionRecorded:
    """A new version has its number."""

    version: Version


@dataclass(frozen=True, slots=True)
class VersionActivated:
    """The point of no return: from here on this version is the current one."""

    number: int
    replaced: int
    """The version that was current before, 0 for none."""
    kind: Kind
    users: tuple[str, ...] = ()
    """The users that its container has."""
    of: int = 0
    """The version that a rollback asked for, where today's spec makes it another one; else 0."""
    called: str = ""
    """Its container's name; empty for the service's."""


@dataclass(frozen=True, slots=True)
class VersionJudged:
    """A version passed its gate or failed it; `reported` is what it says of itself."""

    number: int
    verdict: Verdict
    reported: str = ""
    fingerprints: Mapping[str, str] | None = None
    """The secrets that it ran with; None for those that it was recorded with."""
    data_of: int = 0
    """The version that had last run on its data before; 0 where nobody knows."""


@dataclass(frozen=True, slots=True)
class ImageRemoved:
    """The keep tag of a version is gone, and its image with it where nothing else had that."""

    number: int
    """The version's."""
    reason: str
    """The rule by which it was pruned."""


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
    | StepEvent
)
VersionEvent: TypeAlias = (
    VersionRecorded
    | VersionActivated
    | VersionJudged
    | VersionRehearsed
    | VersionStaged
    | VersionUnstaged
    | ImageJudged
    | ImageRemoved
    | UsersRecorded
)
ContainerEvent: TypeAlias = ContainerAdopted | ServiceForgotten
DataEvent: TypeAlias = DataSetRecorded | DataSetBound | DataSetRemoved | VolumeRestored
SnapshotEvent: TypeAlias = (
    SnapshotTaken | SnapshotDescribed | SnapshotPinned | SnapshotDrilled | SnapshotRemoved
)
JournalEvent: TypeAlias = JournalCreated | HostRecorded | NumbersAdvanced
NoteEvent: TypeAlias = NoticeEvent | ImageSeen | AutoTried
"""Facts that belong to no operation."""
Event: TypeAlias = (
    OperationEvent
    | VersionEvent
    | ContainerEvent
    | DataEvent
    | SnapshotEvent
    | JournalEvent
    | NoteEvent
    | HoldEvent
)


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
