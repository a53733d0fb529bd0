"""Why a service does not run though it was asked to: what engine and container tell, no guess."""

from datetime import datetime

from occ.app.desk import Desk
from occ.app.ledgers import operations_of
from occ.domain.operation import Operation
from occ.engine.port import Engine
from occ.engine.values import Container
from occ.operations.problems import asked_to_run


def why_down(engine: Engine, container: Container, *, asked: bool) -> str:
    """What to say of a container that does not run though it was asked to; empty when it does.

    An engine that came up after the container was started took it down, unless somebody had done
    so before: both times are told. One that was made while the service was down has no times.
    """
    if container.running or not asked:
        return ""
    if not container.started_at:
        return "it was last asked to run, was down when it was replaced, and stayed so"
    ended = f"with exit status {container.exit_code}"
    if container.finished_at >= container.started_at:
        ended = f"at {_moment(container.finished_at)} {ended}"
    came_up = engine.started_at()
    if came_up <= container.started_at:
        return f"it was last asked to run, and ended {ended}"
    return f"the engine restarted at {_moment(came_up)} and left it down: it ended {ended}"


def why_service_down(desk: Desk, service: str, container: Container | None) -> str:
    """The same of a service, whose journal says whether it was asked to run."""
    if container is None or container.running:
        return ""
    return why_down(
        desk.engine, container, asked=asked_to_run(operations_of(desk.journal, service))
    )


def restarted_since(engine: Engine, operation: Operation) -> tuple[str, ...]:
    """What to say when the engine came up after an operation began that has not ended."""
    came_up = engine.started_at()
    if came_up <= operation.at:
        return ()
    return (
        f"the engine restarted at {_moment(came_up)}, after operation {operation.number} began",
    )


def _moment(ms: int) -> str:
    """A point in time, local, to the second."""
    return datetime.fromtimestamp(ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")
