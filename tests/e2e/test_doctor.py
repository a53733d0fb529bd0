"""What doctor finds on a real engine, and what repair leaves behind: nothing to find."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from tests.box import Box, get, post, serves, until_said
from tests.findings import findings, typed
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images, inspect_image
from tests.testbed.machine import free_port
from tests.testbed.waiting import until


@pytest.fixture
def box(private_engine: PrivateEngine, run_name: str, tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path, private_engine.url, service=run_name, forked=True)
    yield box
    with closing(private_engine.client()) as client:
        for container in client.containers(all=True, filters={"name": run_name}):
            client.remove_container(container["Id"], force=True, v=True)


@pytest.fixture
def client(private_engine: PrivateEngine) -> Iterator[docker.APIClient]:
    with closing(private_engine.client()) as client:
        yield client


@pytest.fixture
def port(box: Box, images: Images) -> int:
    """Two versions, the second one current, with a marker in the volume."""
    port = free_port()
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    assert codes(box) == []
    return port


def kept(box: Box, client: docker.APIClient) -> dict[int, str]:
    """Our keep tags by the number of their version."""
    tags = [tag for image in client.images() for tag in image["RepoTags"] or []]
    mine = [tag for tag in tags if tag.startswith("occ.local/") and f"/{box.service}:v" in tag]
    return {int(tag.rpartition(":v")[2]): tag for tag in mine}


def codes(box: Box) -> list[str]:
    return [finding["code"] for finding in findings(box)]


def mended(box: Box, port: int) -> None:
    """Repair leaves version 2 serving what was in the volume, and nothing to find."""
    told = {finding["fix"] for finding in findings(box)}
    assert told <= {f"occ {verb} --service {box.service}" for verb in ("repair", "start")}
    box.well("repair", "--plan", status=10)
    typed(box, findings(box)[0], "--yes", "--reason", "as doctor said")
    assert codes(box) == []
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")
    box.well("repair", "--yes", "--exit-unchanged", status=77)


def test_a_container_removed_by_hand(box: Box, client: docker.APIClient, port: int) -> None:
    client.remove_container(box.service, force=True)
    assert codes(box) == ["container_missing"]
    mended(box, port)
    newest = box.well("history", "-o", "json").result()[0]
    assert (newest["kind"], newest["after"], newest["reason"]) == ("start", 2, "as doctor said")


def test_a_container_stopped_by_hand_and_one_stopped_by_occ(
    box: Box, client: docker.APIClient, port: int
) -> None:
    client.stop(box.service, timeout=5)
    assert codes(box) == ["container_stopped"]
    mended(box, port)
    box.well("stop", "--yes")
    assert codes(box) == []


def test_a_container_renamed_with_another_policy(
    box: Box, client: docker.APIClient, port: int
) -> None:
    client.rename(box.service, f"{box.service}-by-hand")
    client.update_container(f"{box.service}-by-hand", restart_policy={"Name": "always"})
    assert codes(box) == ["container_name", "restart_policy"]
    mended(box, port)
    policy = client.inspect_container(box.service)["HostConfig"]["RestartPolicy"]["Name"]
    assert policy == "unless-stopped"


def test_keep_tags_taken_by_hand(box: Box, client: docker.APIClient, port: int) -> None:
    for tag in kept(box, client).values():
        client.tag(tag, f"{box.service}-other")
        client.remove_image(tag)
    assert set(codes(box)) == {"keep_missing"}
    mended(box, port)


def test_containers_with_our_labels_that_are_too_many(
    box: Box, client: docker.APIClient, port: int
) -> None:
    there = client.inspect_container(box.service)
    for name, runs in (("left", False), ("second", True)):
        made = client.create_container(
            there["Image"], name=f"{box.service}-{name}", labels=there["Config"]["Labels"]
        )
        if runs:
            client.start(made)
    assert sorted(codes(box)) == ["leftover_container", "second_container"]
    mended(box, port)
    names = [c["Names"] for c in client.containers(all=True, filters={"name": box.service})]
    assert names == [[f"/{box.service}"]]


def test_a_container_of_another_image_under_our_labels(
    box: Box, client: docker.APIClient, port: int
) -> None:
    there = client.inspect_container(box.service)
    older = inspect_image(client, kept(box, client)[1])["Id"]
    client.remove_container(box.service, force=True)
    made = client.create_container(older, name=box.service, labels=there["Config"]["Labels"])
    client.start(made)
    until(lambda: box.status()["health"] == "healthy", seconds=20, what="its first answer")
    assert codes(box) == ["container_different", "restart_policy"]
    status = box.status()
    assert status["image"] == older
    assert any("version 2 is another" in drift for drift in status["drift"])
    mended(box, port)


def test_an_image_that_a_rollback_needs_is_got_from_its_registry(
    box: Box, client: docker.APIClient, port: int
) -> None:
    older = inspect_image(client, kept(box, client)[1])["Id"]
    client.remove_image(older, force=True)
    assert codes(box) == ["image_absent"]
    mended(box, port)
    assert inspect_image(client, kept(box, client)[1])["Id"] == older


def test_a_service_that_runs_and_does_not_answer(
    box: Box, client: docker.APIClient, port: int
) -> None:
    client.pause(box.service)
    (finding,) = findings(box)
    assert (finding["code"], finding["mended_by_repair"]) == ("unhealthy", False)
    typed(box, finding, "--yes")
    assert codes(box) == []
    assert serves(port) == "2.0"


def test_an_operation_that_has_not_ended(box: Box, images: Images, port: int) -> None:
    images.publish("good", "3.0", name=box.service)
    with box.start("update", "--yes") as running:
        until_said(running, "Stop the old version")
        running.kill()
    (finding,) = findings(box)
    assert (finding["code"], finding["mended_by_repair"]) == ("unfinished", False)
    typed(box, finding)
    assert codes(box) == []
    assert serves(port) == "3.0"


def test_a_container_that_another_journal_looks_after(box: Box, port: int) -> None:
    assert port
    other = replace(box, extra={"OCC_JOURNAL": str(box.folder / "other.db")})
    (finding,) = findings(other)
    assert (finding["code"], finding["mended_by_repair"]) == ("other_journal", False)
    assert f"--journal {box.folder / 'journal.db'}" in finding["fix"]
    typed(other, finding)
    other.well("repair", "--yes", status=4)
    assert not (box.folder / "other.db").exists()


def test_each_of_several_services_has_its_own_command(
    box: Box, client: docker.APIClient, port: int
) -> None:
    config = box.folder / "config.toml"
    text = config.read_text()
    config.write_text(text + text.replace(box.service, f"{box.service}-b").replace(str(port), "1"))
    client.stop(box.service, timeout=5)
    (finding,) = findings(box)
    typed(box, finding, "--yes")
    assert codes(box) == []
    assert serves(port) == "2.0"


def test_what_repair_must_not_touch_is_told_with_a_way_out(
    box: Box, client: docker.APIClient, port: int
) -> None:
    there = client.inspect_container(box.service)
    client.remove_container(box.service, force=True)
    client.create_container(there["Image"], name=box.service)
    (finding,) = findings(box)
    assert finding["code"] == "foreign_container"
    assert not finding["mended_by_repair"]
    box.well("repair", "--yes", status=4)
    assert client.inspect_container(box.service)["State"]["Status"] == "created"
    client.remove_container(box.service)
    mended(box, port)


def test_a_volume_that_is_gone_is_told_before_an_empty_one_is_made(
    box: Box, client: docker.APIClient, port: int
) -> None:
    client.remove_container(box.service, force=True)
    client.remove_volume(f"{box.service}-data")
    assert port
    assert codes(box) == ["container_missing", "volume_missing"]


def test_a_journal_that_does_not_verify_or_that_others_can_read(box: Box, port: int) -> None:
    assert port
    journal = box.folder / "journal.db"
    journal.chmod(0o644)
    (finding,) = findings(box)
    assert finding["code"] == "journal_readable"
    typed(box, finding)
    assert codes(box) == []
    journal.write_bytes(b"not a journal" * 1000)
    for beside in box.folder.glob("journal.db-*"):
        beside.unlink()
    assert codes(box) == ["journal_damaged"]
