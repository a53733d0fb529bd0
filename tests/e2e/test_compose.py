"""Compose projects on a real engine: imported and lived with, and adopted in order."""

import json
import shlex
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port, run

OFTEN = {"nextcloud", "vaultwarden"}
"""The shapes that each run tries; `tox run -e endurance` has the rest."""
MODELS = [
    pytest.param(path, marks=[] if path.stem in OFTEN else [pytest.mark.campaign], id=path.stem)
    for path in sorted((Path(__file__).parents[1] / "compose").glob("*.json"))
]
QUICK = 'interval = "100ms"\nmin_healthy = "300ms"\n'


@dataclass(frozen=True)
class Host:
    """An engine, through the docker command, and the names of one run on it."""

    engine: PrivateEngine
    name: str

    def docker(self, *words: str) -> str:
        return run(["docker", "-H", self.engine.url, *words])

    def inspect(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.docker("inspect", name))[0]
        return found

    def begun(self, name: str) -> str:
        """When a container was started, in a form that sorts."""
        return str(self.inspect(name)["State"]["StartedAt"])

    def environment(self, name: str) -> dict[str, str]:
        return dict(one.split("=", 1) for one in self.inspect(name)["Config"]["Env"])


@pytest.fixture
def host(private_engine: PrivateEngine, run_name: str) -> Host:
    return Host(private_engine, run_name)


def as_run(model: Path, host: Host, image: str, folder: Path) -> dict[str, Any]:
    """A model with names, ports, image and folders of this run; every other word is as it was."""
    found: dict[str, Any] = json.loads(model.read_text())
    name = host.name
    found["name"] = f"{name}-{found['name']}"
    for table in (*found.get("networks", {}).values(), *found.get("volumes", {}).values()):
        table["name"] = f"{name}-{table['name']}"
    found["services"] = {f"{name}-{key}": one for key, one in found["services"].items()}
    for one in found["services"].values():
        one["image"] = image
        one.pop("privileged", None)  # in a container of its own this machine may not allow it
        if "container_name" in one:
            one["container_name"] = f"{name}-{one['container_name']}"
        if "depends_on" in one:
            one["depends_on"] = {f"{name}-{key}": on for key, on in one["depends_on"].items()}
        for port in one.get("ports", ()):
            port["published"] = str(free_port())
        if one.get("network_mode") == "host":
            one["environment"]["PORT"] = str(free_port())
        for place in one.get("volumes", ()):
            if place["type"] == "bind" and not Path(place["source"]).exists():
                place["source"] = str(folder / Path(place["source"]).name)
                Path(place["source"]).mkdir(exist_ok=True)
    return found


def variables(service: Mapping[str, Any]) -> dict[str, str]:
    """The variables that Compose would give: it writes each $ twice in a resolved model."""
    own = service.get("environment", {}).items()
    return {key: value.replace("$$", "$") for key, value in own if value is not None}


def quicker(config: Path, names: tuple[str, ...]) -> None:
    """A shorter gate, and no snapshots, which are not the subject."""
    text = config.read_text()
    for name in names:
        head = f"[services.{name}]\n"
        assert head in text
        text = text.replace(head, f'{head}snapshot = "never"\n')
        text += f"\n[services.{name}.health]\n{QUICK}"
    config.write_text(text)


def stored(box: Box, model: Mapping[str, Any], commands: tuple[str, ...]) -> None:
    """Type each command that the import named, with the value that the model has."""
    for command in commands:
        words = shlex.split(command)[1:]
        value = variables(model["services"][words[-1]])[words[2]]
        done = box.occ(*words, stdin=f"{value}\n")
        assert done.status == 0, done.err


def versions(box: Box) -> dict[str, tuple[str, int]]:
    told = box.well("status", "--all", "-o", "json", status=0).result()
    return {one["service"]: (one["state"], one["version"]) for one in told}


