"""The step that makes the replacement, and checks on it all that can be checked before a stop."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar

from occ.domain import step_names
from occ.domain.events import Version
from occ.domain.fingerprints import compared
from occ.engine.port import Engine
from occ.engine.values import Container, ContainerRequest
from occ.errors import FailedError, NameTakenError, NoProbeError, SecretMissingError
from occ.operations import labels
from occ.operations.step_context import World
from occ.operations.steps.step import Result, Step
from occ.operations.steps.users import accounts_of, carried


@dataclass(frozen=True, slots=True)
class CreateContainer(Step):
    """Have one container of this operation, made but not started, with restart policy `no`.

    `source` is the container whose users it will have, empty for none.
    """

    name: ClassVar[str] = step_names.CREATE_CONTAINER
    called: str
    version: int
    source: str = ""

    def seen(self, world: World) -> Result | None:
        """Whether this operation's replacement is there, and was once seen whole and checked.

        One that no result names may lack networks: whoever made it died before it had them all.
        """
        there = world.made("replacement")
        whole = there is not None and world.operation.result(self.name).get("container") == there.id
        return _result(there) if there and whole else None

    def apply(self, world: World) -> Result:
        """Create it, then check users, secrets, networks and the way a probe would go.

        Raises:
            UserClashError, SecretMissingError, NoProbeError, FailedError: a check failed; nothing
                was stopped.
        """
        version = world.versions[self.version]
        if world.made("replacement") is None:
            _refuse_other_secrets(world, version)
        made = make(world, version, self.called, "replacement")
        self._check(world, version, made)
        return _result(made)

    def settle(self, world: World) -> None:
        """Create again: then a call under way has come to its end, and the container is there.

        It never starts, so a secret that has no value any more is none of its needs.
        """
        version = world.versions[self.version]
        blank = dict.fromkeys(version.spec.secrets, "")
        with suppress(FailedError):  # what cannot be created needs no removal
            make(
                replace(world, secrets={**blank, **world.secrets}),
                version,
                self.called,
                "replacement",
            )

    def revert(self, world: World) -> Result:
        """Remove it; its volumes stay."""
        there = world.made("replacement")
        if there is None:
            return {}
        world.engine.remove(there.id)
        return {"said": "removed"}

    def _check(self, world: World, version: Version, made: Container) -> None:
        health = version.spec.health
        for network in version.spec.networks:
            if not world.engine.network(network):  # the engine itself looks at the start only
                raise FailedError(
                    f"there is no network {network}", hint=f"docker network create {network}"
                )
        probed = bool(health.path) and world.operation.planned.request.probe
        if probed and world.engine.route(made.id, health.port) is None:
            raise NoProbeError(
                f"there is no way to ask {version.spec.health.path} of {made.name}",
                hint="publish its port, have curl or wget in the image, or go without: --no-probe",
            )
        request = world.operation.planned.request
        if request.users:
            new = accounts_of(world.engine, made.id)
            carried(world, request.users, self.source, new, reset=request.reset)


def make(world: World, version: Version, called: str, role: labels.Role) -> Container:
    """The container of this operation in this role, created if it is not there.

    One that is there joins the networks it lacks: an earlier call may have broken off before them.
    A volume that does not exist is created with our labels, and only such a one may be filled by
    the image: one of this operation, or of an earlier one that came to no container.
    """
    there = world.made(role)
    if there is not None:
        return _whole(world, version, there)
    missing = [name for name in version.spec.secrets if name not in world.secrets]
    if missing:
        raise SecretMissingError(
            f"the secret {missing[0]} has no value",
            hint=f"occ secret set {missing[0]} --service {world.service}, then: occ resume",
        )
    request = ContainerRequest(
        name=called,
        image=version.image,
        spec=version.spec,
        labels=world.labels_of(version, role),
        alias=world.service,
        secrets={name: world.secrets[name] for name in version.spec.secrets},
        fresh=_volumes(world, version),
    )
    try:
        created = world.engine.create(request)
    except NameTakenError:
        there = world.made(role)  # our own earlier call may have come to its end meanwhile
        if there is None:
            raise
        return _whole(world, version, there)
    return _sure(world.engine, created, called)


def _refuse_other_secrets(world: World, version: Version) -> None:
    """Whether the values at hand are those that the operation was planned with.

    Its fingerprints are what the journal will say the container was made with. Of another key they
    tell nothing, and are no reason to stop.
    """
    asked = world.operation.planned.request.fingerprints
    now = world.prints_now
    of_it = {name: now[name] for name in version.spec.secrets if name in now}
    for name, change in compared(asked, of_it).items():
        if change == "changed":
            raise FailedError(
                f"the secret {name} changed since this was planned", hint="type the command again"
            )


def _whole(world: World, version: Version, there: Container) -> Container:
    if len(version.spec.networks) > 1:  # the first one comes with the container itself
        world.engine.join(there.id, version.spec, world.service)
    return there


def _sure(engine: Engine, container: str, called: str) -> Container:
    there = engine.inspect(container)
    if there is None:
        raise FailedError(f"{called} was created and is gone again", hint="occ update")
    return there


def _volumes(world: World, version: Version) -> frozenset[str]:
    mark = {
        labels.JOURNAL: world.journal,
        labels.SERVICE: world.service,
        labels.VERSION: str(version.number),
        labels.OPERATION: str(world.operation.number),
    }
    fresh: set[str] = set()
    for volume in version.spec.volumes:
        there = world.engine.volume(volume.name)
        if there is None:
            world.engine.create_volume(volume.name, mark)
        if there is None or (
            labels.mine(world.journal, world.service).items() <= there.items()
            and labels.COPY not in there  # it gets its data from the volume named there
            and _untouched(world, labels.number(there, labels.OPERATION))
        ):
            fresh.add(volume.name)
    return frozenset(fresh)


def _untouched(world: World, number: int) -> bool:
    """Whether a volume of this operation's was never run on; the engine fills only empty ones."""
    return number == world.operation.number or world.unused(number)


def _result(container: Container) -> Result:
    return {"container": container.id, "said": f"{container.name} ({container.id[:12]})"}
