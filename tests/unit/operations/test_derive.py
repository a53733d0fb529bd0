"""What a container declares is what it has and neither its image nor its engine brought."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from occ.domain.spec import Limits, Mount, Port, Spec, Volume
from occ.engine.values import Container, Declared, Image
from occ.operations.derive import Derived, derive
from occ.settings import service as services
from occ.settings.model import Service
from occ.settings.node import Node, Source
from occ.settings.write import table_of

ID = "4f5b" * 16
ANONYMOUS = "ab" * 32
BROUGHT: Mapping[str, Any] = {
    "Env": ["PATH=/bin", "LANG=C"],
    "Cmd": ["serve"],
    "Entrypoint": ["/entry"],
    "WorkingDir": "/srv",
    "User": "app",
    "Labels": {"org.example.base": "1"},
    "ExposedPorts": {"80/tcp": {}},
    "Volumes": {"/data": {}},
    "StopSignal": "SIGQUIT",
    "Healthcheck": {"Test": ["CMD", "true"], "Interval": 30},
}
# What engine 20.10 tells of a container of which nothing was said.
PLAIN_CONFIG: Mapping[str, Any] = {
    "Hostname": ID[:12],
    "Domainname": "",
    "AttachStdout": True,
    "Tty": False,
    "Image": "example.test/web:1",
    **BROUGHT,
}
PLAIN_HOST: Mapping[str, Any] = {
    "Binds": None,
    "LogConfig": {"Type": "json-file", "Config": {}},
    "NetworkMode": "default",
    "PortBindings": {},
    "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    "CgroupnsMode": "host",
    "IpcMode": "private",
    "Dns": [],
    "OomScoreAdj": 0,
    "Runtime": "runc",
    "ConsoleSize": [0, 0],
    "ShmSize": 67108864,
    "MemorySwappiness": None,
    "OomKillDisable": False,
    "PidsLimit": None,
    "MaskedPaths": ["/proc/asound", "/proc/kcore"],
    "ReadonlyPaths": ["/proc/bus", "/proc/sysrq-trigger"],
}
IMAGE = Image(
    id="sha256:one",
    references=("example.test/web:1",),
    digests=("example.test/web@sha256:" + "1" * 64,),
    volumes=("/data",),
)
DATA = {
    "Type": "volume",
    "Name": ANONYMOUS,
    "Destination": "/data",
    "RW": True,
}


def declared(
    config: Mapping[str, Any] | None = None,
    host: Mapping[str, Any] | None = None,
    mounts: tuple[Mapping[str, Any], ...] = (),
    state: Any = "running",
    **more: Any,
) -> Declared:
    labels = {**PLAIN_CONFIG, **(config or {})}["Labels"]
    container = Container(id=ID, name="web", image="sha256:one", state=state, labels=labels)
    return Declared(
        container=container,
        config={**PLAIN_CONFIG, **(config or {})},
        host={**PLAIN_HOST, **(host or {})},
        mounts=mounts,
        **{
            "networks": {"bridge": {"Aliases": None}},
            "image": IMAGE,
            "image_config": BROUGHT,
            "usual": {"CgroupnsMode": "host", "Runtime": "runc", "LogDriver": "json-file"},
            **more,
        },
    )


def derived(*args: Any, **more: Any) -> Derived:
    return derive(declared(*args, **more), "web", free=lambda _: True)


def test_of_a_container_of_which_nothing_was_said_nothing_is_declared() -> None:
    found = derived()
    assert found.spec == Spec(restart="no")
    assert (found.reference, found.pull) == ("example.test/web:1", "always")
    assert (found.notes, found.obstacles, found.secrets, found.copies) == ((), (), {}, {})


CASES: Mapping[str, tuple[dict[str, Any], dict[str, Any], Spec]] = {
    "env": (
        {"Env": ["LANG=de", "A=1=2", "PATH=/bin"]},
        {},
        Spec(restart="no", env={"LANG": "de", "A": "1=2"}),
    ),
    "labels": (
        {"Labels": {"org.example.base": "1", "team": "a", "occ.journal": "other"}},
        {},
        Spec(restart="no", labels={"team": "a"}),
    ),
    "command": ({"Cmd": ["serve", "-v"]}, {}, Spec(restart="no", command=("serve", "-v"))),
    "entrypoint": (
        {"Entrypoint": ["sh", "-c"], "Cmd": ["serve"]},
        {},
        Spec(restart="no", entrypoint=("sh", "-c"), command=("serve",)),
    ),
    "entrypoint alone": (
        {"Entrypoint": ["/entry"], "Cmd": None},
        {},
        Spec(restart="no", entrypoint=("/entry",)),
    ),
    "no entrypoint": (
        {"Entrypoint": None, "Cmd": ["ls"]},
        {},
        Spec(restart="no", entrypoint=("",), command=("ls",)),
    ),
    "user and workdir": (
        {"User": "1:2", "WorkingDir": "/tmp"},
        {},
        Spec(restart="no", user="1:2", engine={"WorkingDir": "/tmp"}),
    ),
    "hostname": ({"Hostname": "box"}, {}, Spec(restart="no", engine={"Hostname": "box"})),
    "healthcheck": (
        {"Healthcheck": {"Test": ["CMD", "true"], "Interval": 5}},
        {},
        Spec(restart="no", engine={"Healthcheck": {"Interval": 5}}),
    ),
    "limits": (
        {},
        {"Memory": 1 << 28, "MemorySwap": 1 << 29, "NanoCpus": 1_500_000_000, "PidsLimit": 9},
        Spec(restart="no", limits=Limits(memory_bytes=1 << 28, nano_cpus=1_500_000_000, pids=9)),
    ),
    "swap": (
        {},
        {"Memory": 1 << 28, "MemorySwap": -1},
        Spec(restart="no", limits=Limits(memory_bytes=1 << 28), engine={"MemorySwap": -1}),
    ),
    "stop": (
        {"StopTimeout": 90, "StopSignal": "SIGINT"},
        {},
        Spec(restart="no", stop_timeout_ms=90_000, engine={"StopSignal": "SIGINT"}),
    ),
    "privileged": (
        {},
        {
            "Privileged": True,
            "SecurityOpt": ["label=disable"],
            "MaskedPaths": None,
            "ReadonlyPaths": None,
        },
        Spec(restart="no", engine={"Privileged": True}),
    ),
    "nothing masked": (
        {},
        {"MaskedPaths": [], "ReadonlyPaths": []},
        Spec(restart="no", engine={"MaskedPaths": [], "ReadonlyPaths": []}),
    ),
    "host words": (
        {},
        {
            "CapAdd": ["NET_ADMIN"],
            "Ulimits": [{"Name": "nofile", "Hard": 9, "Soft": 8}],
            "Init": False,
            "Tmpfs": {"/run": "size=1m"},
            "DeviceRequests": [{"Count": -1, "DeviceIDs": None}],
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
        },
        Spec(
            restart="no",
            engine={
                "CapAdd": ["NET_ADMIN"],
                "DeviceRequests": [{"Count": -1}],
                "Init": False,
                "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
                "Tmpfs": {"/run": "size=1m"},
                "Ulimits": [{"Name": "nofile", "Hard": 9, "Soft": 8}],
            },
        ),
    ),
    "ports": (
        {"ExposedPorts": {"80/tcp": {}, "443/tcp": {}, "9000/udp": {}}},
        {
            "PortBindings": {
                "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
                "443/tcp": [{"HostIp": "", "HostPort": "8443"}],
            }
        },
        Spec(
            restart="no",
            ports=(
                Port(container=80, host=8080),
                Port(container=443, host=8443, address="*"),
            ),
            engine={"ExposedPorts": {"9000/udp": {}}},
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_was_said_is_declared_and_nothing_else(name: str) -> None:
    config, host, spec = CASES[name]
    found = derived(config, host)
    assert (found.spec, found.obstacles) == (spec, ())
    assert _reread(found).spec == spec


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
            {"Type": "bind", "Source": "/srv/a", "Destination": "/a", "RW": False},
            DATA,
            {"Type": "volume", "Name": "named", "Destination": "/n", "RW": True},
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
    assert _reread(found).spec == found.spec


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
    assert _reread(found).spec == found.spec
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
    assert _reread(found).spec == found.spec


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
    }
    assert found.spec.secrets == tuple(found.secrets)
    assert "hunter" not in repr(found)
    assert "label api-token looks like a secret and is left out" in found.notes
    assert _reread(found).spec == found.spec


@pytest.mark.parametrize(
    ("config", "host", "says"),
    [
        ({}, {"AutoRemove": True}, "--rm"),
        ({}, {"Links": ["/db:/web/db"]}, "--link"),
        ({}, {"NetworkMode": "container:abc"}, "network of another container"),
        ({"Env": ["LANG"]}, {}, "takes the image's variable LANG away"),
        ({"Env": ["TOKEN=a\nb"]}, {}, "TOKEN has a line break"),
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


def _reread(found: Derived) -> Service:
    """The config's own reader on what would be written."""
    service = Service(
        name="web",
        reference=found.reference,
        spec=found.spec,
        secrets_file=Path("/x/web.secrets") if found.secrets else None,
    )
    source = Source(Path("/x/config.toml"))
    return services.read(Node(source, ("services", "web"), table_of(service)))