@pytest.mark.docker
@pytest.mark.parametrize("model", MODELS)
def test_a_project_is_imported_started_updated_and_rolled_back(
    model: Path, box: Box, host: Host, images: Images
) -> None:
    image = images.publish("good", "1.0", name=host.name).ref
    project = as_run(model, host, image, box.folder)
    imported = box.occ("import-compose", "-", "--yes", "-o", "json", stdin=json.dumps(project))
    assert imported.status == 0, imported.err
    done = imported.result()
    names = tuple(done["services"])
    for line in done["left"]:
        if line.startswith("networks."):
            host.docker(*shlex.split(line.partition("docker ")[2]))
    stored(box, project, tuple(done["secrets"]))
    quicker(box.folder / "config.toml", names)

    box.well("start", "--all", "--yes")
    assert versions(box) == dict.fromkeys(names, ("running", 1))
    called = {name: project["services"][name].get("container_name", name) for name in names}
    for name in names:
        there, wanted = host.environment(called[name]), variables(project["services"][name])
        assert {key: there[key] for key in wanted} == wanted
    begun = [host.begun(called[name]) for name in names]
    assert begun == sorted(begun)

    images.publish("good", "2.0", name=host.name)
    box.well("update", "--all", "--yes")
    assert versions(box) == dict.fromkeys(names, ("running", 2))
    assert {host.environment(one)["VERSION"] for one in called.values()} == {"2.0"}
    for name in names:
        for other in project["services"][name].get("depends_on", {}):
            if other in names:  # by the name that Compose gave it
                host.docker("exec", called[name], "getent", "hosts", other)

    with ThreadPoolExecutor(4) as pool:
        [*pool.map(lambda name: box.well("rollback", "--yes", "--service", name), names)]
    assert {host.environment(one)["VERSION"] for one in called.values()} == {"1.0"}
    assert versions(box) == dict.fromkeys(names, ("running", 1))


@pytest.mark.docker
def test_a_project_of_three_is_adopted_and_updated_in_order(
    box: Box, host: Host, images: Images
) -> None:
    image = images.publish("good", "1.0", name=host.name, forget=False).ref
    host.docker("network", "create", f"{host.name}-net")
    host.docker("pull", image)
    web, cache, db = (f"{host.name}-{one}" for one in ("web", "cache", "db"))
    made = {
        web: ["depends_on=" + f"{db}:service_started:false,{cache}:service_started:false"],
        cache: ["depends_on=" + f"{db}:service_started:false"],
        db: [],
    }
    for name, more in made.items():
        marks = [f"project={host.name}", f"service={name}", "container-number=1", *more]
        said = [word for one in marks for word in ("--label", f"com.docker.compose.{one}")]
        own = ["-e", "DB_PASSWORD=hunter2hunter2"] if name == db else []
        place = ["--network", f"{host.name}-net", "--network-alias", name]
        data = ["-v", f"{name}-data:/data"]
        called = f"{host.name}_{name}_1"
        host.docker("run", "-d", "--name", called, *said, *own, *place, *data, image)
    containers = {name: f"{host.name}_{name}_1" for name in (db, cache, web)}
    before = {name: host.begun(one) for name, one in containers.items()}
    (box.folder / "config.toml").touch()

    plans = box.well("adopt", "--project", host.name, "--plan", "-o", "json", status=10).result()
    assert [plan["service"] for plan in plans] == [db, cache, web]
    done = box.well("adopt", "--project", host.name, "--yes", "-o", "json").result()
    assert [(one["service"], one["ended"]) for one in done] == [
        (db, "done"),
        (cache, "done"),
        (web, "done"),
    ]
    assert {name: host.begun(one) for name, one in containers.items()} == before
    text = (box.folder / "config.toml").read_text()
    assert f'networks = ["{host.name}-net"]' in text
    assert f'volumes = ["{db}-data:/data"]' in text
    assert "hunter2" not in text

    quicker(box.folder / "config.toml", (db, cache, web))
    images.publish("good", "2.0", name=host.name)
    updated = box.well("update", "--all", "--yes", "-o", "json").result()
    assert [one["service"] for one in updated] == [db, cache, web]
    assert {host.environment(one)["VERSION"] for one in containers.values()} == {"2.0"}
    after = [host.begun(containers[name]) for name in (db, cache, web)]
    assert after == sorted(after)
    assert host.environment(containers[db])["DB_PASSWORD"] == "hunter2hunter2"
    host.docker("exec", containers[web], "getent", "hosts", db)
    again = box.well("adopt", "--project", host.name, "--yes", "-o", "json")
    assert again.result() == []
    box.well("rollback", "--yes", "--service", web)
    assert host.environment(containers[web])["VERSION"] == "1.0"
