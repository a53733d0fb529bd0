"""What the journal knows of adoptions beside the config: one that is unfinished, and whose."""

from pathlib import Path

from occ.app.desk import Desk
from occ.domain.events import ContainerAdopted, ServiceForgotten
from occ.errors import NotFoundError
from occ.settings import Service


def service_of(desk: Desk, name: str | None) -> Service:
    """The service of that name as the config has it, or as an unfinished adoption will.

    Raises:
        NotFoundError: there is none.
    """
    try:
        return desk.settings.service(name)
    except NotFoundError:
        operation = desk.unfinished(name) if name else None
        if operation is None or operation.planned.kind != "adopt":
            raise
        version = desk.ledger(operation.service).versions[operation.version].version
        stored = [s.plan.inputs["file"] for s in operation.steps if s.plan.name == "store_secrets"]
        return Service(
            name=operation.service,
            reference=version.reference,
            spec=version.spec,
            secrets_file=Path(str(stored[0])) if stored else None,
        )


def holder(desk: Desk, container: str) -> str:
    """The service that has adopted this container, empty for none."""
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
