"""The service meant: by the config, else by its unfinished operation; and who has adopted it."""

from pathlib import Path

from occ.app.desk import Desk
from occ.app.ledgers import any_unfinished, ledger_of
from occ.domain.events import ContainerAdopted, ServiceForgotten
from occ.domain.spec import Spec
from occ.domain.step_names import STORE_SECRETS
from occ.errors import NotFoundError
from occ.settings import Service


def service_of(desk: Desk, name: str | None) -> Service:
    """The service of that name as the config has it, else as its unfinished operation does.

    An unfinished operation can be ended even if the config lacks the service's table.

    Raises:
        NotFoundError: there is no such service.
    """
    try:
        return desk.settings.service(name)
    except NotFoundError:
        operation = any_unfinished(desk.journal, name) if name else None
        if operation is None:
            raise
        request = operation.planned.request
        versions = ledger_of(desk.journal, operation.service).versions
        record = versions.get(operation.version or operation.planned.current)
        version = record.version if record else None
        stored = [s.plan.inputs["file"] for s in operation.steps if s.plan.name == STORE_SECRETS]
        return Service(
            name=operation.service,
            reference=version.reference if version else request.reference,
            spec=version.spec if version else request.spec or Spec(),
            users=request.users,
            called=request.called,
            secrets_file=Path(str(stored[0])) if stored else None,
        )


def or_unknown(desk: Desk, name: str) -> Service:
    """The service of that name, whether or not the config has it."""
    try:
        return service_of(desk, name)
    except NotFoundError:
        return Service(name=name, reference="", spec=Spec())


def holder(desk: Desk, container: str) -> str:
    """The service that has adopted this container; empty where no service has."""
    found = ""
    for entry in desk.journal.entries(names=("container.adopted", "service.forgotten")):
        match entry.event:
            case ContainerAdopted(adoption) if adoption.container == container:
                found = entry.service
            case ServiceForgotten(containers) if container in containers:
                found = ""
            case _:
                continue
    return found
