"""Places, ports, networks and secrets of a container are kept; what cannot be is said."""

from typing import Any

import pytest

from occ.domain.spec import Mount, Port, Volume
from occ.engine.values import Image
from occ.operations.derive import derive
from tests.unit.operations.declaring import (
    ANONYMOUS,
    BROUGHT,
    DATA,
    ID,
    IMAGE,
    declared,
    derived,
    reread,
)


def test_volumes_and_mounts_keep_their_places_and_an_anonymous_one_gets_a_name() -> None:
    found = derived(
        {},
        {
            "Binds": ["/srv/a:/a:ro", "named:/n", "/srv/z:/z:z,ro"],
            "Mounts": [
                {
                    "Type": "bind",
                    "Source": "/s",
                    "Target": "/s",
                    "BindOptions": {"Propagation": "rshared"},
                },
                {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 9}},
                {"Type": "volume", "Source": "other", "Target": "/o", "VolumeOptions": {}},
            ],
        },
        (
            {"Type": "volume", "Name": "named", "Destination": "/n", "RW": True},
            {"Type": "bind", "Source": "/srv/a", "Destination": "/a", "RW": False},
            DATA,
            {"Type": "volume", "Name": "other", "Destination": "/o", "RW": True},
            {"Type": "bind", "Source": "/s", "Destination": "/s", "RW": True},
            {"Type": "bind", "Source": "/srv/z", "Destination": "/z", "RW": False},
            {"Type": "tmpfs", "Destination": "/t"},
        ),
    )
    assert found.spec.mounts == (Mount(source="/srv/a", path="/a", read_only=True),)
    assert found.spec.volumes == (
        Volume(name="web.data", path="/data"),
        Volume(name="named", path="/n"),
        Volume(name="other", path="/o"),
    )
    assert found.copies == {ANONYMOUS: "web.data"}
    assert found.spec.engine["Binds"] == ["/srv/z:/z:z,ro"]
    mounts = found.spec.engine["Mounts"]
    assert isinstance(mounts, list)
    assert [one["Target"] for one in mounts if isinstance(one, dict)] == ["/s", "/t"]
    assert all(found.spec.covers(path) for path in ("/a", "/data", "/n", "/o", "/s", "/t", "/z"))
    assert reread(found).spec == found.spec


def test_the_name_for_an_anonymous_volume_is_one_that_nobody_has() -> None:
    there = declared(mounts=(DATA,))
    found = derive(there, "web", free=lambda name: name == "web.data.3")
    assert found.copies == {ANONYMOUS: "web.data.3"}


def test_volumes_from_another_container_are_named_and_never_copied() -> None:
    found = derived({}, {"VolumesFrom": ["other"]}, (DATA,))
    assert found.copies == {}
    assert found.spec.volumes == (Volume(name=ANONYMOUS, path="/data"),)


def test_a_random_port_is_pinned_to_the_one_in_use_and_refused_when_there_is_none() -> None:
    host = {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "0"}]}, "PublishAllPorts": True}
    bound = {
        "80/tcp": [
            {"HostIp": "0.0.0.0", "HostPort": "49153"},
            {"HostIp": "::", "HostPort": "49153"},
        ]
    }
    found = derived({}, host, bound=bound)
    assert found.spec.ports == (Port(container=80, host=49153, address="*"),)
    assert reread(found).spec == found.spec
    assert "pinned to 49153" in found.notes[0]
    stopped = derived({}, {**host, "PortBindings": {}}, state="exited")
    assert "start it" in stopped.obstacles[0]


def test_all_networks_are_kept_with_addresses_and_names() -> None:
    found = derive(
        declared(
            {},
            {"NetworkMode": "front"},
            networks={
                "back": {"Aliases": [ID[:12], "db"], "IPAMConfig": {"IPv4Address": "10.9.0.7"}},
                "front": {"Aliases": None, "IPAMConfig": None},
            },
        ),
        "shop",
        free=lambda _: True,
    )
    assert found.spec.networks == ("front", "back")
    assert found.spec.engine["EndpointsConfig"] == {
        "front": {"Aliases": ["web"]},
        "back": {"IPAMConfig": {"IPv4Address": "10.9.0.7"}, "Aliases": ["web", "db"]},
    }
    assert found.notes == (
        "in network front it is still found as web, beside shop",
        "in network back it is still found as web, beside shop",
    )
    assert reread(found).spec == found.spec


