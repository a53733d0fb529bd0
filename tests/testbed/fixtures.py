"""Fixtures for tests on real parts. A test that uses one of them is marked `docker` by that.

On Linux as root such a test fails when there can be no engine; elsewhere it is skipped.
"""

import secrets
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType

import pytest

from tests.testbed.census import FLOOR, PROPERTY, Census
from tests.testbed.engine import PrivateEngine
from tests.testbed.gate import Gate
from tests.testbed.images import Images
from tests.testbed.machine import reason_to_skip
from tests.testbed.named import remove_named
from tests.testbed.registry import Registry
from tests.testbed.releases import RELEASES, choose, chosen

Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers | None

ENGINE_FIXTURES = {"private_engine", "victim"}
REGISTRY_FIXTURES = {"registry"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--floor",
        action="store_true",
        help="fail when fewer tests drove real parts than the floor file says",
    )
    parser.addoption(
        "--floor-file", type=Path, default=FLOOR, help="the floor file (tests/floor.toml)"
    )
    parser.addoption(
        "--engine",
        choices=sorted(RELEASES),
        default=chosen().name,
        help="private engines are the machine's own Docker, or the newest to be had",
    )
    parser.addoption(
        "--if-cached",
        action="store_true",
        help="try nothing where the folder of that engine is not in the cache",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "registry: drives a real registry")
    # A worker of xdist runs some of the tests only; the floor is for the run that started it.
    whole = config.getoption("--floor") and not hasattr(config, "workerinput")
    floor = config.getoption("--floor-file") if whole else None
    choose(config.getoption("--engine"))
    without = chosen().untried() if config.getoption("--if-cached") else ""
    config.pluginmanager.register(Census(floor=floor, without=without), "census")
    # The end by a signal is an end in order: what was started is ended by its fixtures.
    for number in (signal.SIGTERM, signal.SIGHUP):
        before = signal.signal(number, _end_in_order)
        config.add_cleanup(partial(_handle, number, before))


def _handle(number: signal.Signals, handler: Handler) -> None:
    signal.signal(number, handler)


def _end_in_order(number: int, frame: FrameType | None) -> None:
    pytest.exit(f"ended by {signal.Signals(number).name}", returncode=128 + number)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = reason_to_skip()
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & ENGINE_FIXTURES:
            item.add_marker("docker")
        if names & REGISTRY_FIXTURES:
            item.add_marker("registry")
        for marker, part in (("docker", "engine"), ("registry", "registry")):
            if item.get_closest_marker(marker):
                item.user_properties.append((PROPERTY, part))
                if reason:
                    item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def private_engine() -> Iterator[PrivateEngine]:
    """The engine that tests share: create and remove there, under names of your own."""
    with PrivateEngine() as engine:
        yield engine


@pytest.fixture(scope="session")
def victim() -> Iterator[PrivateEngine]:
    """An engine to kill, freeze, prune, fill, restart; it answers when the next test starts."""
    with PrivateEngine() as engine:
        yield engine


@pytest.fixture(autouse=True)
def _healed_victim(request: pytest.FixtureRequest) -> None:
    if "victim" in request.fixturenames:
        engine: PrivateEngine = request.getfixturevalue("victim")
        engine.heal()


@pytest.fixture(scope="session")
def registry() -> Iterator[Registry]:
    """A real registry, shared; a test that stops it starts it again."""
    with Registry() as one:
        yield one


@pytest.fixture
def gate(registry: Registry) -> Iterator[Gate]:
    """A door to the registry that misbehaves on request."""
    with Gate(registry) as one:
        yield one


@pytest.fixture(scope="session")
def images(private_engine: PrivateEngine, registry: Registry) -> Images:
    """Service images, made in the shared engine."""
    return Images(private_engine, registry)


@pytest.fixture(scope="session")
def victim_images(victim: PrivateEngine, registry: Registry) -> Images:
    """Service images, made in the victim."""
    return Images(victim, registry)


@pytest.fixture
def run_name(request: pytest.FixtureRequest) -> Iterator[str]:
    """A short name that no other test has. What has a name that begins so is removed at the end."""
    used = ENGINE_FIXTURES & set(request.fixturenames)
    engines: list[PrivateEngine] = [request.getfixturevalue(name) for name in sorted(used)]
    name = f"t{secrets.token_hex(3)}"
    yield name
    for engine in engines:
        engine.heal()
        remove_named(engine, name)
