"""Every engine through the same tests: in memory, and for real."""

import pytest

from tests.contract.docker_lab import DockerLab
from tests.contract.lab import Lab, RoughLab
from tests.contract.memory_lab import MemoryLab

_REAL = [pytest.mark.docker, pytest.mark.registry]
_ENGINES = ["memory", pytest.param("docker", marks=_REAL)]


@pytest.fixture(params=_ENGINES)
def lab(request: pytest.FixtureRequest) -> Lab:
    """A lab on the engine that tests share."""
    return _lab(request, "private_engine", "images")


@pytest.fixture(params=_ENGINES)
def rough(request: pytest.FixtureRequest) -> RoughLab:
    """A lab on an engine that may be ended, frozen and pruned."""
    return _lab(request, "victim", "victim_images")


def _lab(request: pytest.FixtureRequest, engine: str, images: str) -> RoughLab:
    if request.param == "memory":
        return MemoryLab()
    return DockerLab(
        host=request.getfixturevalue(engine),
        images=request.getfixturevalue(images),
        gate=request.getfixturevalue("gate"),
        run_name=_named(request),
    )


def _named(request: pytest.FixtureRequest) -> str:
    name: str = request.getfixturevalue("run_name")
    return name
