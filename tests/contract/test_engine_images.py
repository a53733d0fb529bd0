"""Images and registries, on every engine."""

import pytest

from occ.engine.progress import PullProgress
from occ.engine.values import PublishedImage
from occ.errors import (
    EngineRefusedError,
    ImageMissingError,
    OccError,
    RegistryError,
    TooManyRequestsError,
    UnauthorizedError,
)
from tests.contract.asked import made, seen
from tests.contract.lab import Lab, Mood


def test_a_pull_brings_exactly_what_is_published_and_says_how_far_it_is(lab: Lab) -> None:
    one = lab.publish("good", "1", name="web")
    told: list[PullProgress] = []
    pulled = lab.engine.pull(one.reference, told.append)
    assert pulled.id == one.image
    assert one.reference in pulled.references
    assert one.pinned in pulled.digests
    assert pulled.volumes == ("/data",)
    assert told
    assert told[-1].done <= told[-1].total
    assert lab.engine.registry_digest(one.reference) == one.digest


def test_a_tag_that_moved_leaves_the_old_image_by_its_digest_alone(lab: Lab) -> None:
    one = lab.publish("good", "1", name="web")
    lab.engine.pull(one.reference)
    made(lab, image=one.image)
    two = lab.publish("good", "2", name="web")
    assert lab.engine.registry_digest(one.reference) == two.digest
    assert lab.engine.pull(one.reference).id == two.image
    old = lab.engine.image(one.image)
    assert old is not None
    assert old.references == ()
    assert old.known_as(one.digest)
    if old.by_digest:  # there the repository is forgotten with the tag; its id is its digest
        assert old.id == one.digest
        return
    assert one.pinned in old.digests
    again = lab.engine.image(one.pinned)
    assert again is not None
    assert again.id == one.image


def test_the_facts_of_an_image_are_told_before_it_is_pulled(lab: Lab) -> None:
    one = lab.publish("default", "1", name="web")
    assert lab.engine.image(one.image) is None
    told = lab.engine.published(one.reference, one.digest)
    assert lab.engine.image(one.image) is None
    pulled = lab.engine.pull(one.reference)
    assert told == PublishedImage(labels=pulled.labels, created_at=pulled.created_at)
    nowhere = f"{one.digest[:-8]}00000000"
    assert lab.engine.published(one.reference, nowhere) is None
    assert lab.engine.published(one.reference.replace("web", "absent"), one.digest) is None
    lab.registry("down")
    assert lab.engine.published(one.reference, one.digest) is None


def test_what_is_pulled_by_digest_has_no_tag(lab: Lab) -> None:
    one = lab.publish("good", "1", name="web")
    assert lab.engine.image(one.image) is None
    assert lab.engine.pull(one.pinned).id == one.image
    there = lab.engine.image(one.image)
    assert there is not None
    assert one.reference not in there.references


def test_a_removed_tag_takes_the_image_only_with_its_last_name_and_never_from_a_container(
    lab: Lab,
) -> None:
    one = lab.publish("good", "1", name="web")
    keep = "occ.local/3f2a9c1e/web:v1"
    lab.engine.pull(one.reference)
    lab.engine.tag(one.image, keep)
    lab.engine.remove_image(one.reference)
    left = lab.engine.image(one.image)
    assert left is not None
    assert left.references == (keep,)
    container = made(lab, image=one.image)

    def removed() -> None:
        for name in (*left.digests, keep):
            lab.engine.remove_image(name)

    with pytest.raises(EngineRefusedError):
        removed()
    assert lab.engine.image(one.image) is not None
    lab.engine.remove(container)
    removed()
    assert lab.engine.image(one.image) is None
    lab.engine.remove_image(keep)


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        ("unauthorized", UnauthorizedError),
        ("too_many", TooManyRequestsError),
        ("down", RegistryError),
    ],
)
def test_a_registry_on_a_bad_day(lab: Lab, mood: Mood, kind: type[OccError]) -> None:
    one = lab.publish("good", "1", name="web")
    lab.registry(mood)
    with pytest.raises(kind):
        lab.engine.pull(one.reference)
    with pytest.raises(kind):
        lab.engine.registry_digest(one.reference)
    assert lab.engine.image(one.reference) is None


def test_a_download_that_is_cut_is_a_failure_and_can_be_made_again(lab: Lab) -> None:
    one = lab.publish("good", "1", name="web")
    lab.registry("cut")
    with pytest.raises(RegistryError):
        lab.engine.pull(one.reference)
    assert lab.engine.image(one.reference) is None
    lab.registry("open")
    assert lab.engine.pull(one.reference).id == one.image


def test_an_image_that_no_registry_has(lab: Lab) -> None:
    one = lab.publish("good", "1", name="web")
    for reference in (one.reference.replace(":new", ":nope"), f"{one.pinned[:-8]}00000000"):
        with pytest.raises(ImageMissingError):
            lab.engine.pull(reference)
        with pytest.raises(ImageMissingError):
            lab.engine.registry_digest(reference)


def test_who_watches_a_pull_can_end_it(lab: Lab) -> None:
    one = lab.publish("good", "1", name="web")

    def enough(_: PullProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.engine.pull(one.reference, enough)


def test_tags_move_and_an_image_may_have_several(lab: Lab) -> None:
    one, two = lab.image("good", "1"), lab.image("good", "2")
    keep, other = f"{lab.name('keep')}:v1", f"{lab.name('keep')}:v2"
    lab.engine.tag(one, keep)
    lab.engine.tag(two, keep)
    there = lab.engine.image(keep)
    assert there is not None
    assert there.id == two
    lab.engine.tag(two, other)
    again = lab.engine.image(other)
    assert again is not None
    assert again.id == two
    with pytest.raises(ImageMissingError):
        lab.engine.tag("sha256:" + "0" * 64, keep)


def test_an_image_says_what_it_declares(lab: Lab) -> None:
    there = lab.engine.image(lab.image("default"))
    assert there is not None
    assert len(there.volumes) == 7
    assert there.health is not None
    assert (there.health.interval_ms, there.health.retries) == (30_000, 3)
    quick = lab.engine.image(lab.image("healthcheck"))
    assert quick is not None
    assert quick.health is not None
    assert (quick.health.interval_ms, quick.health.retries) == (1_000, 2)
    assert lab.engine.image("sha256:" + "0" * 64) is None


def test_a_container_names_its_image_by_id(lab: Lab) -> None:
    image = lab.image("good")
    assert seen(lab, made(lab)).image == image
