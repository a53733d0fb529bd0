"""How a `[services.NAME]` table becomes one Service, its values checked against each other."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from graphlib import CycleError, TopologicalSorter
from ipaddress import ip_address
from itertools import combinations

from occ.domain.secrets.places import place
from occ.domain.secrets.spec_places import places_by_field, unfilled_places
from occ.domain.spec import Mount, Port, Spec, Volume
from occ.domain.values import service_name
from occ.errors import UsageMistakeError
from occ.settings.default_config import with_login
from occ.settings.keys.accounts import Accounts
from occ.settings.keys.build import reference as built_reference
from occ.settings.keys.health import with_port
from occ.settings.keys.readers import NEXT
from occ.settings.keys.service import SERVICE
from occ.settings.keys.setting import Table
from occ.settings.keys.short_syntax import EVERYWHERE
from occ.settings.model import Service
from occ.settings.toml.node import Node

# A spec is written into every plan, and an entry of the journal holds 16 KiB.
_LARGEST_SPEC = 8192
_EXAMPLE = '[services.NAME] with image = "registry/name:tag" below it'


def read(node: Node) -> Service:
    """One service as the config declares it.

    Raises:
        ConfigError: something in it cannot be used.
    """
    name = _name(node)
    table = Table.of(node, SERVICE, _EXAMPLE)
    build = table.take("build", None)
    if build is None and not table.has("image"):
        raise node.bad("image is missing", 'add image = "registry/name:tag"')
    if build is not None and table.has("pull"):
        fix = "take it out; for newer base images write pull = true under build"
        raise table.at("pull").bad("what is built is not pulled", fix)
    if build is not None and table.has("accept"):
        fix = "take it out: a gate command is asked about an image of a registry"
        raise table.at("accept").bad("what is built has no digest to be asked about", fix)
    spec = Spec(**table.values_of(Spec))
    spec = with_login(replace(spec, health=with_port(spec.health, table.at("health"), spec.ports)))
    _check_paths(table, spec)
    _check_secrets(table, spec)
    _check_networks(table, spec)
    _check_length(table, spec)
    users = table.take("users", Accounts())
    usual = {"reference": built_reference(name), "pull": "never" if build else "always"}
    return Service(
        name=name,
        spec=spec,
        users=users.names,
        passwords=users.passwords,
        **(usual | table.values_of(Service)),
    )


def check_ports(read: Iterable[tuple[Node, Service]]) -> None:
    """See that no port of the host is published twice, by one service or by two.

    Raises:
        ConfigError: one is; the message names both places.
    """
    published = [found for node, service in read for found in _published(node, service)]
    for (first, one), (second, other) in combinations(published, 2):
        if _clash(one, other):
            where = f"{first.key} (line {first.line})" if first.line else first.key
            raise second.bad(
                f"host port {other.host} is taken by {where} already",
                "choose another host port, or take one of them out",
            )


def check_containers(read: Iterable[tuple[Node, Service]]) -> None:
    """See that no two services have a container of one name.

    Raises:
        ConfigError: two have; the message names both services.
    """
    taken: dict[str, str] = {}
    for node, service in read:
        other = taken.setdefault(service.container_name, service.name)
        if other != service.name:
            wrong = f"the container of service {other} is named {service.container_name} already"
            at = Table.of(node, SERVICE, _EXAMPLE).at("container")
            raise at.bad(wrong, "choose another name for one of them: container = ...")


def check_order(read: Iterable[tuple[Node, Service]]) -> None:
    """See that `after` names services of the config, and leads in no circle.

    Raises:
        ConfigError: it does not; the message names the services.
    """
    known = {service.name: (node, service) for node, service in read}
    for node, service in known.values():
        for at, name in enumerate(service.after):
            if name not in known:
                here = [*Table.of(node, SERVICE, _EXAMPLE).at("after").elements()][at]
                raise here.bad("the config has no such service", "name another, or take it out")
    try:
        TopologicalSorter({name: one.after for name, (_, one) in known.items()}).prepare()
    except CycleError as error:
        first, *others = error.args[1]
        place = Table.of(known[first][0], SERVICE, _EXAMPLE).at("after")
        circle = " after ".join(reversed((first, *others)))
        raise place.bad(f"it leads in a circle: {circle}", "take one of them out") from None


def _name(node: Node) -> str:
    name = str(node.path[-1])
    try:
        service_name(name)
    except UsageMistakeError as error:
        raise node.bad("the service's name cannot be used", error.hint) from None
    if name.endswith(NEXT):
        raise node.bad(f"names that end in {NEXT} are occ's own", "choose another name")
    return name


def _published(node: Node, service: Service) -> Iterator[tuple[Node, Port]]:
    ports = Table.of(node, SERVICE, _EXAMPLE).at("ports")
    if service.spec.ports:
        yield from zip(ports.elements(), service.spec.ports, strict=True)


def _clash(one: Port, other: Port) -> bool:
    """Whether the kernel would give these two to one process only."""
    if (one.host, one.protocol) != (other.host, other.protocol):
        return False
    if EVERYWHERE in {one.address, other.address}:
        return True
    first, second = ip_address(one.address), ip_address(other.address)
    everywhere = first.is_unspecified or second.is_unspecified
    return first == second or (everywhere and first.version == second.version)


def _check_paths(table: Table, spec: Spec) -> None:
    """Two things at one path would hide each other."""
    taken: dict[str, Node] = {}
    written: tuple[tuple[Node, tuple[Volume | Mount, ...]], ...] = (
        (table.at("volumes"), spec.volumes),
        (table.at("mounts"), spec.mounts),
    )
    for node, found in written:
        for element, one in zip(node.elements() if found else (), found, strict=True):
            if one.path in taken:
                wrong = f"{one.path} is taken by {taken[one.path].key} already"
                raise element.bad(wrong, "choose another path, or take one of them out")
            taken[one.path] = element


def _check_secrets(table: Table, spec: Spec) -> None:
    for secret in spec.secrets:
        if spec.env.get(secret, place(secret)) != place(secret):
            wrong = f"{secret} stands under env too"
            fix = f'take it out of one of the two, or write {secret} = "{place(secret)}" there'
            raise table.at("secrets").bad(wrong, fix)
    for key, name in places_by_field(spec):
        if name not in spec.secrets:
            fix = f'add "{name}" to secrets'
            raise table.at(key).bad(f"{name} is no secret of the service", fix)
    if spec.health.secrets - set(spec.secrets):  # its name is not told: it may be the value
        wrong = "it names a secret that the service does not have"
        raise table.at("health").bad(wrong, "list its name under secrets")
    for key, name in unfilled_places(spec):
        fix = "a secret has its place in env, labels, command, entrypoint, engine and health"
        raise table.at(key).bad(f"nothing fills in {place(name)} here", fix)
    if table.has("secrets_file") and not spec.secrets:
        fix = 'add secrets = ["NAME", ...], or take this out'
        raise table.at("secrets_file").bad("no secret is named that would be read from it", fix)


def _check_networks(table: Table, spec: Spec) -> None:
    for name in ("host", "none"):
        if name in spec.networks and spec.ports:
            wrong = f'the network "{name}" publishes no ports'
            raise table.at("networks").bad(wrong, "take out ports, or name another network")


def _check_length(table: Table, spec: Spec) -> None:
    length = len(json.dumps(asdict(spec), separators=(",", ":")).encode())
    if length > _LARGEST_SPEC:
        raise table.node.bad(
            f"the declaration takes {length} bytes, and the journal holds {_LARGEST_SPEC}",
            "put long values into a file and mount it",
        )
