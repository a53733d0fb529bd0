"""The settings, once read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from occ.domain.happenings import USUAL
from occ.domain.hooks import AfterWait, Declared, Hook, OnUnknown
from occ.domain.programs import DEFAULT_TIMEOUT_MS
from occ.domain.rehearsal import Copy
from occ.domain.rules import Rules
from occ.domain.schedules.auto import Auto
from occ.domain.secrets.places import placed_in
from occ.domain.spec import Build, Spec
from occ.domain.taking import Choice
from occ.domain.values import a_few
from occ.errors import NotFoundError
from occ.settings.keys.choices import (
    HoldAfterRollback,
    Passwords,
    ProvenTimeout,
    Pull,
    PutBack,
    Store,
)

DEFAULT_SERVICE = "opencode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One `[services.NAME]` table."""

    name: str
    called: str = ""
    """The name of its container; empty for the service's."""
    reference: str
    """The image to run; with `build` the tag of its result. Empty where nothing is known yet."""
    pull: Pull = "always"
    """When an update asks the registry; `never` with `build`."""
    spec: Spec = Spec()
    users: tuple[str, ...] = ()
    """Accounts inside the container. They belong to the service and not to its spec: a user that
    is added today is still there after a rollback to an earlier version."""
    passwords: Passwords = "keep"
    """Whether a replacement has the users' passwords, or locks them."""
    secrets_file: Path | None = None
    """None for `NAME.secrets` beside the config."""
    build: Build | None = None
    """How the image is made; None where it is pulled."""
    snapshot_volumes: tuple[str, ...] = ()
    """The data that a snapshot takes: volumes, and folders of the host; empty for all named volumes
    of the driver `local`."""
    snapshot_timeout_ms: int = 3_600_000
    """How long a snapshot may take."""
    snapshot: Choice = ""
    """Whether a replacement takes a snapshot; empty where the size decides."""
    snapshot_required: bool = False
    """Whether nothing is replaced without one."""
    put_back: PutBack = "restore"
    """Whether data that a failed change has altered is restored when that is put back."""
    rehearse: bool = False
    """Whether an update is tried beside the service first; the fields below say how, as
    `Rehearsing` has them."""
    rehearse_required: bool = False
    rehearse_data: Copy | Literal[""] = ""
    """Empty where the time that it takes decides."""
    rehearse_binds: Literal["", "ro"] = ""
    rehearse_networks: tuple[str, ...] = ()
    rehearse_env: Mapping[str, str] = field(default_factory=dict)
    rehearse_secrets: tuple[str, ...] | None = None
    """None for all of the service's."""
    rehearse_check: tuple[str, ...] = ()
    """The words of a program that has its say in a rehearsal."""
    accept: tuple[tuple[str, ...], ...] = ()
    """The words of each gate command, and the further programs, as `Declared` has them."""
    accept_timeout_ms: int = DEFAULT_TIMEOUT_MS
    on_unknown: OnUnknown = "block"
    defer: tuple[str, ...] = ()
    max_wait_ms: int = 172_800_000
    after_wait: AfterWait = "window"
    """When an update by schedule goes on that was put off for that long."""
    when_idle: str = ""
    """The path that tells whether it is at work; empty for none, as the next one."""
    count_path: str = ""
    """The path that lists what it keeps."""
    program_env: Mapping[str, str] = field(default_factory=dict)
    """Variables of these programs on the host, with the places of secrets."""
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    """By their places."""
    proven_timeout: int | ProvenTimeout = "learned"
    """How long a gate may take at a start that went well before, in ms; `learned` from those,
    `timeout` as long as any."""
    hold_after_rollback: HoldAfterRollback = "until-newer"
    """The images that a rollback keeps away from an update: the one that was left, all others than
    the current one until somebody releases the service, or none."""
    keep_last: int = Rules().keep_last
    """How many snapshots and kept data sets stay, and the further rules, as `Rules` has them."""
    keep_within_ms: int = 0
    keep_healthy: int = 0
    max_bytes: int = 0
    min_free: int = 0
    keep_images: int = 0
    auto: Auto = field(default_factory=Auto)
    after: tuple[str, ...] = ()
    """The services that are updated before, where all are."""

    @property
    def rules(self) -> Rules:
        """How long data of another day is kept."""
        return Rules(
            keep_last=self.keep_last,
            keep_within_ms=self.keep_within_ms,
            keep_healthy=self.keep_healthy,
            max_bytes=self.max_bytes,
            min_free=self.min_free,
            keep_images=self.keep_images,
        )

    @property
    def programs(self) -> Declared:
        """The programs that have a say in its changes."""
        return Declared(
            hooks=self.hooks,
            accept=self.accept,
            accept_timeout_ms=self.accept_timeout_ms,
            on_unknown=self.on_unknown,
            defer=self.defer,
            idle=self.when_idle,
            counted=self.count_path,
        )

    @property
    def program_secrets(self) -> tuple[str, ...]:
        """The names of the secrets that these programs get."""
        return tuple(sorted(placed_in(self.program_env)))

    @property
    def container_name(self) -> str:
        """The name of its container."""
        return self.called or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyTarget:
    """One `[notify.NAME]` table: exactly one of the four ways is written."""

    name: str
    webhook: str = ""
    """The address; places of secrets are filled in when a message is sent. So it is with `plain`,
    `apprise`, `sign` and `token`."""
    plain: str = ""
    command: tuple[str, ...] = ()
    apprise: str = ""
    sign: str = ""
    token: str = ""
    secrets: tuple[str, ...] = ()
    """The secrets that the command has in its environment."""
    timeout_ms: int = 10_000
    """The time for one try, where nobody waits for it."""
    events: tuple[str, ...] = USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The words of the config and the environment. Nothing is created by reading them."""

    path: Path
    """The config file."""
    exists: bool
    """Whether there is such a file."""
    services: Mapping[str, Service]
    journal: str
    """A path or an SQLAlchemy URL."""
    data: Path
    """The folder for all that must last."""
    secrets_store: Store = "file"
    snapshot_dir: Path | None = None
    """Where the files of snapshots lie; None for the folder `snapshots` beside the journal."""
    notify: Mapping[str, NotifyTarget] = field(default_factory=dict)
    heartbeat: str = ""
    """The address that is asked for after each good run of auto; with places of secrets."""
    metrics_file: Path | None = None
    """Where the metrics are written after each operation; None for nowhere."""

    def secrets_file(self, service: Service) -> Path:
        """The service's secrets file: the one it names, else `NAME.secrets` beside the config."""
        return service.secrets_file or self.path.parent / f"{service.name}.secrets"

    def service(self, name: str | None = None) -> Service:
        """The service of that name; without a name the only service, else `opencode`.

        Raises:
            NotFoundError: there is no such service; the message names those there are.
        """
        if name is None and len(self.services) == 1:
            return next(iter(self.services.values()))
        wanted = DEFAULT_SERVICE if name is None else name
        if wanted in self.services:
            return self.services[wanted]
        from difflib import get_close_matches  # noqa: PLC0415 - for mistakes only

        there = a_few(self.services)
        first = next(iter(get_close_matches(wanted, self.services, n=1) or self.services))
        where = self.path if self.exists else f"{self.path} (which does not exist)"
        raise NotFoundError(
            f"which service? {where} declares {there}"
            if name is None
            else f"there is no service {wanted!r} in {where}; there are: {there}",
            hint=f"name one of them: --service {first}",
        )
