"""When the journal cannot be written and the service is down: the service goes first."""

from collections.abc import Callable

from occ.errors import JournalUnwritableError, OccError
from occ.journal.port import Journal
from occ.operations.steps.containers import StopContainer
from occ.operations.world import World

_TRY_FOR_MS = 10_000
_PAUSE_MS = 250
_GRACE_MS = 10_000


def rescue(
    journal: Journal,
    world: World,
    write: Callable[[], int],
    error: JournalUnwritableError,
) -> int:
    """Try for ten seconds, the reserve given up first; then have the old one as it was, unrecorded.

    It is the one thing occ ever does without an intent. The next command records what it finds.

    Returns:
        What `write` returned, if it succeeded after all.

    Raises:
        JournalUnwritableError: with how the old container is now.
    """
    clock = world.clock
    journal.release()
    began = clock.monotonic()
    while clock.monotonic() - began < _TRY_FOR_MS:
        try:
            return write()
        except JournalUnwritableError:
            clock.sleep(_PAUSE_MS)
    raise JournalUnwritableError(
        f"{error.message}. {_old_serves(world)}", hint="make room, then: occ resume"
    ) from error


def _old_serves(world: World) -> str:
    found = world.operation.planned.found
    try:
        replacement = world.made("replacement")
        if replacement is not None:
            world.engine.stop(replacement.id, _GRACE_MS)
        StopContainer(found.container, grace_ms=_GRACE_MS).revert(world)
    except OccError as failure:
        return f"The old container {found.container[:12]} is not as it was: {failure.message}"
    return f"The old container {found.container[:12]} serves again"
