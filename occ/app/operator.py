"""The operator, as the app talks back to whoever typed a command."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from occ.app.results import Proposal
    from occ.domain.events import Event
    from occ.domain.operation import Operation
    from occ.domain.taking import Taking
    from occ.engine.progress import HowFar

AskLarge: TypeAlias = "Callable[[str, Taking], bool | None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """How the app talks back while a change runs; the CLI implements it."""

    confirm: "Callable[[Proposal], bool]"
    """Asked once, before anything is written; false ends the command (DeclinedError)."""
    listen: "Callable[[Operation, Event], None]"
    """Told every event once it is durable."""
    progress: "Callable[[HowFar], None]"
    stop_requested: Callable[[], bool]
    """Whether the operator has asked for an end."""
    ask_large: "AskLarge" = lambda _service, _taking: None
    """Asked whether large data of a service is taken before each replacement; None where there is
    nobody to ask."""
    say: Callable[[str], None] = lambda _: None
    """Told what is worth knowing at once."""
