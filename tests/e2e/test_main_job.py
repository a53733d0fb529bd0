"""The main job, as a person does it: the real command, engine and registry."""

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from tests.box import Box, get, post, serves, until_said
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def box(private_engine: PrivateEngine, run_name: str, tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path, private_engine.url, service=run_name, snapshot="")
    yield box
    client = private_engine.client()
    for container in client.containers(all=True, filters={"name": run_name}):
        client.remove_container(container["Id"], force=True, v=True)
    for volume in client.volumes(filters={"name": run_name})["Volumes"] or []:
        client.remove_volume(volume["Name"], force=True)
    client.close()


def test_start_update_rollback_and_back_again(box: Box, images: Images, port: int) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    started = box.well("start", "--yes")
    assert serves(port) == "1.0"
    assert f"http://127.0.0.1:{port}" in started.out
    post(port, "/marker", "precious")

    images.publish("good", "2.0", name=box.service)
    updated = box.well("update", "--yes", "--reason", "security fix")
    assert "[1/9] Back up current image" in updated.err
    assert "[8/9] Prove it healthy" in updated.err
    assert "1 -> 2" in updated.out
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")

    assert box.well("update", "--yes").out.count("unchanged") <= 1
    box.well("update", "--yes", "--exit-unchanged", status=77)

    images.publish("good", "3.0", name=box.service)
    box.well("update", "--yes")
    assert serves(port) == "3.0"

    box.well("rollback", "--yes")
    assert serves(port) == "2.0"
    box.well("update", "--rollback", "--yes")
    assert serves(port) == "1.0"
    refused = box.well("rollback", "--yes", status=4)
    assert "--to" in refused.err
    box.well("rollback", "--to", "3", "--yes")
    assert serves(port) == "3.0"
    assert get(port, "/marker") == (200, "precious")

    status = box.status()
    assert (status["version"], status["recorded"], status["reported"]) == (3, 3, "3.0")
    assert status["health"] == "healthy"
    assert status["drift"] == []

    rows = box.well("history", "-o", "json").result()
    kinds = [(row["kind"], row["before"], row["after"], row["outcome"]) for row in rows]
    assert kinds == [
        ("rollback", 1, 3, "done"),
        ("rollback", 2, 1, "done"),
        ("rollback", 3, 2, "done"),
        ("update", 2, 3, "done"),
        ("update", 1, 2, "done"),
        ("start", 0, 1, "done"),
    ]
    assert rows[4]["reason"] == "security fix"
    assert all(row["downtime_ms"] is not None for row in rows[:-1])
    assert "heads noted on the host: 1, all in it" in box.well("journal", "verify").out


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("sick", "answered 503"),
        ("crash", "exit code 1"),
        ("brief", "exit code 1"),
    ],
)
def test_a_bad_image_is_put_back_and_show_tells_why(
    box: Box, images: Images, port: int, kind: str, why: str
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    gate = 'path = "/health"\nversion_field = "version"\ninterval = "100ms"\ntimeout = "8s"\n'
    box.configure(ref, port, health=gate + 'min_healthy = "300ms"\n')
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    patience = "7s" if kind == "brief" else "300ms"
    box.configure(ref, port, health=gate + f'min_healthy = "{patience}"\n')
    images.publish(kind, "2.0", name=box.service)

    failed = box.well("update", "--yes", status=6)
    assert why in failed.err
    assert serves(port) == "1.0"
    assert get(port, "/marker") == (200, "precious")
    number = box.well("history", "-o", "json").result()[0]["operation"]
    shown = box.well("show", str(number)).out
    assert why in shown
    standing = {row["number"]: row["standing"] for row in _versions(box)}
    assert standing == {1: "proven", 2: "bad"}
    assert box.status()["drift"] == []


def test_an_update_of_data_forward_that_fails_stays_reverting_and_says_how_long(
    box: Box, images: Images, port: int
) -> None:
    box = replace(box, snapshot="never")
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    images.publish("migrates", "2.0", name=box.service)
    label = HEALTHY_BUT_MISLABELLED
    box.configure(ref, port, health=label)
    failed = box.well("update", "--yes", status=7)
    assert "ran on these volumes for" in failed.err
    assert "  | service 1.0 (good) starts" in failed.err
    assert "occ resume" in failed.err
    assert box.status()["unfinished"]["state"] == "reverting"


HEALTHY_BUT_MISLABELLED = (
    'path = "/health"\nversion_field = "version"\nversion_label = "no.such.label"\n'
    'interval = "100ms"\nmin_healthy = "300ms"\ntimeout = "3s"\n'
)


def test_kill_minus_nine_in_mid_update_then_resume(box: Box, images: Images, port: int) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("slow", "2.0", name=box.service)
    box.well("update", "--yes")
    images.publish("good", "3.0", name=box.service)
    running = box.start("update", "--yes")
    _until_stopping(running)
    running.kill()
    running.communicate()

    refused = box.well("update", "--yes", "--plan", status=7)
    assert "occ resume" in refused.err
    box.well("resume")
    assert serves(port) == "3.0"
    assert get(port, "/marker") == (200, "precious")
    assert box.well("resume").status == 0


def _until_stopping(running: subprocess.Popen[bytes]) -> None:
    until_said(running, "Stop the old version")
    time.sleep(0.5)


def test_bind_mounts_env_and_limits_survive_update_and_rollback(
    box: Box, images: Images, port: int, private_engine: PrivateEngine, tmp_path: Path
) -> None:
    (tmp_path / "shared").mkdir()
    ref = images.publish("good", "1.0", name=box.service).ref
    more = (
        f'mounts = ["{tmp_path}/shared:/shared:ro"]\nenv = {{ GREETING = "hello" }}\n'
        'labels = { team = "a" }\nlimits = { memory = "256m", pids = 100 }\n'
    )
    box.configure(ref, port, more=more)
    box.well("start", "--yes")
    before = _shape(private_engine, box.service)
    assert before["mounts"] == [("/data", True, "volume"), ("/shared", False, "bind")]
    assert (before["memory"], before["pids"]) == (256 << 20, 100)
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    assert _shape(private_engine, box.service) == before
    box.well("rollback", "--yes")
    assert _shape(private_engine, box.service) == before


def _shape(engine: PrivateEngine, name: str) -> dict[str, object]:
    client = engine.client()
    there = client.inspect_container(name)
    client.close()
    host, config = there["HostConfig"], there["Config"]
    return {
        "mounts": sorted((m["Destination"], m["RW"], m["Type"]) for m in there["Mounts"]),
        "env": sorted(e for e in config["Env"] if e.startswith("GREETING")),
        "label": config["Labels"]["team"],
        "memory": host["Memory"],
        "pids": host["PidsLimit"],
        "policy": host["RestartPolicy"]["Name"],
        "ports": host["PortBindings"],
    }


def test_users_keep_ids_shadow_line_and_groups(
    box: Box, images: Images, port: int, private_engine: PrivateEngine
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, more='users = ["ann"]\n')
    started = box.well("start", "--yes")
    assert "passwd ann" in started.err
    setup = (
        "usermod -aG sudo -s /bin/sh ann && echo 'ann:s3cret-word' | chpasswd && "
        "chage -M 90 -W 14 ann && usermod -L ann"
    )
    _inside(private_engine, box.service, setup)
    before = _accounts(private_engine, box.service)
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    assert _accounts(private_engine, box.service) == before
    box.well("rollback", "--yes")
    assert _accounts(private_engine, box.service) == before
    hashed = before.split("ann:!")[1].split(":")[0]
    journal = (box.folder / "journal.db").read_bytes()
    assert hashed.encode() not in journal
    assert b"s3cret-word" not in journal


def test_a_uid_clash_is_seen_before_the_stop(
    box: Box, images: Images, port: int, private_engine: PrivateEngine
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, more='users = ["ann"]\n')
    box.well("start", "--yes")
    started = _started_at(private_engine, box.service)
    images.publish("clash", "2.0", name=box.service)
    failed = box.well("update", "--yes", status=6)
    assert "uid 1000 of ann belongs to other" in failed.err
    assert _started_at(private_engine, box.service) == started


def _accounts(engine: PrivateEngine, name: str) -> str:
    return _inside(engine, name, "grep -h ann /etc/passwd /etc/shadow /etc/group; id ann")


def _started_at(engine: PrivateEngine, name: str) -> str:
    client = engine.client()
    started: str = client.inspect_container(name)["State"]["StartedAt"]
    client.close()
    return started


def _inside(engine: PrivateEngine, name: str, script: str) -> str:
    client = engine.client()
    run = client.exec_create(name, ["sh", "-c", script], user="0:0")
    out: bytes = client.exec_start(run["Id"])
    assert client.exec_inspect(run["Id"])["ExitCode"] == 0, out
    client.close()
    return out.decode()


def _versions(box: Box) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = box.well("versions", "-o", "json").result()
    return rows


def test_a_stopped_service_is_replaced_stopped_and_proven_at_its_first_start(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    box.well("stop", "--yes")
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    status = box.status()
    assert (status["state"], status["version"], status["standing"]) == ("created", 2, "unproven")
    assert serves(port) == ""
    box.well("start", "--yes")
    assert serves(port) == "2.0"
    assert box.status()["standing"] == "proven"
    box.well("stop", "--yes")
    box.well("stop", "--yes")
    box.well("stop", "--yes", "--exit-unchanged", status=77)


def test_an_image_that_is_not_there_costs_nothing(box: Box, images: Images, port: int) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    missing = box.well("update", "--yes", "--image", ref.replace(":latest", ":nope"), status=6)
    assert "nope" in missing.err
    assert serves(port) == "1.0"
    malformed = box.well("update", "--yes", "--image", "Not An Image", status=2)
    assert "image reference" in malformed.err


def test_a_foreign_container_with_our_name_is_refused_and_untouched(
    box: Box, images: Images, port: int, private_engine: PrivateEngine
) -> None:
    published = images.publish("good", "1.0", name=box.service, forget=False)
    client = private_engine.client()
    made = client.create_container(published.image_id, name=box.service)["Id"]
    box.configure(published.ref, port)
    refused = box.well("start", "--yes", status=4)
    assert "did not make" in refused.err
    assert client.inspect_container(made)["State"]["Status"] == "created"
    client.remove_container(made, v=True)
    client.close()


def test_a_host_port_taken_by_another_process_puts_everything_back(
    box: Box, images: Images, port: int
) -> None:
    import socket  # noqa: PLC0415 - only here

    ref = images.publish("good", "1.0", name=box.service).ref
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        box.configure(ref, port)
        failed = box.well("start", "--yes", status=6)
    assert str(port) in failed.err
    assert box.status()["state"] == "absent"
    box.well("start", "--yes")
    assert serves(port) == "1.0"


def test_json_is_the_same_envelope_for_success_and_failure(box: Box) -> None:
    box.configure("example.test/web:latest", 4000)
    good = json.loads(box.well("history", "-o", "json").out)
    assert (good["ok"], good["exit_status"]) == (True, 0)
    bad = json.loads(box.well("show", "99", "-o", "json", status=3).out)
    assert (bad["ok"], bad["exit_status"], bad["error"]["code"]) == (False, 3, "not_found")


def test_a_container_removed_by_hand_is_made_again_from_the_journal(
    box: Box, images: Images, port: int, private_engine: PrivateEngine
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    client = private_engine.client()
    client.remove_container(box.service, force=True)
    client.close()
    assert box.status()["drift"] == [
        f"version 1 has no container: occ start --service {box.service}"
    ]
    box.well("start", "--yes")
    assert serves(port) == "1.0"
    assert get(port, "/marker") == (200, "precious")


def test_the_engine_is_really_docker(private_engine: PrivateEngine) -> None:
    client = private_engine.client()
    assert isinstance(client, docker.APIClient)
    assert client.version()["ApiVersion"]
    client.close()
