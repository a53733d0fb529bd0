"""Options of `docker run`, several at a time: nothing of them is lost in a whole life with occ."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from occ.domain.engine_keys import CONFIG_KEYS, HOST_KEYS
from tests import inspected
from tests.box import Box
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images, build_image
from tests.testbed.machine import run
from tests.testbed.named import remove_named

# The fields of an inspect answer that are no keys under `engine`, each with what says it.
CONFIG_ELSEWHERE: Final = {
    **dict.fromkeys(("AttachStdin", "AttachStdout", "AttachStderr"), "the terminal of docker run"),
    "Cmd": "command",
    "Entrypoint": "entrypoint",
    "Env": "env, secrets",
    "Image": "image",
    "Labels": "labels",
    "StopTimeout": "stop_timeout",
    "User": "user",
    "Volumes": "volumes",
    "OnBuild": "of an image, for its builds",
    "ArgsEscaped": "of Windows",
}
HOST_ELSEWHERE: Final = {
    "AutoRemove": "refused",
    "ConsoleSize": "the terminal of docker run",
    "ContainerIDFile": "a file that docker run wrote",
    "Isolation": "of Windows",
    **dict.fromkeys(("CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth"), "Windows"),
    "Memory": "limits",
    "NanoCpus": "limits",
    "NetworkMode": "networks",
    "PidsLimit": "limits",
    "PortBindings": "ports",
    "PublishAllPorts": "ports",
    "RestartPolicy": "restart",
}
NETWORK: Final = {
    **dict.fromkeys(("IPAMConfig", "Aliases", "DriverOpts"), "engine.EndpointsConfig"),
    "Links": "refused",
    **dict.fromkeys(("NetworkID", "EndpointID", "Gateway", "IPAddress"), "as it is now"),
    **dict.fromkeys(("IPPrefixLen", "IPv6Gateway", "GlobalIPv6Address"), "as it is now"),
    **dict.fromkeys(("GlobalIPv6PrefixLen", "MacAddress"), "as it is now"),
}

# Each can stand beside every other; NAME is the container's own.
OPTIONS: Final[Sequence[Sequence[str]]] = (
    ("-e", 'JSON={"a": ["b\'c", 1]}', "-e", "HOME_TEXT=$HOME ${X} 'q'"),
    ("-e", "LINES=one\ntwo\n", "-e", "WIDE=Zürich 日本", "-e", "EMPTY="),
    ("-e", "DB_PASSWORD=Pq7-long-88zz", "--label", "told=x Pq7-long-88zz y"),
    ("-e", 'QUOTED_TOKEN="x y"', "-e", "TLS_KEY=-----BEGIN-----\nab\n"),
    ("--label", "lines=one\n two", "--label", "homepage.widget.key={{HOMEPAGE_VAR_KEY}}"),
    ("--label", "api.token=Lb5-long-77yy", "--label", "café=ü"),
    ("--health-cmd", "true --pass Hc4-long-66xx", "--health-interval", "1s"),
    ("--log-driver", "json-file", "--log-opt", "max-size=1m", "--log-opt", "tag=a-{{.Name}}"),
    ("--cap-add", "NET_ADMIN", "--cap-drop", "MKNOD"),
    ("--device", "/dev/null:/dev/nothing:r", "--device-cgroup-rule", "c 1:3 r"),
    ("--ulimit", "nofile=512:1024", "--ulimit", "core=0"),
    ("--sysctl", "net.core.somaxconn=99"),
    ("--tmpfs", "/run:size=1m,mode=755", "--shm-size", "32m"),
    ("--add-host", "db:10.0.0.9", "--dns", "10.0.0.53", "--dns-search", "example.test"),
    ("--hostname", "box", "--domainname", "example.test"),
    ("--memory", "200m", "--memory-swap", "300m", "--memory-reservation", "100m"),
    ("--cpus", "0.75", "--cpu-shares", "512", "--cpuset-cpus", "0"),
    ("--pids-limit", "64", "--oom-score-adj", "200", "--blkio-weight", "300"),
    ("-v", "/usr/share:/shared:ro,private", "-v", "NAME-named:/named"),
    ("--mount", "type=bind,src=/etc,dst=/told,readonly,bind-propagation=private"),
    ("--mount", "type=volume,src=NAME-made,dst=/made,volume-label=team=core"),
    ("--network", "NAME-a", "--ip", "10.231.SUB.7", "--ip6", "fd00:SUB::7"),
    ("--network-alias", "shop", "--mac-address", "02:42:ac:11:65:43", "--network", "NAME-a"),
    ("-p", "127.0.0.1::3000", "-p", "127.0.0.1::3001-3002", "--expose", "9100-9101"),
    ("--restart", "on-failure:3", "--stop-signal", "SIGTERM", "--stop-timeout", "3"),
    ("--init", "--read-only", "--group-add", "42", "-t", "-i"),
    ("--user", "0:0", "--workdir", "/tmp", "--security-opt", "no-new-privileges"),
    ("--ipc", "host", "--pid", "host", "--uts", "host", "--cgroupns", "host"),
)
# Of each of these pairs a container has one: the engine refuses both, or keeps one alone.
APART: Final = (("--hostname", "--uts"), ("--shm-size", "--ipc"), ("--ip", "--network-alias"))

# The steps of a life, each with the image that the tag leads to and the exit status.
LIFE: Final[Sequence[tuple[tuple[str, ...], str, int]]] = (
    (("adopt", "NAME", "--yes"), "", 0),
    (("update", "--yes"), "two", 0),
    (("update", "--yes"), "broken", 6),
    (("rollback", "--yes", "--to", "1"), "", 0),
    (("forget", "--yes"), "", 0),
)


@dataclass(frozen=True)
class Host:
    """The docker command on the shared engine, and three images of one service."""

    url: str
    images: Mapping[str, str]

    def docker(self, *words: str) -> str:
        return run(["docker", "-H", self.url, *words]).strip()

    def inspect(self, name: str) -> dict[str, Any]:
        return inspected.of(self.docker("inspect", name))


@pytest.fixture(scope="module")
def host(private_engine: PrivateEngine, images: Images) -> Host:
    """`two` differs from `one` by a file alone, `broken` has no program to start."""
    client = private_engine.client()
    one = images.build("good", "0.8-optioned")
    lines = {"one": "", "two": "RUN touch /two\n", "broken": "RUN rm /usr/local/bin/service\n"}
    built = {
        name: build_image(client, {"Dockerfile": f"FROM {one}\n{line}"})
        for name, line in lines.items()
    }
    client.close()
    return Host(private_engine.url, built)


@pytest.fixture
def prefix(host: Host, private_engine: PrivateEngine) -> Iterator[str]:
    name = "optioned"
    yield name
    remove_named(private_engine, name)


def chosen(seed: int, wanted: int) -> list[Sequence[str]]:
    """Options of a container: so many, no two of which exclude each other."""
    mixed = random.Random(seed)
    taken: list[Sequence[str]] = []
    for option in mixed.sample(OPTIONS, len(OPTIONS)):
        words = {word for one in (*taken, option) for word in one}
        if len(taken) < wanted and not any(words.issuperset(pair) for pair in APART):
            taken.append(option)
    return taken


def lost(host: Host, name: str, number: int, folder: Path, options: Sequence[Sequence[str]]) -> Any:
    """Each step of a life after which the container was another one than it was made as."""
    sub = str(100 + number)
    words = [w.replace("NAME", name).replace("SUB", sub) for option in options for w in option]
    subnets = ("--subnet", f"10.231.{sub}.0/24", "--ipv6", "--subnet", f"fd00:{sub}::/64")
    host.docker("network", "create", *subnets, f"{name}-a")
    host.docker("tag", host.images["one"], f"occ.test/{name}:1")
    host.docker("run", "-d", "--name", name, *words, f"occ.test/{name}:1")
    made, found = inspected.shape(host.inspect(name), name), {}
    box = Box(folder, host.url, service=name, forked=True)
    for step, image, status in LIFE:
        if image:
            host.docker("tag", host.images[image], f"occ.test/{name}:1")
        done = box.occ(*(word.replace("NAME", name) for word in step), timeout=300)
        now = inspected.shape(host.inspect(name), name)
        if done.status != status:
            found[step] = done.out + done.err
        elif now != made:
            found[step] = inspected.difference(made, now)
        config = folder / "config.toml"
        if step[0] == "adopt" and config.exists():
            quick = f'\n[services.{name}.health]\nmin_healthy = "200ms"\ntimeout = "5s"\n'
            config.write_text(config.read_text() + quick)
    return found and {"options": options, "lost": found}


def lives(
    host: Host, prefix: str, folder: Callable[[str], Path], seeds: Sequence[int], wanted: int
) -> list[Any]:
    """The lives in which something was lost."""
    with ThreadPoolExecutor(4) as pool:
        begun = [
            pool.submit(
                lost, host, f"{prefix}-{seed}", seed % 100, folder(str(seed)), chosen(seed, wanted)
            )
            for seed in seeds
        ]
        return [found for one in begun if (found := one.result())]


def test_every_field_that_the_engine_tells_has_a_place(host: Host, prefix: str) -> None:
    host.docker("network", "create", f"{prefix}-net")
    host.docker(
        *("create", "--name", prefix, "--network", f"{prefix}-net", "--ip", "10.0.0.1"),
        *("--health-cmd", "true", "--stop-timeout", "3", "--mac-address", "02:42:ac:11:65:44"),
        *("--init", "--tmpfs", "/run", "--sysctl", "net.core.somaxconn=99", host.images["one"]),
    )
    there = host.inspect(prefix)
    assert set(there["Config"]) <= {*CONFIG_KEYS, *CONFIG_ELSEWHERE}
    assert set(there["HostConfig"]) <= {*HOST_KEYS, *HOST_ELSEWHERE}
    for endpoint in there["NetworkSettings"]["Networks"].values():
        assert set(endpoint) <= set(NETWORK)


def test_nothing_is_lost_of_many_options_at_once(
    host: Host, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Together these draws hold every option."""
    seeds = (3, 4, 5)
    held = {option for seed in seeds for option in chosen(seed, 20)}
    assert held == set(OPTIONS)
    assert lives(host, prefix, tmp_path_factory.mktemp, seeds, 20) == []


@pytest.mark.campaign
@pytest.mark.timeout(7200)
def test_nothing_is_lost_of_any_draw_of_options(
    host: Host, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seeds = range(10, 90)
    assert lives(host, prefix, tmp_path_factory.mktemp, seeds, 9) == []
