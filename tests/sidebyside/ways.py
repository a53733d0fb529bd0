"""The ways in which a service gets a new version: two of occ, the origin's, and Compose v1's."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from tests.box import Box
from tests.testbed.images import Images, pull
from tests.testbed.machine import cached, run

COMPOSE = "docker-compose==1.29.2"
_WITH = ("docker<6", "urllib3<2", "requests<2.29", "setuptools<70")
_HEALTH = 'path = "/health"\nversion_field = "version"\ntimeout = "30s"\n'


@dataclass(frozen=True, kw_only=True)
class Place:
    """A service of a name that nothing else has, in an engine, with a folder and a port."""

    folder: Path
    images: Images
    name: str
    ref: str
    port: int

    @property
    def client(self) -> docker.APIClient:
        """A client of the engine, which the engine closes."""
        return self.images.engine.client(timeout=120)

    @property
    def box(self) -> Box:
        """The operator's box."""
        return Box(self.folder, self.images.engine.url, service=self.name, forked=True, snapshot="")


@dataclass(frozen=True, kw_only=True)
class Way:
    """How the first version comes, and how the next one does. The second may say that it failed."""

    start: Callable[[Place], None]
    update: Callable[[Place], None]


def _configured(place: Place) -> None:
    place.box.configure(place.ref, place.port, health=_HEALTH)
    place.box.well("start", "--yes")


def _updated(place: Place, *words: str) -> None:
    done = place.box.occ("update", "--yes", *words, timeout=300)
    assert done.status in {0, 6}, done.err


def _made(place: Place) -> None:
    client = place.client
    binds = [f"{place.name}-data:/data"]
    config = client.create_host_config(port_bindings={3000: ("127.0.0.1", place.port)}, binds=binds)
    client.create_container(place.ref, name=place.name, ports=[3000], host_config=config)
    client.start(place.name)


def _begun_by_origin(place: Place) -> None:
    pull(place.client, place.ref)
    _made(place)


def _updated_by_origin(place: Place) -> None:
    """Its five shown steps but the last: no health is looked at, and nothing leads back."""
    client = place.client
    there: Any = client.inspect_container(place.name)
    client.stop(place.name, timeout=10)
    client.tag(there["Image"], place.ref.rpartition(":")[0], "previous")
    pull(client, place.ref)
    client.remove_container(place.name)
    _made(place)


def _compose(place: Place, *words: str) -> None:
    with cached(f"compose-{sys.version_info.major}.{sys.version_info.minor}") as (folder, draft):
        if draft is not None:
            run([sys.executable, "-m", "venv", str(draft)])
            # PyYAML 5, which it wants, is built by an older Cython.
            (draft / "constraints").write_text("Cython<3\n")
            pip = [str(draft / "bin" / "python"), "-m", "pip", "install", "-q", COMPOSE, *_WITH]
            environ = {**os.environ, "PIP_CONSTRAINT": str(draft / "constraints")}
            subprocess.run(pip, env=environ, check=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "compose", "-p", place.name, *words]
    environ = {**os.environ, "DOCKER_HOST": place.images.engine.url}
    subprocess.run(command, cwd=place.folder, env=environ, check=True, capture_output=True)


def _composed(place: Place) -> None:
    service = {
        "image": place.ref,
        "ports": [f"127.0.0.1:{place.port}:3000"],
        "volumes": ["data:/data"],
    }
    file = {"version": "3", "services": {"web": service}, "volumes": {"data": {}}}
    (place.folder / "docker-compose.yml").write_text(json.dumps(file))
    _compose(place, "pull")
    _compose(place, "up", "-d")


def _updated_by_compose(place: Place) -> None:
    _compose(place, "pull")
    _compose(place, "up", "-d")


WAYS: Mapping[str, Way] = {
    "plain update": Way(start=_configured, update=_updated),
    "rehearsed update": Way(start=_configured, update=lambda p: _updated(p, "--rehearse")),
    "the origin's order": Way(start=_begun_by_origin, update=_updated_by_origin),
    "Compose v1": Way(start=_composed, update=_updated_by_compose),
}
