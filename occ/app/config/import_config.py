"""The import of a config of opencode-cloud, as a service of ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from occ.app.config.config import service_in_config
from occ.app.config.config_draft import drafted
from occ.app.config.interview import Precheck, Writing
from occ.app.config.opencode_cloud import CONTAINER, WEB_PORT, Carried, read_origin
from occ.app.config.setup import table_with
from occ.app.config.suggestions import Surroundings, answers_of, profile_of, surroundings_of
from occ.app.desk import Desk
from occ.domain.values import service_name
from occ.errors import ConfigError, DeclinedError
from occ.settings import Service
from occ.settings.folders import home
from occ.settings.model import DEFAULT_SERVICE
from occ.settings.secret_values.secrets_file import store
from occ.settings.toml.config_text import exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How an import ended."""

    service: str
    source: str
    """The config of opencode-cloud."""
    config: str
    """The config of occ."""
    written: bool
    """False where the config of occ says so already."""
    left: tuple[str, ...] = ()
    """Keys that could not be carried over, each with the reason."""
    secrets: tuple[str, ...] = ()
    """Names of the secrets whose values are in `secrets_file` now."""
    secrets_file: str = ""
    """Empty where there are no secrets."""
    notes: tuple[str, ...] = ()
    prechecks: tuple[Precheck, ...] = ()


def import_config(
    desk: Desk,
    path: str | None,
    service: str | None,
    tell: Callable[[str], None],
    agree: Callable[[Writing], bool],
) -> Imported:
    """Have opencode-cloud's settings in our config as a service, its secrets in the secrets file.

    `tell` takes a line for each key that is left behind, `agree` the difference before it is
    written.

    Raises:
        ConfigError: it cannot be read, or has settings that our config has no words for.
        DeclinedError: the difference was not agreed to; nothing was written.
    """
    source = _source(desk, path)
    carried = read_origin(source)
    name = service_name(service or DEFAULT_SERVICE)
    # Under whatever name: its volumes have these names already, and the data in them.
    usual = replace(profile_of("opencode", DEFAULT_SERVICE), name=name)
    base = _with(service_in_config(desk, name) or usual, carried)
    around = surroundings_of(desk)
    try:
        draft = drafted(desk, {name: _table(base, carried)}, around)
    except ConfigError as error:
        raise ConfigError(f"{source} cannot be written as a service: {error.message}") from None
    file = draft.services[name].secrets_file
    notes = _notes(around, name)
    for line in (*(f"not carried: {one}" for one in carried.left), *notes):
        tell(line)
    changes = bool(draft.writing.diff)
    if changes and not agree(draft.writing):
        raise DeclinedError("nothing was written", hint="occ import-config")
    if carried.secrets and file is not None:
        store(file, carried.secrets)
    if changes:
        exchange(desk.settings.path, draft.before, draft.text)
    return Imported(
        service=name,
        source=str(source),
        config=str(desk.settings.path),
        written=changes,
        left=carried.left,
        secrets=tuple(carried.secrets),
        secrets_file=str(file) if carried.secrets else "",
        notes=notes,
        prechecks=draft.writing.prechecks,
    )


def _source(desk: Desk, path: str | None) -> Path:
    """The config's path: opencode-cloud keeps it below XDG_CONFIG_HOME, or ~/.config."""
    if path is not None:
        return Path(path).expanduser().absolute()
    chosen = desk.environ.get("XDG_CONFIG_HOME", "")
    below = Path(chosen) if chosen.startswith("/") else Path(home(desk.environ), ".config")
    return below / "opencode-cloud" / "config.json"


def _with(base: Service, carried: Carried) -> Service:
    """The service with everything that setup does not ask about."""
    hidden = {mount.path for mount in carried.mounts}
    spec = replace(
        base.spec,
        volumes=tuple(volume for volume in base.spec.volumes if volume.path not in hidden),
        mounts=(*(m for m in base.spec.mounts if m.path not in hidden), *carried.mounts),
        env={**base.spec.env, **carried.env},
        secrets=tuple(dict.fromkeys((*base.spec.secrets, *carried.secrets))),
        restart=base.spec.restart if carried.restarts else "no",
    )
    file = base.secrets_file or (Path(f"{base.name}.secrets") if carried.secrets else None)
    return replace(base, spec=spec, secrets_file=file)


def _table(base: Service, carried: Carried) -> Mapping[str, object]:
    answers = replace(
        answers_of(base),
        ports=(f"{carried.port}:{WEB_PORT}",),
        bind=carried.bind,
        users=tuple(dict.fromkeys((*base.users, *carried.users))),
    )
    return table_with(base, answers)


def _notes(around: Surroundings, name: str) -> tuple[str, ...]:
    if not any(one.name == CONTAINER for one in around.running):
        return ()
    keep = f"occ adopt {CONTAINER} --service {name}"
    return (f"container {CONTAINER} runs: {keep} keeps it; or docker stop {CONTAINER} first",)
