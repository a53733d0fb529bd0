"""The enclosure of what runs beside a service: how it is known, and how it goes."""

import pytest

from occ.domain.spec import Spec
from occ.errors import FailedError
from occ.operations import labels
from occ.operations.enclosure import Enclosure, clear, enclosed, left_beside
from tests.clock import FakeClock
from tests.contract.memory_lab import built
from tests.doubles.engine.engine import MemoryEngine

NAME = "web.occ-rehearsal-7"


@pytest.fixture
def engine() -> MemoryEngine:
    """An engine with one image."""
    engine = MemoryEngine(FakeClock())
    engine.host.images.add(built("good", "1.0"))
    return engine


def made(engine: MemoryEngine) -> Enclosure:
    """One of operation 7, whole."""
    beside = Enclosure(engine=engine, journal="j", service="web", operation=7)
    volumes = beside.volumes(["data", "cache", "data"])
    beside.open(volumes.values())
    spec = Spec(networks=(NAME,))
    image = built("good", "1.0").id
    beside.create(image, spec, secrets={}, version=3, fresh=frozenset())
    return beside


def test_it_is_known_by_no_name_of_the_services(engine: MemoryEngine) -> None:
    made(engine)
    there = engine.inspect(NAME)
    assert there is not None
    assert labels.SERVICE not in there.labels
    assert there.labels[labels.HELPER] == "rehearsal of web"
    body = engine.host.there(NAME).body
    assert body["NetworkingConfig"]["EndpointsConfig"] == {NAME: {}}
    assert body["HostConfig"]["RestartPolicy"] == {"Name": "no"}


def test_all_of_it_is_named_and_goes(engine: MemoryEngine) -> None:
    made(engine)
    known = enclosed("j", "web")
    assert left_beside(engine, known) == (
        f"container {NAME}",
        f"volume {NAME}.1",
        f"volume {NAME}.2",
        f"network {NAME}",
    )
    clear(engine, known)
    assert left_beside(engine, known) == ()


def test_another_services_stays(engine: MemoryEngine) -> None:
    made(engine)
    clear(engine, enclosed("j", "shop"))
    clear(engine, enclosed("other", "web"))
    assert len(left_beside(engine, enclosed("j", "web"))) == 4


def test_a_volume_of_somebody_elses_is_not_taken(engine: MemoryEngine) -> None:
    engine.create_volume(f"{NAME}.1", {})
    with pytest.raises(FailedError, match=r"a volume web.occ-rehearsal-7.1 exists"):
        made(engine)
    clear(engine, enclosed("j", "web"))
    assert engine.volume(f"{NAME}.1") == {}
