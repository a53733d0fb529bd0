"""The published ports of a container: those that were asked for, and those the engine chose."""

from occ.domain.spec import Port
from tests.unit.operations.declaring import derived


def test_ports_are_found_by_protocol_and_address() -> None:
    asked = [{"HostIp": "10.0.0.1", "HostPort": ""}]
    bound = [{"HostIp": "0.0.0.0", "HostPort": "1"}, {"HostIp": "10.0.0.1", "HostPort": "49200"}]
    found = derived(
        {},
        {"PortBindings": {"53/udp": asked, "80": [{"HostIp": "", "HostPort": "8080"}]}},
        bound={"53/udp": bound},
    )
    assert found.spec.ports == (
        Port(container=53, host=49200, address="10.0.0.1", protocol="udp"),
        Port(container=80, host=8080, address="*"),
    )


def test_all_exposed_ports_are_published_as_they_are_in_use() -> None:
    found = derived(
        {"ExposedPorts": {"80/tcp": {}, "81/tcp": {}}},
        {"PortBindings": {"81/tcp": [{"HostPort": "8081"}]}, "PublishAllPorts": True},
        bound={"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"}]},
    )
    assert found.spec.ports == (
        Port(container=81, host=8081, address="*"),
        Port(container=80, host=49153, address="*"),
    )
    assert found.notes == ("the port for 80/tcp, chosen by the engine, is pinned to 49153",)


def test_a_port_that_the_engine_took_of_a_range_is_pinned() -> None:
    host = {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8000-8010"}]}}
    bound = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8001"}]}
    found = derived({}, host, bound=bound)
    assert found.spec.ports == (Port(container=80, host=8001, address="*"),)


def test_one_port_that_nobody_has_chosen_hides_no_other() -> None:
    found = derived(
        {}, {"PortBindings": {"80/tcp": None, "81/tcp": [{"HostIp": "", "HostPort": "81"}]}}
    )
    assert [port.container for port in found.spec.ports] == [81]
    assert len(found.obstacles) == 1
