"""The service as it runs, against the journal: the values of `occ status`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from occ.app.results import Caution
    from occ.domain.events import Kind
    from occ.domain.reasons import Reason
    from occ.domain.staging import Staged
    from occ.domain.versions import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """An operation that has not ended; `driven` by `driver` now, None where nobody can tell."""

    operation: int
    kind: "Kind"
    state: str
    since: int
    """When it was planned, ms since 1970."""
    driver: str
    driver_since: int = 0
    """When `driver` planned it or took it up, ms since 1970."""
    driven: bool | None = None
    direction: str = "going forward"
    ways: str = "occ resume, or occ abort"
    """The commands that lead out of it; empty while it is driven, as they would be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastOperation:
    """How the last operation stands, or ended. Versions are 0 for none."""

    operation: int
    kind: "Kind"
    outcome: str
    at: int
    """When it was planned, ms since 1970."""
    before: int
    wanted: int
    """The version that it led to, also where it was put back."""
    cause: str = ""
    """Why it failed; empty where it did not."""
    hint: str = ""
    """The command that goes on from there."""
    down_since: int | None = None
    """When an outage began that goes on, as far as the journal knows; ms since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoStatus:
    """When a service updates itself next, and its timer. Times are ms since 1970, 0 for never."""

    next_at: int
    """Not in the future where it is due."""
    ran_at: int
    """When the timer of this config last ran."""
    should_at: int
    """When it should have run since, or should run next."""
    late: bool
    """Whether that is long past, or it never ran."""


HealthWord: TypeAlias = Literal["healthy", "unhealthy", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The service as it runs, against the journal."""

    service: str
    state: str
    """The engine's word; `absent` without a container."""
    health: HealthWord
    why: str = ""
    """More on the health; empty where it is healthy."""
    uptime_ms: int | None = None
    """None where nothing runs."""
    container: str = ""
    """Its id; empty without a container, as the fields below."""
    version: int = 0
    """Read off the container; 0 where it carries no number."""
    recorded: int = 0
    """The current version of the journal; 0 without one."""
    standing: "Standing | None" = None
    reported: str = ""
    """The version that the container says it is, by its health path."""
    reference: str = ""
    """The image's name, as the version was recorded with it."""
    wanted: str = ""
    """The config's image."""
    image: str = ""
    """The image's id."""
    digests: tuple[str, ...] = ()
    """The image at registries, each as `name@digest`."""
    ports: tuple[str, ...] = ()
    exposed: bool = False
    """Whether others than this machine can reach a port."""
    volumes: tuple[str, ...] = ()
    """Volumes and folders of the host, each with its path in the container."""
    policy: str = ""
    drift: tuple[str, ...] = ()
    """Each difference between the host and the journal."""
    notes: tuple[str, ...] = ()
    """Facts that are as they should be, and worth knowing."""
    unfinished: Unfinished | None = None
    snapshot: int = 0
    """The number of the last snapshot; 0 without one."""
    snapshot_at: int = 0
    """When it was taken, ms since 1970."""
    drilled: int = 0
    """The newest snapshot that was drilled; 0 without one."""
    drilled_at: int = 0
    """When, ms since 1970."""
    drill_passed: bool = False
    staged: "Staged | None" = None
    """The version that waits for its replacement; None where none does."""
    last: LastOperation | None = None
    """The last operation that changed something, or was to; None without one."""
    not_in_force: tuple[str, ...] = ()
    """The keys of the config that say something else than what runs."""
    update: str = ""
    """The id of another image of the config's name that is on the host already; empty for none.
    No registry was asked."""
    caution: "Caution | None" = None
    """Why that image is not taken unasked; None where nothing is against it."""
    auto: AutoStatus | None = None
    """None where the service does not update itself."""
    reasons: "tuple[Reason, ...]" = ()
    """Why it is not updated now, as far as that is known without the registry; hard ones first."""
    engine: str = ""
    config: str = ""
    """Empty where there is no file."""
    journal: str = ""
