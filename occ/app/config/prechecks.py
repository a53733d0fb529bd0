"""Checks before a first start: the engine, names, ports, networks, secrets, room on the disks."""

from collections.abc import Iterator

from occ.app import host
from occ.app.config.interview import Precheck
from occ.app.config.suggestions import Surroundings
from occ.app.desk import Desk
from occ.app.doctor.machine import room
from occ.app.doctor.ports import refusal
from occ.app.ledgers import ledger_of
from occ.domain.spec import Port
from occ.errors import EngineUnreachableError, RefusedError
from occ.settings import Service
from occ.settings.secret_values.lookup import locate
from occ.settings.secret_values.stores import stores_of


def prechecks(desk: Desk, service: Service, around: Surroundings) -> Iterator[Precheck]:
    """Each check with its result; nothing is changed."""
    info = around.info
    if info is None:
        why = around.silent
        yield Precheck(
            what="engine",
            fine=False,
            says=why.message if why else "it does not answer",
            fix=why.hint if why else "docker version",
        )
    else:
        yield Precheck(what="engine", fine=True, says=f"{info.version} at {info.address}")
        yield _name(desk, service)
        yield from (_port(port, service, around, local=info.local) for port in service.spec.ports)
        yield from _networks(desk, service)
    yield from _secrets(desk, service)
    low = tuple(room(desk.journal.files(), info))
    for finding in low:
        yield Precheck(what="disk", fine=False, says=finding.says, fix=finding.fix)
    if not low:
        yield Precheck(what="disk", fine=True, says="there is room for journal and images")


def _name(desk: Desk, service: Service) -> Precheck:
    ledger = ledger_of(desk.journal, service.name)
    name = host.container_name(ledger, service, service.name)
    try:
        host.refuse_foreign(desk.engine, desk.journal.id, service.name, ledger, name)
    except (EngineUnreachableError, RefusedError) as error:
        return Precheck(what="name", fine=False, says=error.message, fix=error.hint)
    return Precheck(what="name", fine=True, says=f"no container of others is called {name}")


def _networks(desk: Desk, service: Service) -> Iterator[Precheck]:
    """Each network that the engine lacks; a mode such as `host` is none of its networks."""
    modes = {"host", "none", "bridge", "default"}
    for name in service.spec.networks:
        if name in modes or name.startswith("container:") or desk.engine.network(name):
            continue
        says = f"the engine has no network {name}"
        yield Precheck(what="network", fine=False, says=says, fix=f"docker network create {name}")


def _secrets(desk: Desk, service: Service) -> Iterator[Precheck]:
    """Each secret without a value."""
    stores = stores_of(desk.settings, service)
    for name, found in locate(service.spec.secrets, stores, desk.environ).items():
        if not found.source:
            fix = f"occ secret set {name} --service {service.name}"
            yield Precheck(what="secret", fine=False, says=f"{name} has no value yet", fix=fix)


def _port(port: Port, service: Service, around: Surroundings, *, local: bool) -> Precheck:
    own = around.own(port.host, service.container_name)
    holder = around.holder(port.host, but=service.container_name)
    if holder is not None:
        says = f"{port} is in use by container {holder.name}"
        fix = f"another port: occ setup --port; or docker stop {holder.name}"
        return Precheck(what="port", fine=False, says=says, fix=fix)
    why = refusal(port) if local and not own else ""
    if why:
        fix = f"ss -lntup | grep :{port.host}, or another port: occ setup --port"
        return Precheck(what="port", fine=False, says=f"{port}: {why}", fix=fix)
    return Precheck(what="port", fine=True, says=f"{port} is {'its own' if own else 'free'}")
