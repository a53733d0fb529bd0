"""How far a rehearsed container reaches and what it has, asked from inside and of its engine.

The reach is tried in a network apart (tests/reach), which holds all that could be reached.
"""

import json
import os
import subprocess
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box, serves
from tests.host import client
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.network import APART
from tests.testbed.releases import OWN, chosen
from tests.testbed.waiting import until

HOST = {"host@gateway", "names@gateway"}
ALL_OF_HOST = {*HOST, "host@docker0", "host@lan", "docker0-alone", "lan-alone"}
PUBLISHED = {"published@gateway", "published@docker0", "published@lan"}
ROUTED = {*PUBLISHED, "neighbour", "old-version", "outside", "stranger"}
NAMES = {"neighbour-by-name", "old-version-by-name", "name"}
NEVER = {"loopback@gateway", "loopback@docker0"}
ANY_ADDRESS = "what listens on any address of the host but the loopback"
ALL_ADDRESSES = "what listens on all addresses of the host, through its network's gateway"


def reach(*words: str) -> Any:
    """What a run of tests/reach tells, after its own controls."""
    command = ["unshare", "--net", "--mount", sys.executable, "-m", "tests.reach", *words]
    environ = {**os.environ, APART: "1"}
    done = subprocess.run(command, env=environ, capture_output=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout.splitlines()[-1])
    everything = ALL_OF_HOST | ROUTED | NAMES
    assert set(told["tried"]) == everything | NEVER
    # Every place answers somebody: from the service's own network, or from the host.
    assert set(told["by_the_service"]) | set(told["by_the_host"]) >= everything
    assert told["status"] == 6
    return told


def seen(told: Any, at_most: set[str], unfiltered: AbstractSet[str] = frozenset()) -> set[str]:
    """All that is named for an engine before 28.0, which 20.10 reaches; 26.1 reaches less."""
    major, minor = map(int, told["engine"].split(".")[:2])
    return HOST | unfiltered if (major, minor) >= (26, 1) else at_most


@pytest.mark.docker
@pytest.mark.parametrize("engine", ["filters", "filters-nothing"])
def test_nothing_is_reached_and_nothing_is_named(engine: str) -> None:
    told = reach(*([] if engine == "filters" else ["--no-filter"]))
    assert (told["by_the_new"], told["by_the_old"]) == ([], [])
    assert "there it reaches" not in told["plan"]
    assert '"rehearsal_reaches"' not in told["doctor"]


@pytest.mark.docker
def test_who_may_not_enter_its_network_is_told_what_it_reaches() -> None:
    told = reach("--not-root")
    assert '"rehearsal_reaches"' in told["doctor"]
    if chosen() is OWN:
        assert set(told["by_the_new"]) == set(told["by_the_old"]) == seen(told, ALL_OF_HOST)
        assert ANY_ADDRESS in told["plan"]
    else:
        assert set(told["by_the_new"]) == set(told["by_the_old"]) == HOST
        assert ALL_ADDRESSES in told["plan"]


@pytest.mark.docker
def test_without_a_packet_filter_it_reaches_what_the_host_has_a_route_to() -> None:
    told = reach("--not-root", "--no-filter")
    if chosen() is OWN:
        found = seen(told, ALL_OF_HOST | ROUTED, {"published@gateway"})
        assert set(told["by_the_new"]) == set(told["by_the_old"]) == found
        assert "wherever the host has a route to" in told["plan"]
    else:
        assert set(told["by_the_new"]) == set(told["by_the_old"]) == HOST | {"published@gateway"}
        assert ALL_ADDRESSES in told["plan"]


SLOW = 'path = "/health"\nversion_field = "version"\ninterval = "100ms"\nmin_healthy = "2s"\n'


def beside(engine: PrivateEngine, box: Box) -> Any:
    """The rehearsed container as its engine tells it, while it runs."""
    found: list[str] = []

    def there() -> bool:
        with client(engine) as one:
            known = one.containers(filters={"name": f"{box.service}.occ-rehearsal-"})
        found.extend(each["Id"] for each in known)
        return bool(found)

    until(there, seconds=60, what="a rehearsed container")
    with client(engine) as one:
        return one.inspect_container(found[0])


def rehearsed(engine: PrivateEngine, box: Box) -> Any:
    """The same, of a rehearsal that passes."""
    with box.start("update", "--rehearse-only", "--yes") as running:
        told = beside(engine, box)
        _, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    return told