def test_secrets_are_taken_out_of_variables_and_words() -> None:
    found = derive(
        declared(
            {
                "Env": [
                    "DB_PASSWORD=hunter2",
                    "URL=postgres://u:hunter3@db/x",
                    "PLAIN=yes",
                    "LOGIN=hunter4",
                    "EMPTY_TOKEN=",
                ],
                "Cmd": ["serve", "--password=hunter5", "--api-token", "hunter6"],
                "Labels": {"api-token": "hunter7"},
            }
        ),
        "web",
        secret=("LOGIN",),
        free=lambda _: True,
    )
    assert found.spec.env == {"PLAIN": "yes", "EMPTY_TOKEN": ""}
    assert found.spec.command == (
        "serve",
        "--password={{secret:PASSWORD}}",
        "--api-token",
        "{{secret:COMMAND_SECRET}}",
    )
    assert found.secrets == {
        "DB_PASSWORD": "hunter2",
        "URL": "postgres://u:hunter3@db/x",
        "LOGIN": "hunter4",
        "PASSWORD": "hunter5",
        "COMMAND_SECRET": "hunter6",
        "API_TOKEN": "hunter7",
    }
    assert found.spec.labels == {"api-token": "{{secret:API_TOKEN}}"}
    assert found.spec.secrets == tuple(found.secrets)
    assert "hunter" not in repr(found)
    assert reread(found).spec == found.spec


@pytest.mark.parametrize(
    ("config", "host", "says"),
    [
        ({}, {"AutoRemove": True}, "--rm"),
        ({}, {"Links": ["/db:/web/db"]}, "--link"),
        ({}, {"NetworkMode": "container:abc"}, "network of another container"),
        ({"Env": ["LANG"]}, {}, "takes the image's variable LANG away"),
        ({"StopTimeout": -1}, {}, "for ever"),
        ({"Labels": {"com.docker.swarm.task.id": "x"}}, {}, "Swarm looks after it"),
    ],
)
def test_what_cannot_be_carried_is_an_obstacle_with_its_reason(
    config: dict[str, Any], host: dict[str, Any], says: str
) -> None:
    assert says in " ".join(derived(config, host).obstacles)


@pytest.mark.parametrize(
    ("asked", "image", "reference"),
    [
        ("nginx", IMAGE, "nginx:latest"),
        ("4f5b4f5b4f5b", IMAGE, "example.test/web:1"),
        ("sha256:" + "1" * 64, Image(id="x"), ""),
    ],
)
def test_an_image_asked_for_by_id_is_known_by_its_tag(
    asked: str, image: Image, reference: str
) -> None:
    assert derived({"Image": asked}, image=image).reference == reference


def test_a_secret_within_a_config_that_is_a_variable_is_taken_out() -> None:
    content = '{"provider":{"x":{"options":{"apiKey":"hunter2"}}}}'
    found = derived({"Env": [f"OPENCODE_CONFIG_CONTENT={content}", "REQUIRE_PASSWORD=hunter3"]})
    assert found.spec.env == {}
    assert found.secrets == {"OPENCODE_CONFIG_CONTENT": content, "REQUIRE_PASSWORD": "hunter3"}
    assert "hunter" not in repr(found)
    assert reread(found).spec == found.spec


def test_a_name_of_a_secret_that_is_no_variable_is_an_obstacle() -> None:
    there = declared({"Env": ["DB_PIN=12=34", "EMPTY=", *BROUGHT["Env"]]})
    named = ("DB_PIN", "DB_PIM", "EMPTY", "PATH")
    found = derive(there, "web", secret=named, free=lambda _: True)
    assert found.obstacles == (
        "it has no variable DB_PIM of its own",
        "it has no variable PATH of its own",
    )
    assert found.secrets == {"DB_PIN": "12=34"}


@pytest.mark.parametrize(
    ("address", "kept", "noted"),
    [
        ("00:16:3e:11:22:33", True, False),  # a factory's: somebody chose it
        ("02:42:0a:09:00:07", False, False),  # made of its address
        ("7e:11:22:33:44:55", False, True),  # made up, by the engine or by somebody
        ("", False, False),
        ("odd", False, False),
    ],
)
def test_a_hardware_address_in_a_further_network(address: str, kept: bool, noted: bool) -> None:
    back = {"MacAddress": address, "IPAddress": "10.9.0.7"}
    front = {"MacAddress": "7e:00:00:00:00:01", "IPAddress": "10.8.0.7"}
    there = declared({}, {"NetworkMode": "front"}, networks={"front": front, "back": back})
    found = derive(there, "web", free=lambda _: True)
    own = {"EndpointsConfig": {"back": {"MacAddress": address}}} if kept else {}
    assert found.spec.engine == own
    said = [note for note in found.notes if "hardware address" in note]
    assert len(said) == noted
    assert all(f"({address} in back) is not carried" in note for note in said)


def test_hardware_addresses_that_may_be_anybodys_are_told_in_one_note() -> None:
    made_up = ("7e:11:22:33:44:55", "7e:11:22:33:44:56")
    joined = {f"n{n}": {"MacAddress": a, "IPAddress": f"10.9.{n}.7"} for n, a in enumerate(made_up)}
    there = declared({}, {"NetworkMode": "front"}, networks={"front": {}, **joined})
    found = derive(there, "web", free=lambda _: True)
    (note,) = (note for note in found.notes if "hardware" in note)
    assert note == (
        "its hardware address (7e:11:22:33:44:55 in n0, 7e:11:22:33:44:56 in n1) is not carried: "
        "the engine does not tell whether somebody chose it; MacAddress in EndpointsConfig would "
        "keep it"
    )
