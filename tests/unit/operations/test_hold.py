"""The plans of "hold" and "unhold": one fact each, or nothing to do."""

import pytest

from occ.domain.cautions import Cautions
from occ.domain.holds import Hold, ServiceHeld, ServiceReleased
from occ.errors import UsageMistakeError
from occ.operations.kinds.hold import HoldWish, plan_hold, plan_unhold
from occ.operations.plan import Unchanged

NOW = 1_700_000_000_000
HELD = Hold(operation=2, since=NOW, operator="ann")


def test_a_hold_is_the_fact_with_who_and_why() -> None:
    fact = plan_hold(HoldWish(until=NOW + 1, why="the fair"), "ann", NOW)
    assert fact == ServiceHeld(operator="ann", why="the fair", until=NOW + 1)
    assert plan_hold(HoldWish(), "ann", NOW) == ServiceHeld(operator="ann")


def test_a_hold_that_would_be_over_is_a_mistake() -> None:
    with pytest.raises(UsageMistakeError, match="would be over already"):
        plan_hold(HoldWish(until=NOW), "ann", NOW)


@pytest.mark.parametrize(
    ("hold", "cautions"), [(HELD, Cautions()), (None, Cautions(left={"sha256:1": 3}))]
)
def test_a_hold_and_what_a_rollback_left_are_released_alike(
    hold: Hold | None, cautions: Cautions
) -> None:
    assert plan_unhold(hold, cautions) == ServiceReleased()


def test_without_either_there_is_nothing_to_release() -> None:
    assert plan_unhold(None, Cautions()) == Unchanged("nobody holds it")
