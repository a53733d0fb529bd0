"""Taking leave: containers and volumes removed as an operation, then config and journal."""

import pytest

from tests.box import Box, get, post, serves
from tests.host import client, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images


def volumes(engine: PrivateEngine, service: str) -> set[str]:
    """The volumes of the host whose names begin with the service's."""
    with client(engine) as one:
        found = one.volumes()["Volumes"] or ()
    return {each["Name"] for each in found if each["Name"].startswith(service)}


@pytest.fixture
def ready(box: Box, images: Images, port: int) -> Box:
    ref = images.publish("good", "1.0", name=box.service).ref
    more = f'env = {{ A = "1" }}\nmounts = ["{box.folder}:/mnt:ro"]\n'
    box.configure(ref, port, more=more)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    return box


def test_everything_goes_but_what_is_not_ours(
    ready: Box, private_engine: PrivateEngine, port: int
) -> None:
    name = ready.service
    with client(private_engine) as one:
        one.create_volume(f"{name}-other")
    assert ready.occ("uninstall", "--volumes", "web2", "--yes").status == 2
    assert "--yes" in ready.occ("uninstall", "--volumes", name).err
    assert serves(port) == "1.0"

    done = ready.well("uninstall", "--volumes", name, "--yes")
    assert "its containers and volumes are removed" in done.out
    assert containers(private_engine, name) == {}
    assert volumes(private_engine, name) == {f"{name}-other"}
    assert ready.well("history", "-o", "json").result()[0]["outcome"] == "done"

    ready.well("start", "--yes")
    assert serves(port) == "1.0"
    assert "precious" not in get(port, "/marker")[1]
    ready.well("uninstall", "--volumes", name, "--purge", "--yes")
    assert [path.name for path in ready.folder.iterdir() if path.name.startswith("journal")] == []
    assert not (ready.folder / "config.toml").exists()
