"""A model of Compose as tables of our config, each service after those that it depends on: pure."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

from occ.app.config.compose.model import Model, read_model
from occ.app.config.compose.part import Part
from occ.app.config.compose.service import carried
from occ.domain.values import service_name
from occ.errors import ConfigError, NotFoundError, UsageMistakeError
from occ.settings import Service
from occ.settings.as_table import table_of
from occ.settings.keys.service import SERVICE
from occ.settings.read import services_of
from occ.settings.toml.table_text import emit

_ENDS: Final = "service_completed_successfully"
_READERS: Final = {row.key: row.form.read for row in SERVICE}
_VITAL: Final = ("image", "build")
"""The keys without which nothing could be run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """A model in the words of our config."""

    project: str
    tables: Mapping[str, Mapping[str, Any]]
    """Each `[services.NAME]` by its name, in the order in which they should be started."""
    secrets: Mapping[str, tuple[str, ...]]
    """The names of the secrets of each service that has any."""
    left: tuple[str, ...]
    """Sentences on all that the tables do not say, each with its key in the model."""
    notes: tuple[str, ...]


def tables_of(
    content: str,
    called: str,
    there: Callable[[str], Service | None] = lambda _: None,
    only: str | None = None,
) -> Tables:
    """The tables of a model's text; `called` names where that comes from.

    `there` is the service that the config has under a name. One of another project keeps its name,
    and the new one gets the project's before its own. `only` is one service, as Compose calls it.

    Raises:
        ConfigError: it is no resolved model.
        NotFoundError: it has no service `only`.
    """
    model = read_model(content, called)
    if only is not None and only not in model.services:
        raise NotFoundError(
            f"project {model.project} has no service {only}; there are: "
            f"{', '.join(model.services)}",
            hint=f"name one of them: --service {next(iter(model.services), 'NAME')}",
        )
    awaited = {name: _awaited(part) for name, part in model.services.items()}
    names: dict[str, str] = {}
    tables: dict[str, Mapping[str, Any]] = {}
    secrets: dict[str, tuple[str, ...]] = {}
    notes: list[str] = []
    for key in _ordered(awaited, model.left):
        part = model.services[key]
        if only not in {None, key} or _is_job(key, part, awaited):
            continue
        name = _name(key, part, model, tables, there)
        found = carried(part, model, key, name) if name else None
        table = _sieved(found.service, key, model.left) if found else None
        if found is None or table is None:
            continue
        _tell_order(part, [one for one in awaited[key] if one in names])
        names[key], tables[name] = name, table
        if named := table.get("secrets"):
            secrets[name] = tuple(named)
        notes += [f"{name}: {note}" for note in found.notes]
    return Tables(
        project=model.project,
        tables=tables,
        secrets=secrets,
        left=tuple(dict.fromkeys((*model.left, *_to_make(model, tables)))),
        notes=tuple(notes),
    )


def _awaited(part: Part) -> Mapping[str, str]:
    """The services that it depends on, each with the condition."""
    if isinstance(part.found.get("depends_on"), list):
        return dict.fromkeys(part.words("depends_on"), "")
    found = {}
    for name, one in part.parts("depends_on"):
        found[name] = one.text("condition")
    return found


def _ordered(awaited: Mapping[str, Mapping[str, str]], left: list[str]) -> Iterable[str]:
    """The services, each after those that it depends on; else in the order of the model."""
    ahead = {name: [one for one in on if one in awaited] for name, on in awaited.items()}
    sorter = TopologicalSorter(ahead)
    try:
        sorter.prepare()
    except CycleError as error:
        left.append(f"services: depends_on goes in a circle: {' -> '.join(error.args[1])}")
        return awaited
    return tuple(_in_turns(sorter, [*awaited]))


def _in_turns(sorter: "TopologicalSorter[str]", model: list[str]) -> Iterator[str]:
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=model.index)
        yield from ready
        sorter.done(*ready)


def _is_job(key: str, part: Part, awaited: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether others wait until it has ended; that is told."""
    waiting = [name for name, on in awaited.items() if on.get(key) == _ENDS]
    if waiting:
        why = f"{', '.join(waiting)} waits until it has ended, and occ looks after what stays"
        part.leave("", f"it is not imported: {why}; run it by hand: docker compose run --rm {key}")
    return bool(waiting)


def _tell_order(part: Part, before: Collection[str]) -> None:
    if before:
        part.leave(
            "depends_on",
            f"the tables stand in this order, by which occ start --all proves {', '.join(before)} "
            "first; nothing else follows from it",
        )


def _name(
    key: str,
    part: Part,
    model: Model,
    used: Mapping[str, object],
    there: Callable[[str], Service | None],
) -> str:
    """The service's name here; empty where there is none, which is told."""
    plain = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")
    for name in dict.fromkeys((key, key.lower(), plain, f"{model.project}-{plain}")):
        with suppress(UsageMistakeError):
            found = there(service_name(name))
            last = name == f"{model.project}-{plain}"
            if name not in used and (found is None or last or _is_ours(found, part, model)):
                return name
    part.leave("", "it is not imported: no name for it is left; add it with occ setup")
    return ""


def _is_ours(found: Service, part: Part, model: Model) -> bool:
    """Whether a service of the config is of this project: it has a network or volume of it."""
    own = {one.name for one in model.networks.values() if not one.external}
    own |= set(model.volumes.values())
    has = {*found.spec.networks, *(volume.name for volume in found.spec.volumes)}
    image = found.reference.rpartition(":")[0] or found.reference
    return bool(own & has) or (not own and str(part.found.get("image")).startswith(image))


def _sieved(service: Service, key: str, left: list[str]) -> Mapping[str, Any] | None:
    """The service's table without all that the config's readers refuse, which is told.

    Lists and tables are read an element at a time: one that is refused takes no other with it.
    """
    whole = Part.whole({"services": {key: table_of(service)}}, left)
    table = whole.part("services").part(key)
    kept: dict[str, Any] = {}
    for row, value in table.found.items():
        good = _good(table, row, value)
        if good in ([], {}, None) and row in _VITAL:
            table.leave("", f"it is not imported: its {row} cannot be read")
            return None
        if good not in ([], {}, None):
            kept[row] = good
    try:
        services_of(emit(("services", service.name), kept), Path("compose"), "")
    except ConfigError as error:
        said = re.sub(r"^compose(?::\d+)?: ", "", error.message)
        table.leave("", f"it is not imported: {said}")
        return None
    return kept


def _good(table: Part, row: str, value: object) -> object:
    """The part of a value that its reader takes, the rest told."""
    read = _READERS[row]
    if isinstance(value, list) and row not in {"command", "entrypoint"}:
        return [one for one in value if table.with_value(row, [one], read)]
    if isinstance(value, dict) and row != "build":
        return {k: one for k, one in value.items() if table.with_value(row, {k: one}, read)}
    return value if table.with_value(row, value, read) else None


def _to_make(model: Model, tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The networks that somebody has to make, because occ makes none."""
    joined = {name for table in tables.values() for name in table.get("networks", ())}
    for key, network in model.networks.items():
        if network.name in joined and not network.external:
            yield f"networks.{key}: occ makes no networks; before the start: {network.make}"
