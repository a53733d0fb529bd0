"""When the journal cannot have what happened and the service is down: the service goes first."""

from collections.abc import Callable

from occ.errors import JournalConflictError, JournalError, JournalUnwritableError, OccError
from occ.journal.port import Journal
from occ.operations import steps
from occ.operations.step_context import World
from occ.operations.steps.containers import StopContainer

_TRY_FOR_MS = 10_000
_PAUSE_MS = 250
_GRACE_MS = 10_000


def rescue(
    journal: Journal,
    world: World,
    write: Callable[[], int],
    error: JournalError,
) -> int:
    """Try for ten seconds, the reserve given up first; then have the old one as it was, unrecorded.

    It is the one thing occ ever does without an intent. The next command records what it finds.
    What is wrong with the journal beside its room is so after ten seconds too: it is not tried.

    Returns:
        What `write` returned, if it succeeded after all.

    Raises:
        JournalConflictError: somebody else has taken the operation over meanwhile.
        JournalError: of the same kind, with how the old container is now.
    """
    clock = world.clock
    journal.release()
    began = clock.monotonic()
    while isinstance(error, JournalUnwritableError) and clock.monotonic() - began < _TRY_FOR_MS:
        try:
            return write()
        except JournalConflictError:
            raise
        except JournalError as again:
            error = again
            clock.sleep(_PAUSE_MS)
    hint = error.hint or "occ resume"
    if isinstance(error, JournalUnwritableError):
        hint = "make room, then: occ resume"
    raise type(error)(f"{error.message}. {_old_serves(world)}", hint=hint) from error


def _old_serves(world: World) -> str:
    found = world.operation.planned.found
    try:
        replacement = world.made("replacement")
        if replacement is not None:
            world.engine.stop(replacement.id, _GRACE_MS)
        _bring_back(world)
    except OccError as failure:
        return f"The old container {found.container[:12]} is not as it was: {failure.message}"
    return f"The old container {found.container[:12]} serves again"


def _bring_back(world: World) -> None:
    """Undo the stop, which may still be under way: then a start does nothing, and it ends.

    What was started since it was found has been stopped already, and is not stopped again.
    """
    found = world.operation.planned.found
    there = world.find(found.container)
    if there is not None and there.running and there.started_at == found.started_at:
        for step in world.operation.steps:
            if step.plan.name == StopContainer.name and step.pending:
                steps.step(step.plan).settle(world)
    StopContainer(found.container, grace_ms=_GRACE_MS).revert(world)