def test_it_has_nothing_of_the_service_but_a_copy(
    box: Box, images: Images, private_engine: PrivateEngine, port: int, tmp_path: Path
) -> None:
    own = f"{box.service}-own"
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "colour").write_text("blue")
    with client(private_engine) as one:
        one.create_network(own)
    more = (
        f'restart = "always"\nnetworks = ["{own}"]\nlabels = {{ "traefik.enable" = "true" }}\n'
        f'mounts = ["{folder}:/settings"]\nrehearse_binds = "ro"\n'
    )
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, health=SLOW, more=more)
    text = (tmp_path / "config.toml").read_text()
    extra = f'"{box.service}-data:/data", "{box.service}-cache:/cache"'
    text = text.replace(f'"{box.service}-data:/data"', extra)
    (tmp_path / "config.toml").write_text(text)
    box.well("start", "--yes")
    images.publish("good", "2.0", name=box.service)
    told = rehearsed(private_engine, box)
    host = told["HostConfig"]
    assert not host["PortBindings"]
    assert not host["PublishAllPorts"]
    assert not any((told["NetworkSettings"]["Ports"] or {}).values())
    assert host["RestartPolicy"]["Name"] in {"", "no"}
    labels = told["Config"]["Labels"]
    assert set(labels) == {"occ.journal", "occ.helper", "occ.operation", "occ.version", "occ.test"}
    assert box.service not in labels.values()
    assert set(told["NetworkSettings"]["Networks"]) == {told["Name"][1:]}
    for network in told["NetworkSettings"]["Networks"].values():
        assert set(network["Aliases"] or ()) <= {told["Id"][:12]}
    mounts = {each["Destination"]: each for each in told["Mounts"]}
    assert set(mounts) == {"/data", "/cache", "/settings"}
    assert mounts["/data"]["Name"].startswith(f"{box.service}.occ-rehearsal-")
    assert mounts["/cache"]["Name"].startswith(f"{box.service}.occ-rehearsal-")
    assert (mounts["/settings"]["Source"], mounts["/settings"]["RW"]) == (str(folder), False)
    assert serves(port) == "1.0"


def test_it_is_proven_where_it_also_joins_a_network_that_was_named(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    other = f"{box.service}-a-first"  # its name comes before that of the closed network
    with client(private_engine) as one:
        one.create_network(other)
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, health=SLOW, more=f'rehearse_networks = ["{other}"]\n')
    box.well("start", "--yes")
    images.publish("good", "2.0", name=box.service)
    plan = box.well("update", "--plan", "--rehearse", status=10).out
    assert f"it joins {other}: what it does there is done to the real one" in plan
    told = rehearsed(private_engine, box)
    assert set(told["NetworkSettings"]["Networks"]) == {other, told["Name"][1:]}


REFUSED = {
    "docker.sock": ('mounts = ["/var/run/docker.sock:/docker.sock"]', "it mounts /var/run/docker"),
    "proc": ('mounts = ["/proc:/host/proc"]', "it mounts /proc"),
    "sys": ('mounts = ["/sys:/host/sys"]', "it mounts /sys"),
    "dev": ('mounts = ["/dev/null:/dev/other"]', "it mounts /dev/null"),
    "everything": ('mounts = ["/:/host"]', "it mounts /"),
    "privileged": ("engine = { Privileged = true }", "engine.Privileged reaches outside"),
    "capability": ('engine = { CapAdd = ["NET_ADMIN"] }', "engine.CapAdd reaches outside"),
    "device": (
        'engine = { Devices = [{ PathOnHost = "/dev/null", PathInContainer = "/dev/x" }] }',
        "engine.Devices reaches outside",
    ),
    "pid": ('engine = { PidMode = "host" }', "engine.PidMode reaches outside"),
    "ipc": ('engine = { IpcMode = "host" }', "engine.IpcMode reaches outside"),
    "uts": ('engine = { UTSMode = "host" }', "engine.UTSMode reaches outside"),
    "unconfined": (
        'engine = { SecurityOpt = ["seccomp=unconfined"] }',
        "engine.SecurityOpt reaches outside",
    ),
    "volumes-from": ('engine = { VolumesFrom = ["SERVICE"] }', "engine.VolumesFrom reaches"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_leads_outside_is_refused_with_its_name(
    what: str, box: Box, images: Images, port: int
) -> None:
    words, why = REFUSED[what]
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    images.publish("good", "2.0", name=box.service)
    words = words.replace("SERVICE", box.service)
    box.configure(ref, port, more=f'{words}\nrehearse_binds = "ro"\n')
    refused = box.well("update", "--yes", "--rehearse", status=4)
    assert why in refused.err
    assert serves(port) == "1.0"


def test_a_folder_of_the_host_is_refused_unless_it_may_be_read(
    box: Box, images: Images, port: int, tmp_path: Path
) -> None:
    (tmp_path / "settings").mkdir()
    more = f'mounts = ["{tmp_path}/settings:/settings"]\n'
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, more=more)
    box.well("start", "--yes")
    images.publish("good", "2.0", name=box.service)
    refused = box.well("update", "--yes", "--rehearse", status=4)
    assert f"it mounts {tmp_path}/settings of the host" in refused.err
