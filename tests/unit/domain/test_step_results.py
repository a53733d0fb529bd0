"""What travels between the stages: the journal's tables, read and written without a loss."""

from collections.abc import Mapping

import pytest

from occ.domain.step_results import FetchedImage, Proof, ServiceTimes
from occ.domain.values import HealthCheck, Json

FETCHED = FetchedImage(
    image=f"sha256:{'a' * 64}",
    digests=("example.test/web@sha256:1",),
    labelled="2.0",
    volumes=("/data",),
    check=HealthCheck(interval_ms=1, timeout_ms=2, start_period_ms=3, retries=4),
)
STORED: Mapping[str, Json] = {
    "image": f"sha256:{'a' * 64}",
    "digests": ["example.test/web@sha256:1"],
    "labelled": "2.0",
    "volumes": ["/data"],
    "check": {"interval_ms": 1, "timeout_ms": 2, "start_period_ms": 3, "retries": 4},
    "said": "a" * 12,
}
PROVEN: Mapping[str, Json] = {
    "healthy": True,
    "first_good_at": 7,
    "good_after_ms": 400,
    "reported": "2.0",
    "said": "reports version 2.0",
}
FAILED: Mapping[str, Json] = {"healthy": False, "said": "it is exited", "log_tail": ["a", "b"]}
KEYS = [*STORED, *PROVEN, "log_tail", "finished_at"]


def test_a_fetched_image_is_the_table_that_journals_hold() -> None:
    assert FETCHED.to_json() == STORED
    assert list(FETCHED.to_json()) == list(STORED)
    assert FetchedImage.from_json(STORED) == FETCHED


def test_an_image_without_a_check_says_so() -> None:
    told = FetchedImage(image="sha256:one").to_json()
    assert (told["check"], told["digests"], told["said"]) == (None, [], "one")


@pytest.mark.parametrize("table", [PROVEN, FAILED])
def test_a_proof_is_the_table_that_journals_hold(table: Mapping[str, Json]) -> None:
    assert Proof.from_json(table).to_json() == table
    assert list(Proof.from_json(table).to_json()) == list(table)


@pytest.mark.parametrize("table", [{}, {"finished_at": 5}, {"first_good_at": 6}])
def test_times_that_nobody_saw_are_left_out(table: Mapping[str, Json]) -> None:
    assert ServiceTimes.from_json(table).to_json() == table


@pytest.mark.parametrize(
    "table",
    [
        {},
        dict.fromkeys(KEYS),
        {key: {"one": [1]} for key in KEYS},
        dict.fromkeys(KEYS, "text"),
    ],
)
def test_what_is_missing_or_of_another_type_has_its_default(table: Mapping[str, Json]) -> None:
    fetched, proof = FetchedImage.from_json(table), Proof.from_json(table)
    assert (fetched.digests, fetched.volumes) == ((), ())
    assert fetched.check in {None, HealthCheck()}
    assert (proof.healthy, proof.first_good_at, proof.log_tail) == (True, 0, ())
    assert ServiceTimes.from_json(table) == ServiceTimes()


def test_a_check_that_an_older_journal_holds_in_part_has_the_engines_timing_beside() -> None:
    fetched = FetchedImage.from_json({"check": {"retries": 9, "interval_ms": "often", "more": 1}})
    assert fetched.check == HealthCheck(retries=9)
