"""Which HEALTHCHECK a container has, of its image's and the declared one."""

from dataclasses import replace

import pytest

from occ.domain.spec import Spec
from occ.domain.values import HealthCheck, Json
from occ.operations.healthcheck import effective_healthcheck

IMAGES = HealthCheck(
    interval_ms=5_000, timeout_ms=2_000, start_period_ms=1_000, retries=7, words=("true",)
)
MINUTE = 60_000_000_000


def declaring(check: Json) -> Spec:
    return Spec(engine={"Healthcheck": check})


def test_the_images_is_the_containers_where_none_is_declared() -> None:
    assert effective_healthcheck(Spec(), IMAGES) == IMAGES
    assert effective_healthcheck(Spec(), None) is None


def test_what_is_declared_goes_over_the_images_and_all_else_stays() -> None:
    declared = declaring({"Interval": MINUTE, "Timeout": 0, "StartPeriod": 10 * MINUTE})
    assert effective_healthcheck(declared, IMAGES) == HealthCheck(
        interval_ms=60_000, timeout_ms=2_000, start_period_ms=600_000, retries=7, words=("true",)
    )
    assert effective_healthcheck(declaring({"Timeout": MINUTE}), IMAGES) == replace(
        IMAGES, timeout_ms=60_000
    )


def test_without_one_of_the_image_the_engines_defaults_count() -> None:
    declared = declaring({"Test": ["CMD", "curl", "here"], "Retries": 5})
    assert effective_healthcheck(declared, None) == HealthCheck(retries=5, words=("curl", "here"))


@pytest.mark.parametrize(
    "check",
    [
        {"Test": ["NONE"]},
        {"Test": ["NONE"], "Interval": MINUTE},
        {"Test": ["NONE", "true"]},  # the engine reads no further than the first word
    ],
)
def test_one_that_is_declared_away_is_none(check: Json) -> None:
    assert effective_healthcheck(declaring(check), IMAGES) is None


def test_timing_without_anything_to_time_is_none() -> None:
    assert effective_healthcheck(declaring({"Interval": MINUTE}), None) is None


def test_what_is_no_number_is_left_to_the_engine_to_refuse() -> None:
    assert effective_healthcheck(declaring({"Interval": "often", "Test": "true"}), IMAGES) == IMAGES
    assert effective_healthcheck(declaring([]), IMAGES) == IMAGES
