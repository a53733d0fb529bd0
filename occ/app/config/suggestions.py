"""Answers that setup suggests: from config, profile, image, and the containers that run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

from occ.app.config.config import service_in_config
from occ.app.desk import Desk
from occ.app.doctor.ports import next_free, refusal
from occ.domain.spec import Port
from occ.engine.values import Container, EngineInfo, Image
from occ.errors import EngineUnreachableError
from occ.operations.labels import SERVICE, volume_name
from occ.settings import Service
from occ.settings.as_table import table_of
from occ.settings.default_config import DEFAULT_CONFIG
from occ.settings.keys.short_syntax import LOOPBACK
from occ.settings.model import DEFAULT_SERVICE
from occ.settings.read import services_of

Profile: TypeAlias = Literal["opencode", "generic"]

# A path that an image's HEALTHCHECK asks, as in `curl -f http://localhost:3000/health || exit 1`.
_ASKED: Final = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?::\d+)?(?P<path>/[!-~]*)"
)
_END_OF_PATH: Final = re.compile(r"[\"'|;&)#]")
_MOST_LOOKED_AT: Final = 50
_PRIVILEGED: Final = 1024
_UNPRIVILEGED_BY: Final = 8000  # 80 becomes 8080


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """An answer to each question of setup."""

    image: str = ""
    ports: tuple[str, ...] = ()
    """Each as `[address:]host:container[/protocol]`."""
    bind: str = LOOPBACK
    """The address of the ports that are written without an address."""
    moved: bool = False
    """Whether `bind` counts for ports too that the config declares with another address."""
    volumes: tuple[str, ...] = ()
    """Each as `name:/path[:ro]`."""
    mounts: tuple[str, ...] = ()
    """Each as `/host/folder:/path[:ro]`."""
    env: tuple[str, ...] = ()
    """Each as `NAME=value`."""
    secrets: tuple[str, ...] = ()
    """Names of variables whose values the config does not hold."""
    networks: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    health: str = ""
    """The path that answers over HTTP; empty for no probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The engine and the containers that run on it."""

    info: EngineInfo | None = None
    running: tuple[Container, ...] = ()
    silent: EngineUnreachableError | None = None
    """Why the engine does not answer; then nothing is known of it and of its containers."""

    def holder(self, number: int, *, but: str = "") -> Container | None:
        """The container that publishes a port of the host, another than the one named `but`."""
        return next(
            (c for c in self.running if c.name != but and any(p.host == number for p in c.ports)),
            None,
        )

    def own(self, number: int, name: str) -> bool:
        """Whether the container of this name publishes a port of the host."""
        return any(p.host == number for c in self.running if c.name == name for p in c.ports)

    def alike(self, name: str, image: str) -> tuple[Container, ...]:
        """The containers of others that have this name, or run this image."""
        others = (c for c in self.running if SERVICE not in c.labels)
        return tuple(c for c in others if c.name == name or c.image == image)


def surroundings_of(desk: Desk) -> Surroundings:
    """The engine and what runs on it, as far as it answers."""
    try:
        info = desk.engine.info()
        ids = tuple(desk.engine.names().values())[:_MOST_LOOKED_AT]
        found = tuple(desk.engine.inspect(each) for each in ids)
    except EngineUnreachableError as error:
        return Surroundings(silent=error)
    return Surroundings(info=info, running=tuple(c for c in found if c is not None and c.running))


def profile_of(profile: Profile, name: str) -> Service:
    """The service that a profile stands for, under this name; a generic one has nothing yet."""
    if profile == "generic":
        return Service(name=name, reference="")
    (usual,) = services_of(DEFAULT_CONFIG, Path("profile"), "").values()

    def own(volume: str) -> str:
        return f"{name}{volume.removeprefix(DEFAULT_SERVICE)}"

    volumes = tuple(replace(one, name=own(one.name)) for one in usual.spec.volumes)
    return replace(
        usual,
        name=name,
        spec=replace(usual.spec, volumes=volumes),
        snapshot_volumes=tuple(own(one) for one in usual.snapshot_volumes),
    )


def answers_of(service: Service) -> Answers:
    """The answers that lead to a service."""
    table, ports = table_of(service), service.spec.ports
    return Answers(
        image=service.reference,
        ports=tuple(short(port) for port in ports),
        bind=ports[0].address if ports else LOOPBACK,
        volumes=tuple(table.get("volumes", ())),
        mounts=tuple(table.get("mounts", ())),
        env=tuple(f"{name}={value}" for name, value in service.spec.env.items()),
        secrets=service.spec.secrets,
        networks=service.spec.networks,
        users=service.users,
        health=service.spec.health.path,
    )


def with_image(answers: Answers, image: Image, name: str) -> Answers:
    """The answers with those that an image gives: its EXPOSE, VOLUME and HEALTHCHECK."""
    inside = dict.fromkeys(image.ports)  # one of them may be there for TCP and for UDP
    ports = tuple(f"{n if n >= _PRIVILEGED else n + _UNPRIVILEGED_BY}:{n}" for n in inside)
    volumes = tuple(f"{volume_name(name, path)}:{path}" for path in sorted(image.volumes))
    return replace(answers, ports=ports, volumes=volumes, health=asked_by(image))


def asked_by(image: Image) -> str:
    """The path that an image's own HEALTHCHECK asks of itself; empty when it asks no path."""
    found = _ASKED.search(" ".join(image.health.words)) if image.health else None
    return _END_OF_PATH.split(found["path"])[0] if found else ""


def with_free_ports(
    answers: Answers, around: Surroundings, name: str, spoken: Mapping[int, str]
) -> tuple[Answers, tuple[str, ...]]:
    """The answers with ports of the host that are free, and a note on each that is not.

    `spoken` are the ports that the config has for another service, running or not.
    """
    given: dict[int, str] = {}
    notes = []
    for one in answers.ports:
        wanted, _, inside = one.partition(":")
        number = next_free(
            int(wanted), lambda n: n in given or n in spoken or _taken(n, around, name)
        )
        if number != int(wanted) and int(wanted) not in given:
            other = spoken.get(int(wanted))
            why = f"is {other}'s in the config" if other else "of this machine is in use"
            notes.append(f"port {wanted} {why}, so {number} is suggested")
        given[number] = inside
    ports = tuple(f"{number}:{inside}" for number, inside in given.items())
    return replace(answers, ports=ports), tuple(notes)


def spoken_for(desk: Desk, name: str) -> dict[int, str]:
    """The ports of the host that the config has for other services, with the name of each."""
    others = (service_in_config(desk, one) for one in desk.settings.services if one != name)
    return {port.host: one.name for one in others if one for port in one.spec.ports}


def _taken(number: int, around: Surroundings, name: str) -> bool:
    if around.holder(number, but=name):
        return True
    if around.info is None or not around.info.local or around.own(number, name):
        return False
    return bool(refusal(Port(container=number, host=number)))


def short(port: Port) -> str:
    """`host:container[/protocol]`."""
    protocol = "" if port.protocol == "tcp" else f"/{port.protocol}"
    return f"{port.host}:{port.container}{protocol}"
