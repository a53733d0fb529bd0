"""Containers that somebody else made: adopted untouched, and made again as they were."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import inspected
from tests.box import Box
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images, build_image
from tests.testbed.machine import run
from tests.testbed.named import remove_named

# What `docker run` was told, beside name and image; NAME is the container's own.
MADE: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "env": (
        ["-e", "GREETING=a=b c", "-e", "EMPTY=", "--label", "team=core", "--hostname", "box"],
        [],
    ),
    "words": (
        ["--entrypoint", "/bin/sh", "--user", "65534:65534", "--workdir", "/tmp"],
        ["-c", "exec sleep 1000"],
    ),
    "memory": (
        ["--tmpfs", "/run:size=1m", "--tmpfs", "/data", "--shm-size", "32m", "--read-only"],
        [],
    ),
    "rights": (
        [
            *("--cap-add", "NET_ADMIN", "--cap-drop", "MKNOD", "--sysctl", "net.core.somaxconn=99"),
            *("--security-opt", "no-new-privileges", "--device", "/dev/null:/dev/nothing:r"),
            *("--ulimit", "nofile=512:1024", "--init", "--group-add", "42"),
        ],
        [],
    ),
    "networks": (
        ["--network", "NAME-front", "--ip", "10.231.90.7", "--network-alias", "shop"],
        [],
    ),
    "volumes": (
        [
            *("-v", "/etc/hostname:/etc/there:ro", "-v", "NAME-named:/named/", "-v", "/anonymous/"),
            *("--mount", "type=bind,src=/usr/share,dst=/shared,readonly,bind-propagation=private"),
            *("--mount", "type=tmpfs,dst=/small,tmpfs-size=65536"),
            *("--mount", "type=volume,src=NAME-known,dst=/known/"),
            *("--mount", "type=volume,src=NAME-made,dst=/made,volume-label=team=core"),
        ],
        [],
    ),
    "ports": (
        ["-P", "-p", "127.0.0.1::9000/udp", "--expose", "9100", "-e", "DB_PASSWORD=hunter2hunter2"],
        [],
    ),
    "limits": (
        [
            *("--memory", "200m", "--memory-reservation", "100m", "--cpus", "0.75"),
            *("--pids-limit", "64", "--cpu-shares", "512", "--blkio-weight", "300"),
            *("--restart", "on-failure:3", "--cpuset-cpus", "0", "--oom-score-adj", "200"),
        ],
        [],
    ),
    "health": (
        [
            *("--health-cmd", "true", "--health-interval", "1s", "--health-retries", "2"),
            *("--restart", "unless-stopped", "--log-driver", "json-file"),
            *("--log-opt", "max-size=1m", "--stop-signal", "SIGINT", "--stop-timeout", "3"),
            *("-i", "-t"),
        ],
        [],
    ),
    "names": (
        [
            *("--add-host", "db:10.0.0.9", "--dns", "10.0.0.53", "--dns-search", "example.test"),
            *("--dns-option", "ndots:2", "--domainname", "example.test", "--ipc", "host"),
            *("--pid", "host", "--mac-address", "02:42:ac:11:65:43"),
        ],
        [],
    ),
    "spaces": (["--cgroupns", "host", "--userns", "host", "--uts", "host"], []),
    "composed": (
        [
            *("--label", "com.docker.compose.project=shop"),
            *("--label", "com.docker.compose.service=web", "--network", "none"),
        ],
        [],
    ),
    # on the host's network the service's own port may be anybody's
    "host": (
        ["--network", "host", "--no-healthcheck", "--restart", "always"],
        ["sleep", "1000"],
    ),
    "called": (["--network", "host", "--hostname", "box"], ["sleep", "1000"]),
}


@dataclass(frozen=True)
class Twice:
    """One container as it was made, right after its adoption, and after an update."""

    name: str
    box: Box
    made: dict[str, Any]
    adopted: dict[str, Any]
    updated: dict[str, Any]
    declaration: str


@dataclass(frozen=True)
class Host:
    """An engine, through the docker command."""

    engine: PrivateEngine

    def docker(self, *words: str) -> str:
        return run(["docker", "-H", self.engine.url, *words])

    def inspect(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.docker("inspect", name))[0]
        return found


@pytest.fixture(scope="module")
def host(private_engine: PrivateEngine) -> Host:
    return Host(private_engine)


@pytest.fixture(scope="module")
def image(private_engine: PrivateEngine, images: Images) -> str:
    """A service image with all that an image may bring, that no registry has."""
    ground = images.build("good", "0.9-adopted")  # nobody else forgets this one
    text = (
        f"FROM {ground}\nENV BROUGHT=yes\nLABEL org.example.brought=1\nVOLUME /data /brought/\n"
        'WORKDIR /srv\nSTOPSIGNAL SIGTERM\nEXPOSE 3000\nCMD ["/usr/local/bin/service"]\n'
    )
    client = private_engine.client()
    tag = f"{images.host}/adopt:1"
    build_image(client, {"Dockerfile": text}, tag=tag)
    client.close()
    return tag


@pytest.fixture(scope="module")
def twice(
    host: Host, image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[Twice]]]:
    """Every container made, adopted, and replaced by an update to the same image."""
    prefix = "adopted"
    host.docker("network", "create", "--subnet", "10.231.90.0/24", f"{prefix}-networks-front")
    host.docker("network", "create", f"{prefix}-networks-back")

    folders = {case: tmp_path_factory.mktemp(case) for case in MADE}  # not for many threads

    def both(case: str) -> Twice:
        return _both(host, image, f"{prefix}-{case}", case, folders[case])

    try:
        with ThreadPoolExecutor(len(MADE)) as pool:
            yield {case: pool.submit(both, case) for case in MADE}
    finally:
        remove_named(host.engine, prefix)


def _both(host: Host, image: str, name: str, case: str, folder: Path) -> Twice:
    options, words = MADE[case]
    options = [option.replace("NAME", name) for option in options]
    host.docker("run", "-d", "--name", name, *options, image, *words)
    if case == "networks":
        host.docker("network", "connect", "--alias", "store", f"{name}-back", name)
    made = host.inspect(name)
    box = Box(folder, host.engine.url, service=name)
    (folder / "config.toml").touch()
    box.well("adopt", name, "--yes")
    adopted = host.inspect(name)
    config = folder / "config.toml"
    declaration = config.read_text()
    # a gate that is quicker changes the spec, and nothing of the container
    config.write_text(f'{declaration}\n[services.{name}.health]\nmin_healthy = "200ms"\n')
    box.well("update", "--yes")
    return Twice(name, box, made, adopted, host.inspect(name), declaration)


@pytest.mark.parametrize("case", MADE)
def test_a_container_made_again_is_equivalent(
    case: str, twice: Mapping[str, Future[Twice]]
) -> None:
    one = twice[case].result()
    assert one.updated["Id"] != one.made["Id"]
    assert one.updated["Image"] == one.made["Image"]
    assert inspected.config(one.updated) == inspected.config(one.made)
    assert inspected.host(one.updated) == inspected.host(one.made)
    assert inspected.mounts(one.updated, one.name) == inspected.mounts(one.made, one.name)
    assert inspected.ports(one.updated) == inspected.ports(one.made)
    assert inspected.networks(one.updated, one.name) == inspected.networks(one.made, one.name)


@pytest.mark.parametrize("case", MADE)
def test_an_adoption_does_not_touch_the_container(
    case: str, twice: Mapping[str, Future[Twice]]
) -> None:
    one = twice[case].result()
    for tables in (one.made, one.adopted):
        tables["State"].pop("Health", None)  # its own checks go on,
        tables["ExecIDs"] = None  # and are seen while they run
        tables["Mounts"].sort(key=lambda mount: str(mount["Destination"]))  # the engine does not
    assert one.adopted == one.made


def test_status_says_that_compose_still_counts_it(twice: Mapping[str, Future[Twice]]) -> None:
    (note,) = twice["composed"].result().box.status()["notes"]
    assert "labels of Compose (project shop, service web)" in note


def test_the_page_says_of_every_option_of_docker_run_what_becomes_of_it(host: Host) -> None:
    told = re.findall(r"^ +(?:-\w, )?(--[a-z0-9-]+)", host.docker("run", "--help"), re.MULTILINE)
    assert len(told) > 90
    page = (Path(__file__).parents[2] / "docs" / "adopting.md").read_text()
    assert [option for option in told if f"`{option}`" not in page] == []
