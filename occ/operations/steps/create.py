"""The step that makes the replacement, and checks on it all that can be checked before a stop."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar

from occ.domain import step_names
from occ.domain.data_sets import DataSet
from occ.domain.request import Version
from occ.domain.secrets.fingerprints import compared
from occ.engine.port import Engine
from occ.engine.values import Container, ContainerRequest
from occ.errors import (
    FailedError,
    NameTakenError,
    NoProbeError,
    NotFoundError,
    SecretMissingError,
)
from occ.operations import labels
from occ.operations.answers import can_ask, may_ask_inside
from occ.operations.step_context import StepContext
from occ.operations.steps.images import exactly
from occ.operations.steps.step import Result, Step
from occ.operations.steps.users import carried


@dataclass(frozen=True, slots=True)
class CreateContainer(Step):
    """Have one container of this operation, made but not started, with restart policy `no`.

    `source` is the container whose users it will have, empty for none. `data` is the number of its
    data set, 0 for the service's current one.
    """

    name: ClassVar[str] = step_names.CREATE_CONTAINER
    called: str
    version: int
    source: str = ""
    data: int = 0

    def seen(self, context: StepContext) -> Result | None:
        """Whether this operation's replacement is there, and was once seen whole and checked.

        A container that no result names may lack networks: its maker died before it had them all.
        """
        there = context.made("replacement")
        whole = (
            there is not None and context.operation.result(self.name).get("container") == there.id
        )
        return _result(there) if there and whole else None

    def apply(self, context: StepContext) -> Result:
        """Create it, then check users, secrets, networks and the way a probe would go.

        Raises:
            UserClashError, SecretMissingError, NoProbeError, FailedError: a check failed; nothing
                was stopped.
        """
        version = context.versions[self.version]
        if context.made("replacement") is None:
            _refuse_other_secrets(context, version)
        made = make(context, version, self.called, "replacement", self.data)
        self._check(context, version, made)
        return _result(made)

    def settle(self, context: StepContext) -> None:
        """Create again: then a call under way has come to its end, and the container is there.

        The container never starts, so it does not need a secret that has no value any more.
        """
        version = context.versions[self.version]
        blank = dict.fromkeys(version.spec.secrets, "")
        with suppress(FailedError):  # what cannot be created needs no removal
            make(
                replace(context, secrets={**blank, **context.secrets}),
                version,
                self.called,
                "replacement",
                self.data,
            )

    def revert(self, context: StepContext) -> Result:
        """Remove it; its volumes stay."""
        there = context.made("replacement")
        if there is None:
            return {}
        context.engine.remove(there.id)
        return {"said": "removed"}

    def _check(self, context: StepContext, version: Version, made: Container) -> None:
        health = version.spec.health
        for network in version.spec.networks:
            if not context.engine.network(network):  # the engine itself looks at the start only
                raise FailedError(
                    f"there is no network {network}", hint=f"docker network create {network}"
                )
        probed = bool(health.path) and context.operation.planned.request.probe
        if probed and not can_ask(context.engine, made.id, health):
            way = "" if may_ask_inside(health) else " with a login or over TLS"
            inside = "" if way else "have curl or wget in the image, "
            raise NoProbeError(
                f"there is no way to ask {health.path} of {made.name}{way}",
                hint=f"publish its port, {inside}or go without: --no-probe",
            )
        request = context.operation.planned.request
        if request.users:
            carried(context, request.users, self.source, made.id, reset=request.reset)


def make(
    context: StepContext, version: Version, called: str, role: labels.Role, data: int = 0
) -> Container:
    """The container of this operation in this role, created if it is not there.

    It has the volumes of the data set of this number, 0 for the service's current one.

    An existing one joins the networks it lacks: an earlier call may have broken off before them.
    A volume that does not exist is created with our labels, and only such a one may be filled by
    the image: one of this operation, or of an earlier one that came to no container.
    """
    there = context.made(role)
    if there is not None:
        return _whole(context, version, there)
    bound = context.data().get(data)
    missing = [name for name in version.spec.secrets if name not in context.secrets]
    if missing:
        raise SecretMissingError(
            f"the secret {missing[0]} has no value",
            hint=f"occ secret set {missing[0]} --service {context.service}, then: occ resume",
        )
    request = ContainerRequest(
        name=called,
        image=version.image,
        spec=bound.bound(version.spec),
        labels=context.labels_of(version, role),
        alias=context.service,
        secrets={name: context.secrets[name] for name in version.spec.secrets},
        fresh=_volumes(context, version, bound),
    )
    try:
        created = context.engine.create(request)
    except NameTakenError:
        there = context.made(role)  # our own earlier call may have come to its end meanwhile
        if there is None:
            raise
        return _whole(context, version, there)
    return _sure(context.engine, created, called)


def recreate(context: StepContext) -> Container:
    """The old container again, from the journal: nothing on a host is certain to be there."""
    version = context.versions.get(context.operation.planned.found.version)
    if version is None:
        raise NotFoundError(f"the old container of {context.service} is gone", hint="occ abandon")
    exactly(context, version.image, version.reference, version.digests)
    made = make(context, version, context.called or context.service, "restored")
    context.engine.set_policy(made.id, version.spec.restart)
    return made


def _refuse_other_secrets(context: StepContext, version: Version) -> None:
    """Refuse values that are not those that the operation was planned with.

    The journal will say that the container was made with the planned fingerprints. Fingerprints of
    another key tell nothing, and are no reason to stop.
    """
    asked = context.operation.planned.request.fingerprints
    now = context.prints_now
    of_it = {name: now[name] for name in version.spec.secrets if name in now}
    for name, change in compared(asked, of_it).items():
        if change == "changed":
            raise FailedError(
                f"the secret {name} changed since this was planned", hint="type the command again"
            )


def _whole(context: StepContext, version: Version, there: Container) -> Container:
    if len(version.spec.networks) > 1:  # the first one comes with the container itself
        context.engine.join(there.id, version.spec, context.service)
    return there


def _sure(engine: Engine, container: str, called: str) -> Container:
    there = engine.inspect(container)
    if there is None:
        raise FailedError(f"{called} was created and is gone again", hint="occ update")
    return there


def _volumes(context: StepContext, version: Version, data: DataSet) -> frozenset[str]:
    """Have the volumes; those that the image may fill.

    Raises:
        NotFoundError: one that holds data of another day is gone, and an empty one is no help.
    """
    mark = {
        labels.JOURNAL: context.journal,
        labels.SERVICE: context.service,
        labels.VERSION: str(version.number),
        labels.OPERATION: str(context.operation.number),
    }
    fresh: set[str] = set()
    for volume in version.spec.volumes:
        real = data.real(volume.name)
        there = context.engine.volume(real)
        if real != volume.name:
            if there is None:
                raise NotFoundError(
                    f"the volume {real}, which holds the data of {volume.name}, is gone",
                    hint="occ snapshot list",
                )
            continue
        if there is None:
            context.engine.create_volume(volume.name, mark)
        if there is None or (
            labels.mine(context.journal, context.service).items() <= there.items()
            and labels.COPY not in there  # it gets its data from the volume named there
            and _untouched(context, labels.number(there, labels.OPERATION))
        ):
            fresh.add(volume.name)
    return frozenset(fresh)


def _untouched(context: StepContext, number: int) -> bool:
    """Whether a volume of this operation's was never run on; the engine fills only empty ones."""
    return number == context.operation.number or context.unused(number)


def _result(container: Container) -> Result:
    return {
        "container": container.id,
        "name": container.name,
        "said": f"{container.name} ({container.id[:12]})",
    }
