"""The containers of a Compose project, in the order in which each finds what it depends on."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from occ.app.config.config import service_in_config
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.app.which_service import holder
from occ.domain.total import MOST_NUMBER, whole_number
from occ.domain.values import service_name
from occ.engine.values import LEAVING, Container
from occ.errors import NotFoundError, RefusedError, UsageMistakeError
from occ.operations import labels

_LABELS: Final = "com.docker.compose."
PROJECT: Final = f"{_LABELS}project"
_ENDS: Final = "service_completed_successfully"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A container of a project that nobody of ours looks after yet."""

    container: str
    """Its id."""
    called: str
    """Its name."""
    service: str
    """The name that its service gets here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as its containers tell it."""

    name: str
    members: tuple[Member, ...]
    """Each after those that it depends on."""
    notes: tuple[str, ...]
    """Sentences on containers that are left out, and on names and order."""


def project_of(desk: Desk, name: str) -> Project:
    """The project of this name.

    A container that runs once (`docker compose run`), one that others wait for to end, and one that
    is looked after already are left out, and told.

    Raises:
        NotFoundError: no container carries its label.
        RefusedError: services depend on each other in a circle, or one can have no name here.
    """
    there = desk.engine.containers({PROJECT: name})
    if not there:
        raise NotFoundError(
            f"no container belongs to a Compose project {name}",
            hint="docker ps -a --format '{{.Names}} {{.Label \"" + PROJECT + "\"}}'",
        )
    notes: list[str] = []
    awaited = _awaited(there)
    jobs = {one for on in awaited.values() for one, condition in on.items() if condition == _ENDS}
    taken = [one for one in there if not _left_out(desk, one, jobs, notes)]
    if not any(_label(one, "depends_on") for one in there) and len(there) > 1:
        notes.append("no container says what it depends on: they are taken oldest first")
    used: dict[str, str] = {}
    for one in _ordered(taken, awaited):
        used[_name(desk, one, name, used)] = one.id
    by_id = {one.id: one for one in taken}
    members = tuple(
        Member(container=id_, called=by_id[id_].name, service=service)
        for service, id_ in used.items()
    )
    notes += [
        f"container {one.called} becomes service {one.service}: "
        f"{_label(by_id[one.container], 'service')} is a name that is taken, or none of ours"
        for one in members
        if one.service != _label(by_id[one.container], "service")
    ]
    return Project(name=name, members=members, notes=tuple(notes))


def _label(container: Container, key: str) -> str:
    return container.labels.get(f"{_LABELS}{key}", "")


def _awaited(there: Iterable[Container]) -> Mapping[str, Mapping[str, str]]:
    """Per service of the project those that it depends on, each with the condition.

    Compose writes `db:service_healthy:false,redis:service_started:false`.
    """
    found: dict[str, dict[str, str]] = {}
    for one in there:
        mine = found.setdefault(_label(one, "service"), {})
        for entry in filter(None, _label(one, "depends_on").split(",")):
            service, _, rest = entry.partition(":")
            mine[service] = rest.partition(":")[0]
    return found


def _left_out(desk: Desk, one: Container, jobs: Collection[str], notes: list[str]) -> bool:
    """Whether a container is none to take on; the reason is told."""
    mine = one.labels.get(labels.JOURNAL) == desk.journal.id
    own = one.labels.get(labels.SERVICE, "") if mine else ""
    known = holder(desk, one.id) or ("" if one.id in _forgotten(desk, own) else own)
    if known:
        why = f"is looked after already, as {known}"
    elif _label(one, "oneoff") == "True":
        why = "runs once, by docker compose run"
    elif one.state in LEAVING:
        why = f"is {one.state}"
    elif _label(one, "service") in jobs and not one.running:
        why = "has ended, as others wait for it to; occ looks after what stays"
    else:
        if not one.running:
            notes.append(f"container {one.name} does not run: it is taken on as it is")
        return False
    notes.append(f"container {one.name} is left out: it {why}")
    return True


def _forgotten(desk: Desk, service: str) -> Collection[str]:
    return ledger_of(desk.journal, service).forgotten if service else ()


def _ordered(
    taken: Sequence[Container], awaited: Mapping[str, Mapping[str, str]]
) -> Iterator[Container]:
    """The containers, each after those of the services that its own depends on; else oldest first.

    Raises:
        RefusedError: there is a circle; it is named.
    """
    oldest = list(dict.fromkeys(_label(one, "service") for one in taken))
    ahead = {name: [one for one in awaited.get(name, ()) if one in oldest] for name in oldest}
    sorter = TopologicalSorter(ahead)
    try:
        sorter.prepare()
    except CycleError as error:
        raise RefusedError(
            f"its services depend on each other in a circle: {' -> '.join(error.args[1])}",
            hint="take on each container by itself: occ adopt CONTAINER",
        ) from None
    while sorter.is_active():
        ready = sorter.get_ready()
        for name in sorted(ready, key=oldest.index):
            yield from sorted((c for c in taken if _label(c, "service") == name), key=_number)
        sorter.done(*ready)


def _number(container: Container) -> int:
    """Which one of its service's containers it is."""
    return whole_number(_label(container, "container-number"), MOST_NUMBER) or 0


def _name(desk: Desk, one: Container, project: str, used: Mapping[str, str]) -> str:
    """The name of its service here: as Compose calls it, where that is free.

    Raises:
        RefusedError: no name can be made of these.
    """
    called, number = _label(one, "service"), _number(one)
    plain = re.sub(r"[^a-z0-9]+", "-", called.lower()).strip("-")
    whole = f"{project}-{plain}"
    further = f"-{number}" if number > 1 else ""
    for name in dict.fromkeys(
        (called, called.lower(), plain, f"{plain}{further}", whole, f"{whole}{further}")
    ):
        with suppress(UsageMistakeError):
            if name not in used and _is_free(desk, service_name(name), one):
                return name
    raise RefusedError(
        f"container {one.name} finds no free name for its service",
        hint=f"occ adopt {one.name} --service NAME",
    )


def _is_free(desk: Desk, name: str, one: Container) -> bool:
    """Whether a service of this name can have the container: it is new, or declares this one."""
    if desk.engine.names().get(name) not in {None, one.id}:
        return False
    there = service_in_config(desk, name)
    if there is not None:  # Compose may have made its container again, under the same name
        return there.container_name == one.name
    return not ledger_of(desk.journal, name).current
