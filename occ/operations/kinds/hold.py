"""Hold and unhold: an operator's word about newer images, written in one commit."""

from dataclasses import dataclass

from occ.domain.cautions import Cautions
from occ.domain.events import Event
from occ.domain.holds import Hold, ServiceHeld, ServiceReleased
from occ.errors import UsageMistakeError
from occ.operations.plan import Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldWish:
    """The words of hold."""

    until: int = 0
    """ms since 1970; 0 for no end."""
    why: str = ""


def plan_hold(wish: HoldWish, operator: str, now: int) -> Event:
    """The fact that this operator holds the service.

    Raises:
        UsageMistakeError: its end is over already.
    """
    if wish.until and wish.until <= now:
        raise UsageMistakeError(
            "the hold would be over already", hint="occ hold --for 3d, or --until a later time"
        )
    return ServiceHeld(operator=operator, why=wish.why, until=wish.until)


def plan_unhold(hold: Hold | None, cautions: Cautions) -> Event | Unchanged:
    """The fact that the service is released, where there is anything to release it from."""
    if hold is None and not cautions.left:
        return Unchanged("nobody holds it")
    return ServiceReleased()
