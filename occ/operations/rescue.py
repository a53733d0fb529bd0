"""When the journal cannot be written and the service is down: the service goes first."""

from collections.abc import Callable

from occ.errors import JournalUnwritableError, OccError
from occ.journal.port import Journal
from occ.operations.world import World

_TRY_FOR_MS = 10_000
_PAUSE_MS = 250


def rescue(
    journal: Journal,
    world: World,
    write: Callable[[], int],
    error: JournalUnwritableError,
) -> int:
    """Try for ten seconds, the reserve given up first; then start the old container unrecorded.

    It is the one thing occ ever does without an intent. The next command records what it finds.

    Returns:
        What `write` returned, if it succeeded after all.

    Raises:
        JournalUnwritableError: the old container was started, or what to do by hand.
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
            world.engine.stop(replacement.id, 10_000)
        if found.running:
            world.engine.start(found.container)
    except OccError as failure:
        return f"The old container {found.container[:12]} could not be started: {failure.message}"
    return f"The old container {found.container[:12]} serves again"
