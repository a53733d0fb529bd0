"""Taking leave: containers and volumes removed as an operation, then config and journal."""

import subprocess
import sys
from pathlib import Path

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


def killed(box: Box, point: str, *words: str) -> int:
    """Run occ so that it kills itself at a point; its exit status."""
    script = (
        "import sys; from pathlib import Path; from tests.crash.launcher import launch; "
        "sys.exit(launch(sys.argv[1], sys.argv[3:], Path(sys.argv[2])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, point, str(box.folder / "calls"), *words],
        cwd=Path(__file__).parents[2],
        env=box.environ,
        capture_output=True,
        check=False,
    )
    return done.returncode


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

    assert killed(ready, "engine:3:after", "uninstall", "--volumes", name, "--yes") == -9
    assert containers(private_engine, name) == {}
    assert volumes(private_engine, name) == {f"{name}-data", f"{name}-other"}
    assert ready.status()["unfinished"]["kind"] == "remove"
    done = ready.well("abort", "--yes")  # nothing leads back any more, so it goes on
    assert "its containers and volumes are removed" in done.out
    assert volumes(private_engine, name) == {f"{name}-other"}
    assert ready.well("history", "-o", "json").result()[0]["outcome"] == "done"

    ready.well("start", "--yes")
    assert serves(port) == "1.0"
    assert "precious" not in get(port, "/marker")[1]
    ready.well("uninstall", "--volumes", name, "--purge", "--yes")
    assert [path.name for path in ready.folder.iterdir() if path.name.startswith("journal")] == []
    assert not (ready.folder / "config.toml").exists()
