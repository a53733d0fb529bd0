"""A container keeps a name that no service can have, and is found by it in its network."""

from contextlib import closing

from tests.box import Box, serves
from tests.findings import findings
from tests.host import client, inside
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import run

QUICK = '\n[services.{}.health]\npath = "/health"\nmin_healthy = "200ms"\n'


def test_a_container_keeps_a_name_that_no_service_can_have(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service, forget=False).ref
    called, peer, net = f"{box.service}__A5", f"{box.service}-peer", f"{box.service}-net"
    config = box.folder / "config.toml"

    def docker(*words: str) -> str:
        return run(["docker", "-H", private_engine.url, *words]).strip()

    def names() -> list[str]:
        """The containers with the service's name in theirs, but for the peer."""
        with closing(private_engine.client()) as there:
            found = there.containers(all=True, filters={"name": box.service})
        return sorted({c["Names"][0].removeprefix("/") for c in found} - {peer})

    def found_as(*hosts: str) -> list[str]:
        """Those names under which a container beside it finds it."""
        told = (inside(private_engine, peer, f"busybox nslookup {host}") for host in hosts)
        return [host for host, said in zip(hosts, told, strict=True) if "Name:" in said]

    with client(private_engine) as engine:
        engine.create_network(net)
        try:
            docker("run", "-d", "--name", peer, "--network", net, ref)
            publish = ("-p", f"127.0.0.1:{port}:3000")
            docker("run", "-d", "--name", called, "--network", net, *publish, ref)
            box.well("adopt", called, "--service", box.service, "--yes")
            assert f'container = "{called}"' in config.read_text()
            config.write_text(config.read_text() + QUICK.format(box.service))
            assert found_as(called) == [called]

            images.publish("good", "2.0", name=box.service)
            box.well("update", "--yes")
            assert (names(), serves(port)) == ([called], "2.0")
            images.publish("crash", "3.0", name=box.service)
            box.well("update", "--yes", status=6)
            assert (names(), serves(port)) == ([called], "2.0")
            box.well("rollback", "--yes", "--to", "1")
            assert (names(), box.status()["drift"]) == ([called], [])
            assert found_as(called, box.service) == [called, box.service]

            docker("rename", called, f"{box.service}-other")
            assert "container_name" in {f["code"] for f in findings(box)}
            box.well("repair", "--yes")
            assert (names(), findings(box)) == ([called], [])
            assert found_as(called, box.service) == [called, box.service]

            declared = config.read_text()
            config.write_text(declared.replace(f'"{called}"', f'"{peer}"'))
            refused = box.well("apply", "--yes", status=4)
            assert f"a container named {peer} exists that occ did not make" in refused.err
            assert f"another name: occ config set services.{box.service}.container" in refused.err
            config.write_text(declared.replace(f'container = "{called}"\n', ""))
            planned = box.well("apply", "--plan", status=10)
            assert f'-container = "{called}"' in planned.out
            box.well("apply", "--yes")
            assert (names(), serves(port)) == ([box.service], "1.0")
            assert found_as(called, box.service) == [called, box.service]
        finally:
            for one in engine.containers(all=True, filters={"name": box.service}):
                engine.remove_container(one["Id"], force=True)
            engine.remove_network(net)


def test_it_is_forgotten_under_the_name_that_it_has(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service, forget=False).ref
    called = f"{box.service}__A5"
    with client(private_engine) as engine:
        try:
            publish = ("-p", f"127.0.0.1:{port}:3000")
            run(["docker", "-H", private_engine.url, "run", "-d", "--name", called, *publish, ref])
            adopted = box.well("adopt", called, "--service", box.service, "--yes")
            told = adopted.out + adopted.err + box.well("status").out
            assert "http://" not in told  # without a health path the port may be any program's
            assert (box.status()["drift"], serves(port)) == ([], "1.0")
            box.well("forget", "--yes")
            (there,) = engine.containers(filters={"name": box.service})
            assert there["Names"] == [f"/{called}"]
        finally:
            engine.remove_container(called, force=True)
