"""Why a service does not run though it was asked to: as engine and container tell, no guess."""

from occ.app.desk import Desk
from occ.app.ledgers import operations_of
from occ.clock import local_time
from occ.domain.operation import Operation
from occ.engine.port import Engine
from occ.engine.values import Container
from occ.operations.endings import exit_words
from occ.operations.problems import asked_to_run


def why_down(engine: Engine, container: Container, *, asked: bool) -> str:
    """The words for a container that does not run though it was asked to; empty when it runs.

    An engine that came up after the container was started took it down, unless somebody had
    stopped it before: both times are told. A container that never ran has no times.
    """
    if container.running or not asked:
        return ""
    if not container.started_at:
        return "it was last asked to run, was down when it was replaced, and stayed so"
    at = ""
    if container.finished_at >= container.started_at:
        at = f" at {local_time(container.finished_at)}"
    words = exit_words(container, noun="exit status")
    ended = f"{at}, {words}" if words.startswith("killed") else f"{at} with {words}"
    came_up = engine.started_at()
    if came_up <= container.started_at:
        return f"it was last asked to run, and ended{ended}"
    return f"the engine restarted at {local_time(came_up)} and left it down: it ended{ended}"


def why_service_down(desk: Desk, service: str, container: Container | None) -> str:
    """The same for a service, whose journal says whether it was asked to run."""
    if container is None or container.running:
        return ""
    asked = asked_to_run(operations_of(desk.journal, service))
    return why_down(desk.engine_of(service), container, asked=asked)


def restarted_since(desk: Desk, operation: Operation) -> tuple[str, ...]:
    """The note on an engine that came up after an unfinished operation began.

    The operation's time is by this machine's clock, and the engine's own may be another.
    """
    came_up = desk.engine_of(operation.service).started_at()
    if came_up - desk.engine_ahead(operation.service) <= operation.at:
        return ()
    return (
        f"the engine restarted at {local_time(came_up)}, after operation {operation.number} began",
    )
