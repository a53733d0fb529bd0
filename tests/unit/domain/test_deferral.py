"""How long an update is put off: from the first time on, and until which moment."""

import pytest

from occ.domain.deferral import goes_on

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("since", "now", "opened_at", "expected"),
    [
        # nobody has put it off
        (0, 100 * HOUR, 0, False),
        # by hand, or with after_wait = "anyway": at once when the wait is over
        (10 * HOUR, 11 * HOUR, 0, False),
        (10 * HOUR, 12 * HOUR, 0, True),
        # by schedule: in the first window that opens after that
        (10 * HOUR, 13 * HOUR, 9 * HOUR, False),
        (10 * HOUR, 33 * HOUR, 33 * HOUR, True),
        (10 * HOUR, 13 * HOUR, 12 * HOUR, True),
    ],
)
def test_it_goes_on(since: int, now: int, opened_at: int, *, expected: bool) -> None:
    assert goes_on(since, 2 * HOUR, now, opened_at=opened_at) is expected
