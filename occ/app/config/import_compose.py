"""The import of a Compose project, as services of ours; nothing of it is started or made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from occ.app.config.compose.tables import tables_of
from occ.app.config.config import service_in_config
from occ.app.config.config_draft import drafted
from occ.app.config.interview import Precheck, Writing
from occ.app.config.suggestions import surroundings_of
from occ.app.desk import Desk
from occ.errors import ConfigError, DeclinedError
from occ.settings.toml.compose_file import RESOLVE
from occ.settings.toml.config_text import exchange
from occ.settings.toml.document import decode, read_bytes
from occ.settings.toml.node import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeImported:
    """How an import of a project ended."""

    project: str
    source: str
    """The file with the model; `-` for standard input."""
    config: str
    """The config of occ."""
    services: tuple[str, ...]
    """In the order in which they should be started."""
    written: bool
    """False where the config says so already."""
    left: tuple[str, ...] = ()
    """Sentences on all that could not be said, each with its key in the model."""
    secrets: tuple[str, ...] = ()
    """The commands that store the values of secrets, one each; no value was written."""
    notes: tuple[str, ...] = ()
    prechecks: tuple[Precheck, ...] = ()


def import_compose(
    desk: Desk,
    source: str,
    given: bytes | None,
    only: str | None,
    tell: Callable[[str], None],
    agree: Callable[[Writing], bool],
) -> ComposeImported:
    """Have the services of a resolved model in our config. No value of a secret is written.

    `given` is the model where `source` is standard input. `only` is one service, as Compose calls
    it. `tell` takes a line for each thing that cannot be said, `agree` the difference before it is
    written.

    Raises:
        ConfigError: it is no resolved model, or our config cannot hold it.
        NotFoundError: it has no service `only`.
        DeclinedError: the difference was not agreed to; nothing was written.
    """
    path = Path(source)
    content = read_bytes(path, instead="name another file") if given is None else given
    if content is None:
        raise ConfigError(f"{printable(path)}: there is no such file", hint=RESOLVE.format("FILE"))
    found = tables_of(
        decode(content, path), source, lambda name: service_in_config(desk, name), only
    )
    for line in (*(f"not said: {one}" for one in found.left), *found.notes):
        tell(line)
    if not found.tables:
        raise ConfigError(f"{printable(source)}: none of its services can be imported")
    try:
        draft = drafted(desk, found.tables, surroundings_of(desk))
    except ConfigError as error:
        raise ConfigError(f"{printable(source)} cannot be written: {error.message}") from None
    if draft.writing.diff:
        if not agree(draft.writing):
            raise DeclinedError("nothing was written", hint=f"occ import-compose {source}")
        exchange(desk.settings.path, draft.before, draft.text)
    return ComposeImported(
        project=found.project,
        source=source,
        config=str(desk.settings.path),
        services=tuple(found.tables),
        written=bool(draft.writing.diff),
        left=found.left,
        secrets=tuple(
            f"occ secret set {name} --service {service}"
            for service, names in found.secrets.items()
            for name in names
        ),
        notes=found.notes,
        prechecks=draft.writing.prechecks,
    )
