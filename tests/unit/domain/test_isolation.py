"""The spec of a container that runs beside the service, and what keeps one from being made."""

import pytest

from occ.domain.isolation import Allowed, isolated, refusals
from occ.domain.spec import Mount, Port, Spec, Volume
from occ.domain.values import Json

SPEC = Spec(
    ports=(Port(container=80, host=8080, address="0.0.0.0"),),
    volumes=(Volume(name="web-data", path="/data"), Volume(name="web-cache", path="/cache")),
    mounts=(Mount(source="/srv/pages", path="/pages"), Mount(source="/srv/list", path="/list")),
    env={"DB": "db", "MODE": "real"},
    labels={"traefik.enable": "true"},
    secrets=("PASSWORD",),
    restart="always",
    networks=("front", "db"),
    user="5",
    engine={
        "Init": True,
        "ExtraHosts": ["db:10.0.0.1"],
        "Dns": ["10.0.0.2"],
        "LogConfig": {"Type": "gelf"},
        "EndpointsConfig": {"front": {"Aliases": ["www"]}},
        "MacAddress": "02:42:ac:11:00:02",
    },
)
ALLOWED = Allowed(
    network="closed",
    volumes={"web-data": "copy.1", "web-cache": "copy.2", "/srv/list": "copy.3"},
    networks=("trial",),
    env={"DB": "trial-db"},
)


def test_nothing_of_the_service_is_in_it() -> None:
    beside = isolated(SPEC, ALLOWED)
    assert beside.ports == ()
    assert beside.labels == {}
    assert beside.restart == "no"
    assert beside.networks == ("closed", "trial")
    assert beside.volumes == (
        Volume(name="copy.1", path="/data"),
        Volume(name="copy.2", path="/cache"),
        Volume(name="copy.3", path="/list"),
    )
    assert beside.mounts == (Mount(source="/srv/pages", path="/pages", read_only=True),)
    assert beside.env == {"DB": "trial-db", "MODE": "real"}
    options = ["timeout:1", "attempts:1"]
    assert beside.engine == {"Init": True, "Dns": ["127.0.0.1"], "DnsOptions": options}
    assert (beside.user, beside.secrets) == ("5", ("PASSWORD",))


def test_folders_of_the_host_are_a_reason_unless_they_are_copied_or_read() -> None:
    pages = (
        'it mounts /srv/pages of the host (rehearse_binds = "ro" lets it read that)',
        'it mounts /srv/list of the host (rehearse_binds = "ro" lets it read that)',
    )
    assert refusals(SPEC, copied=frozenset(), read_only_binds=False) == pages
    copied = frozenset({"/srv/list"})
    assert refusals(SPEC, copied=copied, read_only_binds=False) == pages[:1]
    assert refusals(SPEC, copied=copied, read_only_binds=True) == ()


@pytest.mark.parametrize(
    "source",
    ["/var/run/docker.sock", "/run/podman/podman.sock", "/proc", "/sys/fs", "/dev", "/x.sock", "/"],
)
def test_ways_into_the_host_are_refused_also_for_reading(source: str) -> None:
    spec = Spec(mounts=(Mount(source=source, path="/x"),))
    assert refusals(spec, copied=frozenset(), read_only_binds=True) == (f"it mounts {source}",)


@pytest.mark.parametrize(
    ("network", "why"),
    [
        ("host", "it is on the network of its host"),
        ("container:vpn", "it is on the network of container:vpn"),
    ],
)
def test_the_network_of_somebody_else_is_refused(network: str, why: str) -> None:
    spec = Spec(networks=(network,))
    assert refusals(spec, copied=frozenset(), read_only_binds=False) == (why,)


@pytest.mark.parametrize(
    "engine",
    [
        {"Privileged": True},
        {"CapAdd": ["NET_ADMIN"]},
        {"Devices": [{"PathOnHost": "/dev/fuse"}]},
        {"DeviceRequests": [{"Count": -1}]},
        {"DeviceCgroupRules": ["c 1:3 mr"]},
        {"PidMode": "host"},
        {"IpcMode": "container:db"},
        {"UTSMode": "host"},
        {"UsernsMode": "host"},
        {"CgroupnsMode": "host"},
        {"Binds": ["/srv:/srv"]},
        {"Mounts": [{"Type": "bind", "Source": "/srv", "Target": "/srv"}]},
        {"VolumesFrom": ["db"]},
        {"SecurityOpt": ["seccomp=unconfined"]},
        {"SecurityOpt": ["label=disable"]},
        {"MaskedPaths": ["/proc/acpi"]},
        {"SomethingNew": "x"},
    ],
)
def test_an_engines_word_that_may_lead_outside_is_refused(engine: dict[str, Json]) -> None:
    (key,) = engine
    said = refusals(Spec(engine=engine), copied=frozenset(), read_only_binds=True)
    assert said == (f"engine.{key} reaches outside of it",)


@pytest.mark.parametrize(
    "engine",
    [
        {"Privileged": False},
        {"CapAdd": []},
        {"CapDrop": ["ALL"]},
        {"IpcMode": "private"},
        {"SecurityOpt": ["no-new-privileges"]},
        {"Tmpfs": {"/tmp": ""}},
        {"ShmSize": 1 << 26},
        {"Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 1024}]},
    ],
)
def test_words_that_lead_nowhere_are_no_reason(engine: dict[str, Json]) -> None:
    assert refusals(Spec(engine=engine), copied=frozenset(), read_only_binds=False) == ()
