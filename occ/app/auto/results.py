"""How a run over the services went, as the command line tells it."""

from dataclasses import dataclass
from typing import Final

from occ.domain.reasons import Reason
from occ.errors import (
    PENDING,
    BusyError,
    EngineUnreachableError,
    FailedError,
    RefusedError,
    UnfinishedError,
)

NOT_DUE: Final = "not_due"
RESUMED: Final = "resumed"
ABORTED: Final = "aborted"
LEFT: Final = "left"
DUE: Final = "due"

_FIRST: Final = (
    UnfinishedError.exit_status,
    FailedError.exit_status,
    EngineUnreachableError.exit_status,
    RefusedError.exit_status,
    BusyError.exit_status,
    PENDING,
)
"""Exit statuses in the order in which one of several services' is the run's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoLine:
    """How the run went with one service."""

    service: str
    ended: str
    """`not_due`, `updated`, `resumed`, `aborted`, `left`, `due`, the name of a reason, or the code
    of an error."""
    exit_status: int = 0
    operation: int | None = None
    """The operation that was begun or ended; None without one."""
    says: str = ""
    """More in a sentence; empty where the word says it all."""
    hint: str = ""
    """The next command to type; empty for none."""
    next_at: int = 0
    """When the service may be updated by itself next, ms since 1970; 0 where nobody asked."""
    reasons: tuple[Reason, ...] = ()
    """All reasons that kept a newer image away."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoRun:
    """One run over all services that update themselves."""

    lines: tuple[AutoLine, ...]

    @property
    def exit_status(self) -> int:
        """That of the service which needs somebody most."""
        found = {line.exit_status for line in self.lines}
        return next((status for status in _FIRST if status in found), max(found, default=0))

    @property
    def changed(self) -> bool:
        """Whether any operation was begun or ended."""
        return any(line.operation is not None and line.ended != LEFT for line in self.lines)
