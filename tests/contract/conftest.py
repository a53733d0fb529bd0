"""Every engine through the same tests: in memory, and for real."""

import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from tests.contract.docker_lab import DockerLab
from tests.contract.lab import Lab, RoughLab
from tests.contract.memory_lab import MemoryLab
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.named import remove_named
from tests.testbed.podman import Podman
from tests.testbed.present import PresentEngine, present
from tests.testbed.registry import Registry
from tests.testbed.releases import OWN, chosen

_REAL = [pytest.mark.docker, pytest.mark.registry]
_ENGINES = ["memory", pytest.param("docker", marks=_REAL)]
_PODMAN = pytest.param("podman", marks=[pytest.mark.podman])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What Podman is known not to do as Docker does is expected, and told when it is no more so."""
    known = tomllib.loads((Path(__file__).parent / "podman.toml").read_text())
    for item in items:
        if not item.get_closest_marker("podman"):
            continue
        for times, tests in known.items():
            if why := tests.get(item.name) or tests.get(item.name.partition("[")[0]):
                item.add_marker(pytest.mark.xfail(reason=why, strict=times == "differs"))


@pytest.fixture(scope="session")
def podman() -> Iterator[PrivateEngine]:
    """Podman behind its Docker-compatible socket: it cannot be killed or frozen like the others."""
    with Podman() as one:
        yield cast("PrivateEngine", one)


@pytest.fixture(scope="session")
def podman_images(podman: PrivateEngine, registry: Registry) -> Images:
    """Service images, made in Podman."""
    return Images(podman, registry)


@pytest.fixture(scope="session")
def guest(request: pytest.FixtureRequest) -> Iterator[PrivateEngine | PresentEngine]:
    """An engine that nobody ends or prunes: the one that is there, else one of the tests' own."""
    there = present() if chosen() is OWN else None
    if there is None:
        yield request.getfixturevalue("private_engine")
        return
    with there as one:
        yield one


@pytest.fixture(scope="session")
def guest_images(request: pytest.FixtureRequest, guest: PrivateEngine | PresentEngine) -> Images:
    """Service images, made there."""
    if isinstance(guest, PrivateEngine):
        return cast("Images", request.getfixturevalue("images"))
    return Images(cast("PrivateEngine", guest), request.getfixturevalue("registry"))


@pytest.fixture(params=[*_ENGINES, _PODMAN])
def lab(request: pytest.FixtureRequest) -> Lab:
    """A lab on the engine that tests share, or on the one that DOCKER_HOST names."""
    return _lab(request, "guest", "guest_images")


@pytest.fixture(params=_ENGINES)
def rough(request: pytest.FixtureRequest) -> RoughLab:
    """A lab on an engine that may be ended, frozen and pruned."""
    return _lab(request, "victim", "victim_images")


def _lab(request: pytest.FixtureRequest, engine: str, images: str) -> RoughLab:
    if request.param == "memory":
        return MemoryLab()
    if request.param == "podman":
        engine, images = "podman", "podman_images"
    host, name = request.getfixturevalue(engine), _named(request)
    if engine == "guest":  # others are known by name to the fixture that gives names
        request.addfinalizer(partial(remove_named, host, name))
    return DockerLab(
        host=host,
        images=request.getfixturevalue(images),
        gate=request.getfixturevalue("gate"),
        run_name=name,
    )


def _named(request: pytest.FixtureRequest) -> str:
    name: str = request.getfixturevalue("run_name")
    return name
