"""What is wrong with containers and keep tags that are found, against what the ledger says."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from occ.domain.request import Adoption
from occ.domain.spec import Spec
from occ.domain.versions import Ledger, Record
from occ.engine.values import Container
from occ.operations.problems import Problems, Untagged, problems_of
from tests.clock import FakeClock
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.engine.image import BuiltImage
from tests.unit.operations.test_plans import ONE, TWO

JOURNAL = "0123456789abcdef"
OLD, NEW = BuiltImage(env={"OF": "one"}), BuiltImage(env={"OF": "two"})
SPEC = Spec(restart="always")
LEDGER = Ledger(
    versions={
        1: Record(version=replace(ONE, image=OLD.id, spec=SPEC), created_at=1, standing="proven"),
        2: Record(version=replace(TWO, image=NEW.id, spec=SPEC), created_at=2, standing="proven"),
    },
    current=2,
    highest=2,
)
RIGHT = Container(
    id="c" * 64,
    name="web",
    image=NEW.id,
    state="running",
    labels={"occ.version": "2", "occ.spec": SPEC.digest()},
    policy="always",
)
RUNS = replace(RIGHT, id="d" * 64, name="web.occ-next")
RESTS = replace(RUNS, id="e" * 64, name="web.old", state="exited")
KEPT = {1: OLD, 2: NEW}


def found(
    current: Container | None = RIGHT,
    others: Sequence[Container] = (),
    ledger: Ledger = LEDGER,
    *,
    asked: bool = True,
    kept: dict[int, BuiltImage] = KEPT,
    images: Sequence[BuiltImage] = (OLD, NEW),
    lost: tuple[str, ...] = (),
) -> Problems:
    """What is wrong on a host that has `images`, with keep tags on those of `kept`.

    `lost` are networks that every container was in.
    """
    engine = MemoryEngine(FakeClock())
    vars(engine).update(networks_lost=lambda _: lost)
    for image in images:
        engine.host.images.add(image)
    for number, image in kept.items():
        engine.tag(image.id, f"occ.local/01234567/web:v{number}")
    # They are looked at more than once, and come from a generator as well as from a list.
    return problems_of(
        engine,
        ledger,
        current,
        (one for one in others),
        journal=JOURNAL,
        service="web",
        asked=asked,
    )


def test_a_container_as_the_ledger_says_has_nothing_wrong() -> None:
    assert found() == Problems()
    assert not found()


def test_a_current_version_without_a_container_is_missing_and_the_others_are_left_over() -> None:
    assert found(None, [RESTS]) == Problems(missing=True, stopped=True, leftovers=(RESTS,))
    assert found(None, [RESTS], asked=False) == Problems(missing=True, leftovers=(RESTS,))


def test_without_a_current_version_nothing_is_missing() -> None:
    assert found(None, [RESTS], replace(LEDGER, current=0)) == Problems(leftovers=(RESTS,))


def test_nothing_is_said_of_a_container_as_long_as_no_version_is_current() -> None:
    assert found(replace(RIGHT, state="exited"), ledger=replace(LEDGER, current=0)) == Problems()


@pytest.mark.parametrize(
    ("asked", "state", "stopped"),
    [(True, "exited", True), (False, "exited", False), (False, "running", False)],
)
def test_it_is_stopped_when_it_was_asked_to_run(*, asked: bool, state: str, stopped: bool) -> None:
    there = replace(RIGHT, state=state)  # type: ignore[arg-type]
    assert found(there, asked=asked) == Problems(stopped=stopped)


def test_one_of_ours_has_the_name_of_the_service() -> None:
    assert found(replace(RIGHT, name="web.occ-next")) == Problems(name="web.occ-next")
    called = replace(LEDGER, called="A5")
    assert found(replace(RIGHT, name="A5"), ledger=called) == Problems()
    assert found(RIGHT, ledger=called) == Problems(name="web")


@pytest.mark.parametrize("name", ["theirs", "web"])
def test_an_adopted_one_keeps_the_name_that_it_was_given(name: str) -> None:
    adopted = replace(LEDGER, adoption=Adoption(container=RIGHT.id, version=2))
    assert found(replace(RIGHT, name=name), ledger=adopted) == Problems()


def test_another_one_was_adopted_and_this_one_has_the_wrong_name() -> None:
    adopted = replace(LEDGER, adoption=Adoption(container="another", version=2))
    assert found(replace(RIGHT, name="web.old"), ledger=adopted) == Problems(name="web.old")


def test_the_declared_restart_policy_is_told_where_the_container_has_another() -> None:
    assert found(replace(RIGHT, policy="no")) == Problems(policy="always")


def test_others_that_run_are_second_ones_and_the_rest_is_left_over() -> None:
    assert found(others=[RUNS, RESTS]) == Problems(second=(RUNS,), leftovers=(RESTS,))


def test_in_what_it_is_not_the_current_version() -> None:
    older = replace(RIGHT, image=OLD.id, labels={**RIGHT.labels, "occ.version": "1"})
    assert found(older).different == ("version 1 is there, the journal says 2",)
    unknown = replace(RIGHT, labels={**RIGHT.labels, "occ.version": "7"})
    assert found(unknown).different == ("version 7 is there, the journal says 2",)
    unlabelled = replace(RIGHT, labels={})
    assert found(unlabelled).different == ("version 0 is there, the journal says 2",)
    other_image = replace(RIGHT, image=OLD.id)
    assert found(other_image).different == (f"it runs image {OLD.id[:19]}, version 2 is another",)
    other_spec = replace(RIGHT, labels={"occ.version": "2", "occ.spec": Spec().digest()})
    assert found(other_spec).different == ("it was made from another spec than version 2",)


def test_an_image_that_is_on_the_host_without_its_keep_tag() -> None:
    first = Untagged(version=1, image=OLD.id)
    assert found(kept={2: NEW}) == Problems(untagged=(first,))
    assert found(None, kept={2: NEW}, asked=False) == Problems(missing=True, untagged=(first,))


def test_a_keep_tag_on_another_image_keeps_nothing() -> None:
    assert found(kept={1: NEW, 2: NEW}) == Problems(untagged=(Untagged(version=1, image=OLD.id),))


def test_an_image_that_is_gone_cannot_be_kept() -> None:
    assert found(kept={}, images=[NEW]) == Problems(untagged=(Untagged(version=2, image=NEW.id),))


def test_a_bad_version_is_not_kept() -> None:
    bad = replace(LEDGER.versions[1], standing="bad")
    known = replace(LEDGER, versions={1: bad, 2: LEDGER.versions[2]})
    assert found(ledger=known, kept={}) == Problems(untagged=(Untagged(version=2, image=NEW.id),))


def test_a_version_that_never_ran_may_be_without_its_keep_tag() -> None:
    never = replace(LEDGER.versions[1], standing="unproven")
    known = replace(LEDGER, versions={1: never, 2: LEDGER.versions[2]})
    assert found(ledger=known, kept={2: NEW}) == Problems()
    first = Untagged(version=1, image=OLD.id)
    ran = replace(never, last_run_at=5)
    known = replace(LEDGER, versions={1: ran, 2: LEDGER.versions[2]})
    assert found(ledger=known, kept={2: NEW}) == Problems(untagged=(first,))


def test_a_network_that_is_gone_is_in_the_way_of_a_start_alone() -> None:
    assert found(lost=("front",)) == Problems()
    ended = replace(RIGHT, state="exited")
    assert found(ended, lost=("front",)) == Problems(stranded=("front",), stopped=True)
