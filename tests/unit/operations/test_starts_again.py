"""What a gate does as an engine would: when a container is started again, and after which pause."""

import pytest

from occ.operations.steps.proof import pause_ms, starts_again


@pytest.mark.parametrize(
    ("times", "ms"),
    [(1, 100), (2, 200), (3, 400), (10, 51_200), (11, 60_000), (12, 60_000), (1 << 40, 60_000)],
)
def test_each_pause_is_twice_the_one_before_up_to_a_minute(times: int, ms: int) -> None:
    assert pause_ms(times) == ms


@pytest.mark.parametrize(
    ("policy", "exit_code", "times", "again"),
    [
        ("always", 0, 7, True),
        ("unless-stopped", 1, 7, True),
        ("on-failure", 1, 7, True),
        ("on-failure", 0, 0, False),
        ("on-failure:2", 1, 1, True),
        ("on-failure:2", 1, 2, False),
        ("no", 1, 0, False),
    ],
)
def test_a_container_is_started_again_as_its_policy_has_it(
    policy: str, exit_code: int, times: int, *, again: bool
) -> None:
    assert starts_again(policy, exit_code, times) is again
