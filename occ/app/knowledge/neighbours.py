"""Other people's containers that use parts of a service's, and their fate in a change.

A container that shares a namespace is tied to one container by its id, and to one run of it: a stop
cuts it off, a removal for good. Volumes outlive a container, so whoever has them goes on with them.
"""

import shlex
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from occ.app import host
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of, operations_of
from occ.domain.findings import Finding
from occ.domain.operation import Operation
from occ.domain.spec import Spec
from occ.domain.versions import Ledger
from occ.engine.port import Engine
from occ.engine.values import Container, Neighbour, Shared
from occ.operations.labels import SERVICE

_COMPOSE: Final = "com.docker.compose."
_KILLED: Final = 137
_PARTS: Final[dict[Shared, str]] = {
    "network": "network",
    "pid": "process ids",
    "ipc": "IPC",
    "volumes": "volumes",
}
_OPTIONS: Final[dict[Shared, str]] = {
    "network": "--network container:{name}",
    "pid": "--pid container:{name}",
    "ipc": "--ipc container:{name}",
    "volumes": "--volumes-from {name}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """A container that uses parts of one of ours which are not there any more."""

    name: str
    says: str
    fix: str
    """The command that ties it to the service again, or what to make anew."""

    def __str__(self) -> str:
        return f"{self.says}: {self.fix}"


def foreseen(
    engine: Engine, called: str, container: str, after: Spec | None, *, leaves: bool
) -> Iterator[str]:
    """A sentence on each neighbour of this container: its fate when this one is stopped.

    `leaves` says that another container comes in its place, with the volumes of `after`; it has
    the name `called`.
    """
    there = engine.inspect(container)
    if there is None:
        return
    known = (there.id, there.name)
    for one in engine.neighbours(known, tuple(there.mounts.values())):
        shares = one.of(known)
        if shares - {"volumes"}:
            yield _loses(one, shares, called, leaves=leaves)
        elif one.container.running:
            yield _keeps(one, there, called, after if "volumes" in shares else None)


def cut_off(desk: Desk, service: str) -> tuple[CutOff, ...]:
    """The neighbours that are cut off now, by whatever ended the container that they used.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    engine, ledger = desk.engine_of(service), ledger_of(desk.journal, service)
    current = host.ours(engine, desk.journal.id, service, ledger).current
    operations = tuple(operations_of(desk.journal, service))
    called = ledger.container_name(service)
    known = {called, *_containers(operations), *((current.id,) if current else ())}
    volumes = frozenset(_volumes(ledger, operations))
    found = (_cut_off(one, current, called, known, volumes) for one in engine.neighbours(known, ()))
    return tuple(one for one in found if one is not None)


def findings(desk: Desk, service: str) -> Iterator[Finding]:
    """The same for doctor."""
    for one in cut_off(desk, service):
        yield Finding(code="neighbour_cut_off", says=one.says, fix=one.fix, service=service)


def _loses(one: Neighbour, shares: Collection[Shared], called: str, *, leaves: bool) -> str:
    name, parts = one.container.name, _listed(shares)
    follows = "its processes end with" if "pid" in shares else "it is cut off by"
    if not one.container.running:
        follows = "it does not run, and is cut off by"
    if leaves:
        again = f"and must be made again afterwards: {_made_again(one, shares, called)}"
    else:
        again = f"and must be restarted afterwards: docker restart {shlex.quote(name)}"
    return f"container {name} uses its {parts}: {follows} the stop, {again}"


def _keeps(one: Neighbour, there: Container, called: str, after: Spec | None) -> str:
    """A volume may be shared without anybody's options; only --volumes-from wants the new ones."""
    name = one.container.name
    both = {source for source in there.mounts.values() if source in one.container.mounts.values()}
    goes_on = f"container {name} uses its volumes ({', '.join(sorted(both))}) and goes on with them"
    new = [v.name for v in after.volumes if v.name not in there.mounts.values()] if after else []
    if not new:
        return goes_on
    again = _made_again(one, {"volumes"}, called)
    return f"{goes_on}; for {', '.join(new)} it must be made again afterwards: {again}"


def _cut_off(
    one: Neighbour,
    current: Container | None,
    called: str,
    known: Collection[str],
    volumes: Collection[str],
) -> CutOff | None:
    spaces = one.of(known) - {"volumes"}
    here = one.of((current.id, current.name)) if current is not None else frozenset()
    if spaces and _wanted(one, spaces):
        if not spaces <= here:
            return _told(one, spaces, called, "a container of {called} that is gone")
        if current is not None and _of_an_earlier_run(one.container, current):
            return _restarted(one, spaces, called, current)
    missing = _missing(one.container, current, volumes) if "volumes" in one.of(known) else ()
    if current is None or not missing or not one.container.running:
        return None
    says = f"container {one.container.name} uses the volumes of {called}, without {missing}"
    return CutOff(name=one.container.name, says=says, fix=_made_again(one, {"volumes"}, called))


def _wanted(one: Neighbour, spaces: Collection[Shared]) -> bool:
    """Whether somebody misses it: a container that ended by itself is missed by nobody."""
    there = one.container
    died = "pid" in spaces and there.exit_code == _KILLED
    return there.running or there.policy != "no" or bool(there.error) or died


def _of_an_earlier_run(there: Container, current: Container) -> bool:
    """Whether it began before the run of the container that it uses, which has begun since."""
    if not there.running:
        return there.finished_at <= current.started_at or not current.running
    return there.started_at < current.started_at or not current.running


def _told(one: Neighbour, spaces: Collection[Shared], called: str, whose: str) -> CutOff:
    says = f"container {one.container.name} is cut off: it uses the {_listed(spaces)} of "
    fix = _made_again(one, spaces, called)
    return CutOff(name=one.container.name, says=says + whose.format(called=called), fix=fix)


def _restarted(
    one: Neighbour, spaces: Collection[Shared], called: str, current: Container
) -> CutOff:
    name = one.container.name
    why = "was started again since" if current.running else "does not run"
    says = f"container {name} is cut off: it uses the {_listed(spaces)} of {called}, which {why}"
    service = current.labels.get(SERVICE, called)
    first = "" if current.running else f"occ start --service {service} && "
    return CutOff(name=name, says=says, fix=f"{first}docker restart {shlex.quote(name)}")


def _missing(there: Container, current: Container | None, volumes: Collection[str]) -> str:
    """The volumes of ours that it lacks, or has an earlier one in place of.

    A mount of its own over a path is its owner's wish.
    """
    lacks = [
        source
        for path, source in sorted(current.mounts.items() if current else ())
        if there.mounts.get(path, "") != source and there.mounts.get(path, "") in {"", *volumes}
    ]
    return ", ".join(lacks)


def _made_again(one: Neighbour, shares: Collection[Shared], called: str) -> str:
    """The command that makes it anew, where Compose made it; else how to see what to make.

    Without `--no-deps` Compose would make a second container of the service itself.
    """
    labels = one.container.labels
    if name := labels.get(f"{_COMPOSE}service"):
        words = ["docker", "compose"]
        if project := labels.get(f"{_COMPOSE}project"):
            words += ["-p", project]
        if folder := labels.get(f"{_COMPOSE}project.working_dir"):
            words += ["--project-directory", folder]
        for file in filter(None, labels.get(f"{_COMPOSE}project.config_files", "").split(",")):
            words += ["-f", file]
        return shlex.join([*words, "up", "-d", "--no-deps", "--force-recreate", name])
    options = " ".join(
        option.format(name=called) for part, option in _OPTIONS.items() if part in shares
    )
    quoted = shlex.quote(one.container.name)
    return f"docker inspect {quoted} (shows how it was made: make it so again, with {options})"


def _listed(shares: Collection[Shared]) -> str:
    return " and ".join(word for part, word in _PARTS.items() if part in shares)


def _volumes(ledger: Ledger, operations: Iterable[Operation]) -> Iterator[str]:
    """All volumes that the service ever had, with the anonymous ones of adopted containers."""
    for record in ledger.versions.values():
        yield from (volume.name for volume in record.version.spec.volumes)
    for data in ledger.data.known.values():
        yield from data.volumes.values()
    for operation in operations:
        if adoption := operation.planned.request.adoption:
            yield from adoption.volumes


def _containers(operations: Iterable[Operation]) -> Iterator[str]:
    """The ids of all containers that the service ever had, as the journal names them."""
    for operation in operations:
        if found := operation.planned.found.container:
            yield found
        for step in operation.steps:
            made = step.result.get("container")
            if isinstance(made, str) and made:
                yield made
