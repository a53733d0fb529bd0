"""What the engine is asked to create."""

from dataclasses import replace
from typing import Any

from occ.domain.spec import Limits, Mount, Port, Spec, Volume
from occ.engine.docker.wire.payload import endpoint, payload
from occ.engine.values import ContainerRequest

SPEC = Spec(
    ports=(Port(container=3000, host=8080),),
    volumes=(Volume(name="old", path="/old"), Volume(name="new", path="/new")),
    mounts=(Mount(source="/srv/web", path="/etc/web", read_only=True),),
    env={"COLOUR": "blue"},
    restart="always",
    limits=Limits(memory_bytes=1 << 20),
    stop_timeout_ms=1_500,
)
REQUEST = ContainerRequest(
    name="web.occ-next",
    image="sha256:two",
    spec=SPEC,
    labels={"occ.service": "web"},
    alias="web",
    secrets={"TOKEN": "hidden"},
    fresh=frozenset({"new"}),
)


def test_env_and_secrets_reach_the_container() -> None:
    assert payload(REQUEST)["Env"] == ["COLOUR=blue", "TOKEN=hidden"]


def test_a_replacement_has_no_restart_policy_whatever_its_spec_says() -> None:
    assert payload(REQUEST)["HostConfig"]["RestartPolicy"] == {"Name": "no"}


def test_binds_and_volumes_are_mounted_and_only_a_new_volume_is_filled() -> None:
    mounts = payload(REQUEST)["HostConfig"]["Mounts"]
    assert [(m["Type"], m["Source"], m["Target"], m["ReadOnly"]) for m in mounts] == [
        ("volume", "old", "/old", False),
        ("volume", "new", "/new", False),
        ("bind", "/srv/web", "/etc/web", True),
    ]
    assert [m["VolumeOptions"]["NoCopy"] for m in mounts[:2]] == [True, False]


def test_ports_limits_labels_and_the_image_by_its_id() -> None:
    body = payload(REQUEST)
    bound = [{"HostIp": "127.0.0.1", "HostPort": "8080"}]
    assert body["HostConfig"]["PortBindings"] == {"3000/tcp": bound}
    assert body["HostConfig"]["Memory"] == 1 << 20
    assert body["Labels"] == {"occ.service": "web"}
    assert (body["Image"], body["StopTimeout"]) == ("sha256:two", 2)


def test_the_services_name_reaches_it_in_its_networks_whatever_it_is_called() -> None:
    spec = replace(
        SPEC,
        networks=("shop",),
        engine={
            "EndpointsConfig": {"shop": {"IPv4Address": "10.0.0.9", "Aliases": ["web", "store"]}}
        },
    )
    asked = replace(REQUEST, spec=spec)
    stands = {"IPv4Address": "10.0.0.9", "Aliases": ["web", "store"]}
    assert payload(asked)["NetworkingConfig"] == {"EndpointsConfig": {"shop": stands}}
    assert endpoint(SPEC, "web", "back") == {"Aliases": ["web"]}
    assert endpoint(SPEC, "web", "bridge") == {}


def test_a_network_shared_with_a_container_is_told_without_a_name_in_it() -> None:
    body = payload(replace(REQUEST, spec=replace(SPEC, networks=("container:lender",))))
    assert body["HostConfig"]["NetworkMode"] == "container:lender"
    assert "NetworkingConfig" not in body


def test_a_hardware_address_is_told_for_the_first_network_as_newer_engines_want_it() -> None:
    declared = {"MacAddress": "02:42:0a:00:00:07"}
    for networks, named in ((("shop", "back"), "shop"), ((), "bridge")):
        asked = replace(REQUEST, spec=replace(SPEC, networks=networks, engine=declared))
        body = payload(asked)
        assert body["MacAddress"] == "02:42:0a:00:00:07"
        stands = body["NetworkingConfig"]["EndpointsConfig"]
        assert stands[named]["MacAddress"] == "02:42:0a:00:00:07"
        assert list(stands) == [named]
    assert "NetworkingConfig" not in payload(REQUEST)


def test_an_address_declared_for_the_first_network_itself_counts_more() -> None:
    own: dict[str, Any] = {"EndpointsConfig": {"shop": {"MacAddress": "0a:00:00:00:00:01"}}}
    spec = replace(SPEC, networks=("shop",), engine={"MacAddress": "0a:00:00:00:00:02", **own})
    stands = payload(replace(REQUEST, spec=spec))["NetworkingConfig"]["EndpointsConfig"]["shop"]
    assert stands["MacAddress"] == "0a:00:00:00:00:01"


def test_places_are_filled_and_their_secrets_are_no_variables() -> None:
    spec = replace(
        SPEC,
        env={"COLOUR": "blue", "BOTH": "{{secret:BOTH}}"},
        labels={"token": "{{secret:TOKEN}}"},
        command=("serve", "--pw={{secret:BOTH}}"),
        engine={"Healthcheck": {"Test": ["CMD", "ping", "-p{{secret:BOTH}}"]}},
    )
    secrets = {"TOKEN": "hidden", "BOTH": "both", "ALONE": "alone"}
    body = payload(replace(REQUEST, spec=spec, secrets=secrets))
    assert body["Env"] == ["COLOUR=blue", "BOTH=both", "ALONE=alone"]
    assert body["Labels"] == {"token": "hidden", "occ.service": "web"}
    assert body["Cmd"] == ("serve", "--pw=both")
    assert body["Healthcheck"] == {"Test": ["CMD", "ping", "-pboth"]}
