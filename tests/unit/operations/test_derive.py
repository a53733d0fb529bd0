"""What a container declares is what it has and neither its image nor its engine brought."""

from collections.abc import Mapping
from typing import Any

import pytest

from occ.domain.spec import Limits, Port, Spec
from tests.unit.operations.declaring import (
    derived,
    reread,
)


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
    "the image's user taken away": ({"User": ""}, {}, Spec(restart="no")),
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
    assert reread(found).spec == spec
