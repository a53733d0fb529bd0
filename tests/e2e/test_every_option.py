"""Options of `docker run`, several at a time: nothing of them is lost in a whole life with occ."""

from collections.abc import Iterator
from pathlib import Path
from pprint import pformat
from typing import Final

import pytest

from tests import options
from tests.options import Row, State
from tests.options.life import Hand, Host, host_of, lost
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import run
from tests.testbed.named import remove_named
from tests.testbed.releases import OWN, chosen

JOINED: Final = (
    ("--ip", "10.232.SUB.8", "--ip6", "fd00:1:SUB::8", "--alias", "store", "NAME-b"),
    ("--ip", "10.233.SUB.9", "--alias", "till", "--alias", "desk", "NAME-c"),
)
THREE_NETWORKS: Final = Row(
    words=[
        *("--network", "NAME-a", "--ip", "10.231.SUB.7", "--ip6", "fd00:0:SUB::7"),
        *("--network-alias", "shop", "--mac-address", "02:42:ac:11:65:43"),
    ],
    config={
        "networks": ["NAME-a", "NAME-b", "NAME-c"],
        "engine": {
            "MacAddress": "02:42:ac:11:65:43",
            "EndpointsConfig": {
                "NAME-a": {
                    "IPAMConfig": {"IPv4Address": "10.231.SUB.7", "IPv6Address": "fd00:0:SUB::7"},
                    "Aliases": ["shop"],
                },
                "NAME-b": {
                    "IPAMConfig": {"IPv4Address": "10.232.SUB.8", "IPv6Address": "fd00:1:SUB::8"},
                    "Aliases": ["store"],
                },
                "NAME-c": {
                    "IPAMConfig": {"IPv4Address": "10.233.SUB.9"},
                    "Aliases": ["till", "desk"],
                },
            },
        },
    },
)
SLAVES: Final = Row(
    words=[
        *("--volume", "SHARED:/slave:ro,rslave"),
        *("--mount", "type=bind,src=SHARED,dst=/slaved,bind-propagation=rslave"),
    ],
    config={
        "engine": {
            "Binds": ["SHARED:/slave:ro,rslave"],
            "Mounts": [
                {
                    "Type": "bind",
                    "Source": "SHARED",
                    "Target": "/slaved",
                    "BindOptions": {"Propagation": "rslave"},
                }
            ],
        }
    },
)


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
    every = options.dealt(options.known_to(host.api, "running"))
    created = options.known_to(host.api, "created")
    one = next(options.dealt([*(row for row in created if row.only), *created]))
    hands: list[Hand] = [("created", one), *(("running", rows) for rows in every)]
    found = [*lost(host, prefix, tmp_path, hands)]
    assert not found, pformat(found, width=160)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Path]:
    """A mount that hands on to others what is mounted below it."""
    place = tmp_path / "shared"
    place.mkdir()
    run(["mount", "--types", "tmpfs", "none", str(place)])
    run(["mount", "--make-shared", str(place)])
    yield place
    run(["umount", "--lazy", str(place)])


@pytest.mark.usefixtures("shared")
def test_three_networks_and_slave_mounts_stay_of_a_service_that_runs_and_of_a_stopped_one(
    host: Host, prefix: str, tmp_path: Path
) -> None:
    rows = [THREE_NETWORKS]
    if chosen() is OWN:  # the newest one has a mount namespace of its own
        rows.append(SLAVES)
    states: list[State] = ["running", "exited"]
    found = [*lost(host, prefix, tmp_path, [(each, rows) for each in states], joined=JOINED)]
    assert not found, pformat(found, width=160)
