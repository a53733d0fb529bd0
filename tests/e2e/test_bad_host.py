"""Bad days of the host: ports taken, other people's containers, things removed by hand."""

import re
import shutil
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Self

from tests.box import Box, get, post, serves, until_said
from tests.host import advised, birth, client, containers, inspect
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port


def test_a_port_that_is_taken_before_the_update_puts_the_old_one_back(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    other = free_port()
    box.configure(ref, other)
    with socket.create_server(("127.0.0.1", other)):
        failed = box.well("update", "--yes", status=6)
    assert f"127.0.0.1:{other} is in use already" in failed.err
    assert "it is as it was found" in failed.err
    assert f"  try: ss -ltnp 'sport = :{other}'" in failed.err
    assert serves(port) == "1.0"
    assert get(port, "/marker") == (200, "precious")
    assert containers(private_engine, box.service) == {box.service: "running"}
    assert {row["number"]: row["standing"] for row in versions(box)} == {
        1: "proven",
        2: "unproven",
    }


def test_a_port_that_is_taken_while_the_old_one_is_down_leaves_a_way_back(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service)
    with Thief(port):
        stuck = box.well("update", "--yes", status=7)
    assert f"127.0.0.1:{port} is in use already" in stuck.err
    assert serves(port) == ""
    refused = box.well("update", status=7)
    assert "operation 2 (update)" in refused.err
    assert advised(refused.err) == {"resume"}
    told = " ".join(box.well("status").out.split())
    assert "stopped while going back; nobody drives it" in told
    assert advised(told) == {"resume"}
    back = box.well("resume", status=6)
    assert "it is as it was found" in back.err
    assert serves(port) == "1.0"
    assert get(port, "/marker") == (200, "precious")
    assert containers(private_engine, box.service) == {box.service: "running"}
    assert box.status()["drift"] == []
    box.well("update", "--yes")
    assert serves(port) == "2.0"


class Thief:
    """Takes a port of the host as soon as it is free, and holds it to the end of the block."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._lurk, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _lurk(self) -> None:
        while not self._over.is_set():
            try:
                with socket.create_server(("127.0.0.1", self._port)):
                    self._over.wait()
            except OSError:
                time.sleep(0.001)


def test_a_foreign_container_with_our_name_is_never_touched(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    published = images.publish("good", "1.0", name=box.service)
    box.configure(published.ref, port)
    with client(private_engine) as engine:
        other = images.build("good", "9.9")
        foreign = engine.create_container(other, name=box.service)["Id"]
        engine.start(foreign)
    born = birth(private_engine, box.service)
    for words in (["start"], ["update"], ["stop"], ["restart"], ["apply"]):
        refused = box.well(*words, "--yes", status=4)
        assert f"a container named {box.service} exists that occ did not make" in refused.err
        assert f"docker rename {box.service} {box.service}-mine" in refused.err
    assert birth(private_engine, box.service) == born
    assert containers(private_engine, box.service) == {box.service: "running"}
    assert any("did not make" in drift for drift in box.status()["drift"])
    assert box.well("history", "--all", "-o", "json").result() == []


def test_a_foreign_container_that_took_our_name_later_is_never_touched(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    with client(private_engine) as engine:
        engine.remove_container(box.service, force=True)
        engine.create_container(images.build("good", "9.9"), name=box.service)
    foreign = inspect(private_engine, box.service)["Id"]
    for words in (["start"], ["update"], ["rollback", "--to", "1"]):
        assert "did not make" in box.well(*words, "--yes", status=4).err
    assert inspect(private_engine, box.service)["Id"] == foreign
    assert containers(private_engine, box.service) == {box.service: "created"}


def test_a_container_of_another_journal_is_refused_with_its_owner_and_the_way_to_it(
    box: Box, images: Images, private_engine: PrivateEngine, port: int, tmp_path: Path
) -> None:
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    born = birth(private_engine, box.service)
    second = Box(tmp_path / "second", private_engine.url, service=box.service, forked=True)
    second.folder.mkdir()
    shutil.copy(box.folder / "config.toml", second.folder)
    owner = inspect(private_engine, box.service)["Config"]["Labels"]["occ.owner"]
    for verb in ("start", "update", "stop"):
        refused = second.well(verb, "--yes", status=4)
        assert f"container {box.service} is looked after by {owner}" in refused.err
        assert f"  try: occ --journal {box.folder}/journal.db status" in refused.err
    assert birth(private_engine, box.service) == born
    words = refused.err.rpartition("try: occ ")[2].split()
    assert second.well(*words, "-o", "json").result()["version"] == 1


def test_another_engine_than_the_one_of_the_service_is_refused_showing_both(
    box: Box, images: Images, private_engine: PrivateEngine, victim: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    elsewhere = Box(box.folder, victim.url, service=box.service, forked=True)
    for words in (["start"], ["update"], ["stop"], ["rollback", "--to", "1"]):
        refused = elsewhere.well(*words, "--yes", status=4)
        assert private_engine.url in refused.err
        assert victim.url in refused.err
        assert f"  try: DOCKER_HOST={private_engine.url} occ status" in refused.err
    assert any(victim.url in drift for drift in elsewhere.status()["drift"])
    assert containers(victim, box.service) == {}
    assert serves(port) == "1.0"
    assert [row["kind"] for row in box.well("history", "--all", "-o", "json").result()] == ["start"]


def test_a_container_removed_by_hand_is_named_and_every_way_brings_it_back(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    for words in (["update"], ["rollback", "--to", "1"], ["start"], ["restart"]):
        with client(private_engine) as engine:
            engine.remove_container(box.service, force=True)
        assert box.status()["drift"] == [
            f"version 1 has no container: occ start --service {box.service}"
        ]
        assert box.well("status", "-q", status=3).out == ""
        assert "there is no container" in box.well("stop", "--yes").out
        box.well(*words, "--yes")
        assert serves(port) == "1.0"
        assert get(port, "/marker") == (200, "precious")
        assert containers(private_engine, box.service) == {box.service: "running"}
        status = box.status()
        assert (status["drift"], status["version"]) == ([], 1)


def test_those_that_share_our_network_are_named_before_anything_is_done(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    born = birth(private_engine, box.service)
    sharer = f"{box.service}-sidecar"
    with client(private_engine) as engine:
        host = engine.create_host_config(network_mode=f"container:{box.service}")
        made = engine.create_container(
            images.build("good", "1.0"),
            name=sharer,
            host_config=host,
            environment={"PORT": "3999"},
        )
        engine.start(made["Id"])
    images.publish("good", "2.0", name=box.service)
    plan = box.well("update", "--plan", status=10)
    assert f"note: container {sharer} uses its network: it is cut off by the stop" in plan.out
    assert birth(private_engine, box.service) == born


def test_what_another_occ_is_at_is_named_and_reading_never_waits(
    box: Box, images: Images, port: int
) -> None:
    box.configure(images.publish("slow", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    with box.start("stop", "--yes") as running:
        until_said(running, "Stop the service")
        running.send_signal(signal.SIGSTOP)  # it holds its lock for as long as this takes
        try:
            for words in (["update"], ["resume"], ["abandon"]):
                busy = box.well(*words, "--yes", status=8)
                assert re.search(
                    rf"operation 2 \(stop\) of {box.service} is driven by process {running.pid} "
                    r"of \S+ since \d+ s",
                    busy.err,
                )
                assert advised(busy.err) == {"show"}
            unfinished = box.status()["unfinished"]
        finally:
            running.send_signal(signal.SIGCONT)
        assert unfinished["operation"] == 2
        assert f"process {running.pid}" in unfinished["driver"]
        assert running.wait(30) == 0
    assert box.status()["unfinished"] is None


def versions(box: Box) -> list[dict[str, object]]:
    """What `occ versions` says."""
    rows: list[dict[str, object]] = box.well("versions", "-o", "json").result()
    return rows
