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


def test_each_of_two_numbers_that_the_engine_chose_for_one_port_is_pinned() -> None:
    four = [{"HostIp": "0.0.0.0", "HostPort": "32772"}, {"HostIp": "0.0.0.0", "HostPort": "32773"}]
    six = [{"HostIp": "::", "HostPort": "32769"}, {"HostIp": "::", "HostPort": "32773"}]
    asked = [{"HostIp": "", "HostPort": ""}, {"HostIp": "", "HostPort": "32773-32779"}]
    found = derived({}, {"PortBindings": {"80/tcp": asked}}, bound={"80/tcp": [*four, *six]})
    assert found.spec.ports == (
        Port(container=80, host=32772, address="0.0.0.0"),
        Port(container=80, host=32769, address="::"),
        Port(container=80, host=32773, address="*"),
    )
    assert found.notes == (
        "the port for 80/tcp, chosen by the engine, is pinned to 32772, and over IPv6 to 32769",
        "the port for 80/tcp, chosen by the engine, is pinned to 32773",
    )


def test_every_pair_of_numbers_is_pinned_once() -> None:
    four = [{"HostIp": "0.0.0.0", "HostPort": port} for port in ("5", "1", "2")]
    six = [{"HostIp": "::", "HostPort": port} for port in ("3", "5", "4")]
    asked = [{"HostIp": "", "HostPort": ""}] * 3
    found = derived({}, {"PortBindings": {"80/tcp": asked}}, bound={"80/tcp": [*four, *six]})
    assert [(port.address, port.host) for port in found.spec.ports] == [
        *[("*", 5), ("0.0.0.0", 1), ("::", 3)],
        *[("0.0.0.0", 2), ("::", 4)],
    ]


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


def test_a_port_without_a_protocol_stays_as_it_is() -> None:
    found = derived({"ExposedPorts": {"54": {}}}, {})
    assert found.spec.engine["ExposedPorts"] == {"54": {}}


def test_a_range_of_exposed_ports_means_each_of_them() -> None:
    exposed: dict[str, dict[str, object]] = {
        "ExposedPorts": {"3000-3001/tcp": {}, "²/tcp": {}, "web/tcp": {}, "53/udp": {}}
    }
    found = derived(exposed, {})
    assert found.spec.engine["ExposedPorts"] == {"3000/tcp": {}, "3001/tcp": {}, "53/udp": {}}
    chosen = {
        f"{port}/tcp": [{"HostIp": "0.0.0.0", "HostPort": f"{port + 1}"}] for port in (3000, 3001)
    }
    published = derived(exposed, {"PublishAllPorts": True}, bound=chosen)
    assert [(port.container, port.host) for port in published.spec.ports] == [
        (3000, 3001),
        (3001, 3002),
    ]
    assert len(published.obstacles) == 1


def test_a_binding_that_names_no_port_is_none() -> None:
    odd = {"²/tcp": [{"HostIp": "", "HostPort": "80"}], "80/tcp": [{"HostPort": "²"}]}
    found = derived({}, {"PortBindings": odd}, bound={"80/tcp": [{"HostIp": "", "HostPort": "x"}]})
    assert found.spec.ports == ()
    assert len(found.obstacles) == 1
