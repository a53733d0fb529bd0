"""When the journal cannot have what happened and the service is down: the service goes first."""

from collections.abc import Callable

from occ.domain.step_names import COMPARE_DATA, START_CONTAINER
from occ.errors import JournalConflictError, JournalError, JournalUnwritableError, OccError
from occ.journal.port import Journal
from occ.operations import steps
from occ.operations.step_context import StepContext
from occ.operations.steps.containers import StopContainer

_TRY_FOR_MS = 10_000
_PAUSE_MS = 250
_GRACE_MS = 10_000


def rescue(
    journal: Journal,
    context: StepContext,
    write: Callable[[], int],
    error: JournalError,
) -> int:
    """Try for ten seconds, the reserve given up first; then have the old one as it was, unrecorded.

    It is the one thing occ ever does without an intent. The next command records what it finds.
    A journal that fails for another reason than its room fails after ten seconds too: nothing is
    tried.

    Returns:
        The answer of `write`, if it succeeded after all.

    Raises:
        JournalConflictError: somebody else has taken the operation over meanwhile.
        JournalError: of the same kind, with how the old container is now.
    """
    clock = context.clock
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
    raise type(error)(f"{error.message}. {_old_serves(context)}", hint=hint) from error


def _old_serves(context: StepContext) -> str:
    found = context.operation.planned.found
    try:
        replacement = context.made("replacement")
        if replacement is not None:
            context.engine.stop(replacement.id, _GRACE_MS)
        _bring_back(context)
    except Exception as failure:  # noqa: BLE001 - the journal's error is the one to be told
        why = failure.message if isinstance(failure, OccError) else type(failure).__name__
        return f"The old container {found.container[:12]} is not as it was: {why}"
    operation = context.operation
    ran = operation.has(COMPARE_DATA) and operation.begun(START_CONTAINER)
    data = ", on the data as it is now: occ resume compares it with that of before" if ran else ""
    return f"The old container {found.container[:12]} serves again{data}"


def _bring_back(context: StepContext) -> None:
    """Undo the stop, which may still be under way: then a start does nothing, and it ends.

    A container that was started since it was found has been stopped already, and is not stopped
    again.
    """
    found = context.operation.planned.found
    there = context.find(found.container)
    if there is not None and there.running and there.started_at == found.started_at:
        for step in context.operation.steps:
            if step.plan.name == StopContainer.name and step.pending:
                steps.step_for(step.plan).settle(context)
    StopContainer(found.container, grace_ms=_GRACE_MS).revert(context)
