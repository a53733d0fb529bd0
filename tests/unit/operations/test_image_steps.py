"""The image of a way back, got from its registry by repair."""

from dataclasses import replace

import pytest

from occ.engine.port import Engine
from occ.operations.steps.images import RestoreImage
from tests.contract.memory_lab import built
from tests.unit.operations.inside import Inn

REFERENCE, KEEP = "example.test/web:1", "occ.local/01234567/web:v1"


@pytest.fixture
def inn() -> Inn:
    return Inn()


def restore(inn: Inn) -> RestoreImage:
    """An image that the registry has and this host has not."""
    image = built("good", "1.0")
    digest = inn.engine.host.registry.publish(REFERENCE, image)
    return RestoreImage(
        image=image.id, reference=REFERENCE, digests=(f"example.test/web@{digest}",), keep=KEEP
    )


def kept(engine: Engine) -> str:
    there = engine.image(KEEP)
    return there.id if there else ""


def test_it_is_pulled_by_its_digest_and_tagged_and_twice_is_once(inn: Inn) -> None:
    step = restore(inn)
    assert step.seen(inn.context()) is None
    assert step.apply(inn.context()) == {"said": KEEP}
    assert kept(inn.engine) == step.image
    assert step.apply(inn.context()) == {"said": KEEP}
    assert step.seen(inn.context()) == {"said": KEEP}


def test_another_image_under_the_tag_is_not_it(inn: Inn) -> None:
    step = restore(inn)
    step.apply(inn.context())
    assert replace(step, image="sha256:other").seen(inn.context()) is None


def test_a_registry_that_does_not_give_it_is_said_and_stops_nothing(inn: Inn) -> None:
    step = restore(inn)
    inn.engine.host.registry.mood = "down"
    result = step.apply(inn.context())
    assert result["said"] == "not possible"
    assert str(result["warning"]).endswith(": no way back without it")
    assert kept(inn.engine) == ""
