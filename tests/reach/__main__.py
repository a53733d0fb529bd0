"""The host of tests/reach: prints, as JSON, what the plan named and what was reached from where."""

import argparse
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import docker

from tests.another_user import be_another_user
from tests.box import Box, Done
from tests.forked import forked
from tests.host import inside
from tests.reach import places
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import run
from tests.testbed.registry import Registry

SERVICE, NEIGHBOUR, STRANGER = "web", "db", "shop"
NETWORK = "web-net"
PORT, PUBLISHED = 7_100, 7_101

# Tries every place at once; GATE is the gateway of the container's own network, or would be.
SCRIPT = r"""
gate=$(busybox ip route | busybox awk '/^default/ { print $3 }')
[ "$gate" ] || gate=$(busybox ip route | busybox awk '/scope link/ { split($1, a, /[.\/]/)
    print a[1] "." a[2] "." a[3] "." a[4] + 1; exit }')
page() { busybox timeout 3 busybox wget -q -O /dev/null "http://$2/health" && echo "reached $1"; }
name() { busybox timeout 3 busybox nslookup NAME $2 >/dev/null && echo "reached $1"; }
{ TRIES
wait; } 2>/dev/null
echo "tried all"
exit 1
"""


def tries(engine: PrivateEngine, addresses: Mapping[str, str]) -> dict[str, str]:
    """Each place by its name, with the words of the shell that try it."""
    bridge = engine.bridge.address.partition("/")[0]
    host = {"gateway": "$gate", "docker0": bridge, "lan": places.LAN}
    pages = {
        **{f"host@{name}": f"{at}:{places.PORT}" for name, at in host.items()},
        **{f"published@{name}": f"{at}:{PUBLISHED}" for name, at in host.items()},
        "docker0-alone": f"{bridge}:{places.ONE_PORT}",
        "lan-alone": f"{places.LAN}:{places.LAN_PORT}",
        "loopback@gateway": f"$gate:{places.LOOPBACK_PORT}",
        "loopback@docker0": f"{bridge}:{places.LOOPBACK_PORT}",
        "stranger": f"{addresses[STRANGER]}:3000",
        "neighbour": f"{addresses[NEIGHBOUR]}:3000",
        "neighbour-by-name": f"{NEIGHBOUR}:3000",
        "old-version": f"{addresses[SERVICE]}:3000",
        "old-version-by-name": f"{SERVICE}:3000",
        "outside": f"{places.OUTSIDE}:{places.PORT}",
    }
    names = {"name": "", "names@gateway": "$gate"}
    return {
        **{name: f"page {name} {at}" for name, at in pages.items()},
        **{name: f"name {name} {at}" for name, at in names.items()},
    }


@contextmanager
def host(*, filters: bool) -> Iterator[tuple[PrivateEngine, Images]]:
    """The host with all its listeners."""
    run(["ip", "link", "set", "lo", "up"])
    with (
        places.outside(),
        places.names_from_outside(),
        PrivateEngine(filters=filters) as engine,
        Registry() as registry,
    ):
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        places.listen("0.0.0.0", places.PORT)
        places.listen(engine.bridge.address.partition("/")[0], places.ONE_PORT)
        places.listen(places.LAN, places.LAN_PORT)
        places.listen("127.0.0.1", places.LOOPBACK_PORT)
        places.tell_names()
        yield engine, Images(engine, registry)


def strangers(client: docker.APIClient, image: str) -> dict[str, str]:
    """Two other containers, in the service's network and with a published port; their addresses."""
    client.create_network(NETWORK)
    in_it = client.create_host_config(network_mode=NETWORK)
    published = client.create_host_config(port_bindings={3000: PUBLISHED})
    client.create_container(image, name=NEIGHBOUR, host_config=in_it)
    client.create_container(image, name=STRANGER, host_config=published, ports=[3000])
    for name in (NEIGHBOUR, STRANGER):
        client.start(name)
    return {name: address(client, name) for name in (NEIGHBOUR, STRANGER)}


def address(client: docker.APIClient, name: str) -> str:
    """The address of a container in its only network."""
    networks = client.inspect_container(name)["NetworkSettings"]["Networks"]
    return str(next(iter(networks.values()))["IPAddress"])


def reached(said: str) -> list[str]:
    """The places that a script says it has reached."""
    return sorted(set(re.findall(r"reached (\S+)", said)))


def by_the_host(places_known: Mapping[str, str]) -> list[str]:
    """Those of these addresses that answer the host itself."""
    said = (
        name
        for name, at in places_known.items()
        if run(["busybox", "wget", "-q", "-O", "-", f"http://{at}/health"])
    )
    return sorted(said)


def typed(box: Box, *words: str, root: bool) -> Done:
    """A command of root, or of somebody else who may ask the engine."""
    return forked(box, *words, before=(lambda: None) if root else be_another_user)


def tried(engine: PrivateEngine, images: Images, folder: Path, *, root: bool) -> dict[str, Any]:
    """A service runs, a version of it is rehearsed: what the plan said, and what was reached."""
    client = engine.client()
    addresses = strangers(client, images.build("good", "1.0"))
    box = Box(folder, engine.url, service=SERVICE)
    person = partial(typed, box, root=root)
    ref = images.publish("good", "1.0", name=SERVICE, forget=False).ref
    box.configure(ref, PORT, more=f'networks = ["{NETWORK}"]\n')
    # The journal is made by root: whoever is not root may not read the scripts that come with occ.
    started = typed(box, "start", "--yes", root=True)
    assert started.status == 0, started
    if not root:
        engine.socket.chmod(0o666)
        engine.folder.chmod(0o711)
        for one in (folder, *folder.rglob("*")):
            os.chown(one, 65_534, 65_534)
        (folder / "config.toml").chmod(0o644)
    addresses[SERVICE] = address(client, SERVICE)
    words = tries(engine, addresses)
    script = SCRIPT.replace("NAME", places.NAME)
    script = script.replace("TRIES", "\n".join(f"{one} &" for one in words.values()))
    known = {"stranger": f"{addresses[STRANGER]}:3000"}
    check = json.dumps(["sh", "-c", script])
    rehearsed = f"rehearse = true\nrehearse_check = {check}\n"
    box.configure(ref, PORT, more=f'networks = ["{NETWORK}"]\n{rehearsed}')
    images.publish("good", "2.0", name=SERVICE)
    plan = person("update", "--plan", "--rehearse")
    done = person("update", "--yes", "--rehearse-only")
    control, _, new = done.err.partition("the new one:")
    assert "tried all" in control, done
    assert "tried all" in new, done
    return {
        "engine": client.version()["Version"],
        "tried": sorted(words),
        "plan": plan.out,
        "doctor": person("doctor", "-o", "json").out,
        "status": done.status,
        "by_the_service": reached(inside(engine, SERVICE, script)),
        "by_the_host": by_the_host({"published": f"127.0.0.1:{PUBLISHED}", **known}),
        "by_the_new": reached(new),
        "by_the_old": reached(control),
    }


def main() -> None:
    """Have it tried."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-filter", action="store_true")
    parser.add_argument("--not-root", action="store_true")
    asked = parser.parse_args()
    with host(filters=not asked.no_filter) as (engine, images), tempfile.TemporaryDirectory() as at:
        print(json.dumps(tried(engine, images, Path(at), root=not asked.not_root)))


if __name__ == "__main__":
    main()
