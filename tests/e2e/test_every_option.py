"""Options of `docker run`, several at a time: nothing of them is lost in a whole life with occ."""

from collections.abc import Iterator
from pathlib import Path
from pprint import pformat

import pytest

from tests import options
from tests.options.life import Host, host_of, lost
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.named import remove_named


@pytest.fixture(scope="module")
def host(private_engine: PrivateEngine, images: Images) -> Host:
    return host_of(private_engine, images)


@pytest.fixture
def prefix(host: Host, private_engine: PrivateEngine) -> Iterator[str]:
    name = "optioned"
    yield name
    remove_named(private_engine, name)


def test_every_option_of_docker_run_has_a_row(host: Host) -> None:
    told = options.options_in(host.docker("run", "--help"))
    assert len(told) > 90
    rowed = frozenset().union(*(row.options for row in options.ROWS))
    assert [
        long for long, short in told.items() if not {long, short} & {*rowed, *options.ASIDE}
    ] == []


def test_every_field_that_the_engine_tells_has_a_row(host: Host, prefix: str) -> None:
    assert options.version(host.api) <= options.version(options.FIELDS["api"])
    host.docker("network", "create", "--subnet", "10.231.99.0/24", f"{prefix}-net")
    host.docker(
        *("create", "--name", prefix, "--network", f"{prefix}-net", "--ip", "10.231.99.7"),
        *("--health-cmd", "true", "--stop-timeout", "3", "--mac-address", "02:42:ac:11:65:44"),
        *("--init", "--tmpfs", "/run", "--sysctl", "net.core.somaxconn=99", host.images["one"]),
    )
    there = host.inspect(prefix)
    assert set(there["Config"]) <= set(options.FIELDS["Config"])
    assert set(there["HostConfig"]) <= set(options.FIELDS["HostConfig"])
    for endpoint in there["NetworkSettings"]["Networks"].values():
        assert set(endpoint) <= set(options.FIELDS["Endpoint"])


def test_nothing_is_lost_of_every_option_at_once(host: Host, prefix: str, tmp_path: Path) -> None:
    """In as few containers as can be, and what only a stopped one can have in one more."""
    running = options.dealt(options.known_to(host.api, running=True))
    stopped = options.known_to(host.api, running=False)
    one = next(options.dealt([*(row for row in stopped if row.only), *stopped]))
    found = [*lost(host, prefix, tmp_path, [(False, one), *((True, rows) for rows in running)])]
    assert not found, pformat(found, width=160)
