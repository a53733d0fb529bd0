"""What the app's methods take and return: plain values, rendered by the CLI alone.

Times are ms since 1970 UTC, durations ms; 0 and None mean "not known" as each field says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from occ.domain.events import Event, Kind
    from occ.domain.operation import Operation
    from occ.domain.spec import Spec
    from occ.domain.versions import Standing
    from occ.engine.values import HowFar
    from occ.operations.kinds.user import UserWish


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptWish:
    """What adopt is told beside the options of all changes."""

    container: str
    """Its name or id."""
    take: bool = False
    """Also a container that another journal looks after."""
    secret: tuple[str, ...] = ()
    """Variables whose values are secrets, beside those that look like one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that a changing command may be told."""

    reason: str = ""
    """Why, in the operator's words; it goes into the history."""
    plan: bool = False
    """Show what would be done, and touch nothing."""
    if_current: int = 0
    """Refuse unless this version is current; 0 is no condition."""
    image: str = ""
    """An image in place of the config's, for once."""
    to: int = 0
    """The version of a rollback; 0 is the previous one."""
    spec_now: bool = False
    """A rollback takes today's spec in place of the recorded one."""
    probe: bool = True
    """The health path is asked."""
    resume_first: bool = False
    """An unfinished operation is carried on before (`--yes`)."""
    wish: "AdoptWish | UserWish | None" = None
    """More, for the kinds that need more words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is about to happen, for the question before it and for `--plan`.

    `titles` are the steps that people see; `downtime` says that the service will be down for a
    while; `warnings` name what else is affected; `before` and `after` are version numbers, 0 for
    none or not known yet; `summary` is one sentence; `pending` is false when nothing would change.
    `declaration` is what would be written into the config; `difference` what the config changes in
    the spec that runs, as a unified diff. `asks` says that it is a question though nothing goes
    down.
    """

    kind: "Kind"
    service: str
    titles: tuple[str, ...]
    downtime: bool
    warnings: tuple[str, ...] = ()
    before: int = 0
    after: int = 0
    summary: str = ""
    pending: bool = True
    declaration: str = ""
    difference: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a change ended. `operation` is None when nothing was written.

    `unchanged` says why there was nothing to do, empty when something was done; `proposal` is set
    after `--plan`; `served` are the addresses at which the service answers now.
    """

    service: str
    operation: "Operation | None" = None
    unchanged: str = ""
    proposal: Proposal | None = None
    warnings: tuple[str, ...] = ()
    served: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """How the app talks back while a change runs; the CLI implements it.

    `confirm` is asked once, before anything is written; false ends the command (DeclinedError).
    `listen` is told every event once it is durable. `stop_requested` says whether an end was asked
    for.
    """

    confirm: Callable[[Proposal], bool]
    listen: "Callable[[Operation, Event], None]"
    progress: "Callable[[HowFar], None]"
    stop_requested: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """An operation that has not ended. `driver` is who drove it last, and maybe drives it still."""

    operation: int
    kind: "Kind"
    state: str
    since: int
    driver: str


HealthWord: TypeAlias = Literal["healthy", "unhealthy", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What runs, against what the journal says.

    `state` is the engine's word, `absent` without a container. `health` is healthy, unhealthy or
    unknown, `why` says more. `version` is read off the running container, `recorded` is the
    journal's current one; `drift` names every difference, `notes` what is as it should
    be and worth knowing. `wanted` is the config's image. `volumes` are folders of the host too,
    each with the path that it has in the container.
    """

    service: str
    state: str
    health: HealthWord
    why: str = ""
    uptime_ms: int | None = None
    container: str = ""
    version: int = 0
    recorded: int = 0
    standing: "Standing | None" = None
    reported: str = ""
    reference: str = ""
    wanted: str = ""
    image: str = ""
    digests: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    exposed: bool = False
    volumes: tuple[str, ...] = ()
    policy: str = ""
    drift: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unfinished: Unfinished | None = None
    engine: str = ""
    config: str = ""
    journal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version.

    `here` is None when the engine did not answer, `published` when the registry was not asked or
    could not be.
    """

    number: int
    says: str
    reference: str
    digest: str
    image: str
    created_at: int
    last_run_at: int
    standing: "Standing"
    current: bool
    here: bool | None
    published: bool | None
    spec: "Spec"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Whether the registry has another image than the one that runs, by digest.

    `built` is the folder that the image is built from; then there is no registry to ask. For an
    image that is never pulled `running` and `published` are ids of images on the host.
    """

    service: str
    reference: str
    running: tuple[str, ...]
    published: str
    available: bool
    built: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What `abandon` left: the operation, and what of ours remains on the host."""

    operation: int
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user of the container; `declared` says whether the config names it.

    `present` is false for one that the config names and the container does not have. `locked`
    is a password that cannot be used, `password` says that there is one. Never a hash.
    """

    name: str
    present: bool
    declared: bool
    uid: int = -1
    gid: int = -1
    groups: tuple[str, ...] = ()
    home: str = ""
    shell: str = ""
    locked: bool = False
    password: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A journal whose chain holds: its address, entries, the last hash.

    `noted` is how many heads on the host's containers were compared with it; None when no engine
    answered, so that none could be.
    """

    journal: str
    entries: int
    head: str
    noted: int | None
