"""What the journal knows against an update: bad is a whole version, left is an image."""

from dataclasses import replace

import pytest

from occ.domain.cautions import Caution
from occ.domain.events import Event, VersionActivated, VersionJudged, VersionRecorded
from occ.domain.kinds import KINDS
from occ.domain.request import Version
from occ.domain.spec import Spec
from occ.domain.versions import Ledger, apply_event
from occ.journal.codec import decode

SPEC, OTHER = Spec(), Spec(env={"COLOUR": "red"})
ONE = Version(number=1, image="sha256:1", reference="web", spec=SPEC, fingerprints={"T": "k:1"})
TWO = replace(ONE, number=2, image="sha256:2")
THREE = replace(TWO, number=3, spec=OTHER)
FIRST = (VersionRecorded(ONE), VersionJudged(1, "proven"), VersionActivated(1, 0, "start"))


def story(*operations: tuple[Event, ...]) -> Ledger:
    """The ledger after these operations, numbered from 1."""
    ledger = Ledger()
    for number, events in enumerate(operations, 1):
        for event in events:
            ledger = apply_event(ledger, event, 5, number)
    return ledger


def against(ledger: Ledger, version: Version, data_of: int = 0, **other: str) -> Caution | None:
    prints = other or version.fingerprints
    return ledger.cautions.against(version.image, version.spec.digest(), prints, data_of)


def test_a_failure_on_the_data_of_one_version_says_nothing_of_the_data_of_another() -> None:
    known = story(FIRST, (VersionRecorded(TWO), VersionJudged(2, "bad", data_of=1)))
    assert against(known, TWO, 1) == Caution(why="bad", operation=2)
    assert against(known, TWO, 7) is None
    proven = apply_event(known, VersionJudged(2, "proven", data_of=7), 5, 3)
    assert against(proven, TWO, 1) == Caution(why="bad", operation=2)
    again = apply_event(proven, VersionJudged(2, "proven", data_of=1), 5, 4)
    assert against(again, TWO, 1) is None
    assert again.versions[2].tried[1].verdict == "proven"
    assert proven.versions[2].tried[1].verdict == "bad"


def test_a_failure_counts_for_this_image_spec_and_secrets_alone() -> None:
    known = story(FIRST, (VersionRecorded(TWO), VersionJudged(2, "bad")))
    assert against(known, TWO) == Caution(why="bad", operation=2)
    assert against(known, ONE) is None
    assert against(known, THREE) is None
    assert against(known, TWO, T="k:2") is None


def test_a_proof_lifts_it_and_a_later_failure_brings_it_back() -> None:
    failed, proven = (VersionJudged(2, "bad"),), (VersionJudged(2, "proven"),)
    made = (*FIRST, VersionRecorded(TWO))
    assert against(story(made, failed, proven), TWO) is None
    assert against(story(made, failed, proven, failed), TWO) == Caution(why="bad", operation=4)


def test_a_failure_with_other_secrets_than_recorded_counts_for_those() -> None:
    known = story((*FIRST, VersionRecorded(TWO)), (VersionJudged(2, "bad", "", {"T": "k:9"}),))
    assert against(known, TWO, T="k:9") == Caution(why="bad", operation=2)
    assert against(known, TWO) is None


TO_TWO = (VersionRecorded(TWO), VersionJudged(2, "proven"), VersionActivated(2, 1, "update"))
BACK = (VersionActivated(1, 2, "rollback"),)


def test_an_image_that_was_rolled_back_from_is_left_whatever_it_runs_with() -> None:
    known = story(FIRST, TO_TWO, BACK)
    for version in (TWO, THREE):
        assert against(known, version) == Caution(why="left", operation=3)
    assert against(known, TWO, T="k:2") == Caution(why="left", operation=3)
    assert against(known, ONE) is None


@pytest.mark.parametrize("kind", ["update", "rollback", "adopt"])
def test_it_is_left_no_more_once_a_version_of_it_is_current(kind: str) -> None:
    again = VersionActivated(2, 1, kind)  # type: ignore[arg-type]
    assert against(story(FIRST, TO_TWO, BACK, (again,)), TWO) is None


def test_a_rollback_to_an_earlier_spec_of_the_same_image_leaves_no_image() -> None:
    same = replace(ONE, number=2, spec=OTHER)
    to_it = (VersionRecorded(same), VersionActivated(2, 1, "apply"))
    assert story(FIRST, to_it, BACK).cautions.left == {}


def test_a_rollback_that_leads_on_leaves_nothing() -> None:
    on = (VersionActivated(2, 1, "rollback"),)
    known = story(FIRST, TO_TWO, BACK, on)
    assert known.cautions.left == {}


def test_a_failure_says_more_than_a_rollback() -> None:
    known = story(FIRST, TO_TWO, BACK, (VersionJudged(2, "bad"),))
    assert against(known, TWO) == Caution(why="bad", operation=4)
    assert against(known, THREE) == Caution(why="left", operation=3)


def test_a_judgement_of_an_older_journal_is_of_the_recorded_secrets() -> None:
    old = decode("version.judged", 1, '{"number":2,"reported":"","verdict":"bad"}')
    assert old == VersionJudged(2, "bad")
    assert against(story((*FIRST, VersionRecorded(TWO)), (old,)), TWO) is not None


def test_only_an_update_and_its_stage_heed_them() -> None:
    assert [kind for kind, facts in KINDS.items() if facts.heeds_cautions] == ["update", "stage"]
