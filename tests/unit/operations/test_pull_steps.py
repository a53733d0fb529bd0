"""The steps that keep, fetch and name images, and what is found out about one."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from occ.domain.values import HealthCheck, Json
from occ.engine.progress import HowFar, PullProgress
from occ.engine.values import Image
from occ.errors import ImageMissingError, RegistryError, StoppedByOperatorError
from occ.operations.step_context import StepContext
from occ.operations.steps.images import (
    KeepImage,
    PullImage,
    TagPrevious,
    described,
    exactly,
    found_out,
)
from tests.doubles.engine.registry import Mood
from tests.unit.operations.house import NEW, NEW_REFERENCE, OLD_REFERENCE, House
from tests.unit.operations.inside import IMAGE

KEEP, PREVIOUS = "occ.local/01234567/web:v2", "example.test/web:previous"
DIGEST = f"example.test/web@{NEW.digest}"
LABEL = "org.opencontainers.image.version"
# another image that the registry has under the wanted one's digest, or nobody has
THIRD = replace(NEW, labels={LABEL: "3"})


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(folder=tmp_path)


def found(image: str, *digests: str) -> Mapping[str, Json]:
    return {"image": image, "digests": list(digests)}


def told(digests: list[Json], image: str = NEW.id) -> Mapping[str, Json]:
    """What a pull of an image without labels, volumes and checks found out."""
    return {
        "image": image,
        "digests": digests,
        "labelled": "",
        "volumes": [],
        "check": None,
        "said": image.removeprefix("sha256:")[:12],
    }


def tagged(house: House, tag: str) -> str | None:
    there = house.engine.image(tag)
    return there.id if there else None


def pulled(house: House, *, results: Mapping[str, Json] | None = None) -> StepContext:
    return house.context(results={"pull_image": results} if results else {})


def test_an_image_is_kept_by_a_tag_of_our_own(house: House) -> None:
    step = KeepImage(IMAGE.id, KEEP)
    assert step.seen(house.context()) is None
    assert step.apply(house.context()) == {"said": KEEP}
    assert tagged(house, KEEP) == IMAGE.id
    assert step.seen(house.context()) == {"said": KEEP}
    assert step.revert(house.context()) == {}
    assert tagged(house, KEEP) == IMAGE.id


def test_a_keep_tag_on_another_image_keeps_nothing(house: House) -> None:
    house.engine.host.images.add(NEW, KEEP)
    step = KeepImage(IMAGE.id, KEEP)
    assert step.seen(house.context()) is None
    step.apply(house.context())
    assert tagged(house, KEEP) == IMAGE.id


def test_an_image_that_is_gone_cannot_be_kept_and_that_is_said(house: House) -> None:
    assert KeepImage("sha256:gone", KEEP).apply(house.context()) == {
        "said": "not possible",
        "warning": "No such image: sha256:gone: no way back without it",
    }


def test_the_newest_image_is_pulled_and_kept(house: House) -> None:
    step = PullImage(NEW_REFERENCE, "always", keep=KEEP)
    assert step.seen(house.context()) is None
    assert step.apply(house.context()) == told([DIGEST])
    assert (tagged(house, NEW_REFERENCE), tagged(house, KEEP)) == (NEW.id, NEW.id)


def test_always_asks_the_registry_also_when_there_is_one(house: House) -> None:
    house.engine.host.images.add(IMAGE, NEW_REFERENCE)
    assert PullImage(NEW_REFERENCE, "always").apply(house.context())["image"] == NEW.id


@pytest.mark.parametrize("pull", ["missing", "never"])
def test_missing_and_never_are_content_with_what_is_there(house: House, pull: str) -> None:
    house.engine.host.images.add(IMAGE, NEW_REFERENCE)
    assert PullImage(NEW_REFERENCE, pull).apply(house.context())["image"] == IMAGE.id


def test_missing_pulls_what_is_not_there(house: House) -> None:
    assert PullImage(NEW_REFERENCE, "missing").apply(house.context())["image"] == NEW.id


def test_never_refuses_what_is_not_there(house: House) -> None:
    with pytest.raises(ImageMissingError, match="not on the host, and pull is never") as error:
        PullImage(NEW_REFERENCE, "never").apply(house.context())
    assert error.value.hint == f"build or load it, or: docker pull {NEW_REFERENCE}"


def test_exactly_one_image_is_taken_from_the_host_if_it_is_there(house: House) -> None:
    house.engine.host.registry.mood = "down"
    step = PullImage(NEW_REFERENCE, "always", image=IMAGE.id, digests=(DIGEST,), keep=KEEP)
    assert step.seen(house.context()) == told([], IMAGE.id)
    assert step.apply(house.context()) == told([], IMAGE.id)
    assert tagged(house, KEEP) == IMAGE.id


def test_exactly_one_image_is_pulled_by_its_digest(house: House) -> None:
    house.engine.host.registry.publish(NEW_REFERENCE, THIRD)
    step = PullImage(NEW_REFERENCE, "always", image=NEW.id, digests=(DIGEST,))
    assert step.seen(house.context()) is None
    assert step.apply(house.context()) == told([DIGEST])
    assert tagged(house, NEW_REFERENCE) is None


def test_what_was_found_before_a_crash_is_wanted_and_nothing_newer(house: House) -> None:
    house.engine.host.registry.publish(NEW_REFERENCE, THIRD)
    before = pulled(house, results=found(NEW.id, DIGEST))
    step = PullImage(NEW_REFERENCE, "always", image="sha256:other", digests=("a/b@sha256:1",))
    assert step.seen(before) is None
    assert step.apply(before)["image"] == NEW.id
    assert step.seen(before) == told([DIGEST])


def test_the_result_of_another_step_says_nothing_of_a_pull(house: House) -> None:
    house.engine.host.images.add(THIRD)
    other = house.context(results={"build_image": found(THIRD.id)})
    step = PullImage(NEW_REFERENCE, "always")
    assert step.seen(other) is None
    assert step.apply(other)["image"] == NEW.id


def test_every_digest_is_tried_until_one_brings_the_image(house: House) -> None:
    third = f"example.test/web@{house.engine.host.registry.publish(NEW_REFERENCE, THIRD)}"
    there = exactly(house.context(), NEW.id, NEW_REFERENCE, [third, DIGEST])
    assert there.id == NEW.id


def test_an_image_that_no_digest_brings_is_missing(house: House) -> None:
    with pytest.raises(ImageMissingError, match="is gone, here and at its registry") as error:
        exactly(house.context(), "sha256:gone", NEW_REFERENCE, [DIGEST])
    assert error.value.hint == "occ versions --check lists what can still be had"


def test_a_pull_ends_when_the_operator_asks_for_an_end(house: House) -> None:
    asked = replace(house.context(), stop_requested=lambda: True)
    with pytest.raises(StoppedByOperatorError, match="while the image was pulled"):
        PullImage(NEW_REFERENCE, "always").apply(asked)
    assert tagged(house, NEW_REFERENCE) is None


def test_how_far_a_pull_is_is_told(house: House) -> None:
    heard: list[HowFar] = []
    PullImage(NEW_REFERENCE, "always").apply(replace(house.context(), progress=heard.append))
    assert heard == [
        PullProgress(done=done, total=2_000_000, text="Downloading")
        for done in (0, 500_000, 1_000_000, 1_500_000, 2_000_000)
    ]


def test_what_the_second_stage_needs_of_an_image_is_found_out() -> None:
    image = Image(
        id="sha256:0123456789abcdef",
        digests=("example.test/web@sha256:1", "mirror.test/web@sha256:1", "other.test/x@sha256:1"),
        labels={LABEL: "v" * 101, "version": "2"},
        volumes=("/data", "/cache"),
        health=HealthCheck(interval_ms=1, timeout_ms=2, start_period_ms=3, retries=4),
    )
    assert found_out("example.test/web:1", image) == {
        "image": "sha256:0123456789abcdef",
        "digests": ["example.test/web@sha256:1"],
        "labelled": "v" * 100,
        "volumes": ["/data", "/cache"],
        "check": {"interval_ms": 1, "timeout_ms": 2, "start_period_ms": 3, "retries": 4},
        "said": "0123456789ab",
    }


def test_a_note_on_an_image_is_a_warning_of_the_step() -> None:
    told = found_out("example.test/web:1", Image(id="i", digests=(), note="taken as it is"))
    assert told["warning"] == "taken as it is"


def test_where_no_digest_is_of_the_repository_all_of_them_are_told() -> None:
    image = Image(id="i", digests=("mirror.test/x@sha256:1", "other.test/x@sha256:1"))
    assert described("example.test/web:1", image) == (image.digests, "")


def test_a_digest_is_also_known_with_the_hub_before_it() -> None:
    image = Image(id="i", digests=("docker.io/library/debian@sha256:1", "a/b@sha256:1"))
    assert described("debian", image) == (("docker.io/library/debian@sha256:1",), "")


def test_the_image_that_was_replaced_is_called_previous(house: House) -> None:
    step = TagPrevious(IMAGE.id, PREVIOUS, ask=False)
    assert step.seen(house.context()) is None
    assert step.apply(house.context()) == {"tag": PREVIOUS}
    assert tagged(house, PREVIOUS) == IMAGE.id
    assert step.seen(house.context()) == {"tag": PREVIOUS}


def test_previous_moves_from_the_image_that_had_it(house: House) -> None:
    house.engine.host.images.add(NEW, PREVIOUS)
    step = TagPrevious(IMAGE.id, PREVIOUS, ask=False)
    assert step.seen(house.context()) is None
    step.apply(house.context())
    assert tagged(house, PREVIOUS) == IMAGE.id


def test_a_tag_of_the_registrys_own_is_left_alone(house: House) -> None:
    house.engine.host.registry.publish(PREVIOUS, NEW)
    assert TagPrevious(IMAGE.id, PREVIOUS, ask=True).apply(house.context()) == {
        "skipped": f"{PREVIOUS} is a tag of the registry's own"
    }
    assert tagged(house, PREVIOUS) is None


def test_a_registry_that_is_not_asked_says_nothing(house: House) -> None:
    house.engine.host.registry.publish(PREVIOUS, NEW)
    assert TagPrevious(IMAGE.id, PREVIOUS, ask=False).apply(house.context()) == {"tag": PREVIOUS}


@pytest.mark.parametrize("mood", ["open", "down", "unauthorized"])
def test_a_registry_that_does_not_have_it_or_does_not_say_is_no_obstacle(
    house: House, mood: Mood
) -> None:
    house.engine.host.registry.mood = mood
    assert TagPrevious(IMAGE.id, PREVIOUS, ask=True).apply(house.context()) == {"tag": PREVIOUS}


def test_an_image_that_is_gone_is_called_nothing_and_that_is_said(house: House) -> None:
    assert TagPrevious("sha256:gone", PREVIOUS, ask=False).apply(house.context()) == {
        "skipped": "No such image: sha256:gone"
    }


def test_a_registry_that_is_down_fails_a_pull(house: House) -> None:
    house.engine.host.registry.mood = "down"
    with pytest.raises(RegistryError, match="connection refused"):
        PullImage(NEW_REFERENCE, "always").apply(house.context())
    assert tagged(house, OLD_REFERENCE) == IMAGE.id
