"""What adopting writes of passwords among the engine's own words: their places."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from occ.app.options import AdoptWish, Options
from occ.domain.spec import Spec
from occ.domain.values import Json
from occ.engine.values import ContainerRequest
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, MemoryWorld
from tests.people import YES

TOKEN = "hunter2hunter2"
SPLUNK: Mapping[str, Json] = {"LogConfig": {"Type": "splunk", "Config": {"splunk-token": TOKEN}}}


@pytest.mark.parametrize("name", ["other", "fresh"])
def test_a_password_in_the_engines_words_has_its_place_with_and_without_a_table(
    tmp_path: Path, name: str
) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("stop", "one")
    world.engine.host.registry.publish(IMAGE, built("good", "1.0"))
    image = world.engine.pull(IMAGE, lambda _: None)
    spec = Spec(engine=SPLUNK)
    request = ContainerRequest(name="mine", image=image.id, spec=spec, labels={}, alias="mine")
    world.engine.create(request)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace("[services.web", "[services.other"))
    world.app.change("adopt", name, Options(wish=AdoptWish(container="mine")), YES)
    assert (tmp_path / f"{name}.secrets").read_text() == f"SPLUNK_TOKEN={TOKEN}\n"
    wholly = 'Config = { splunk-token = "{{secret:SPLUNK_TOKEN}}" }' in config.read_text()
    assert wholly is (name == "fresh")
    assert TOKEN not in "".join(str(entry.event) for entry in world.journal.entries())
