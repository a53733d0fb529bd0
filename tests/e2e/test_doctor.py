"""What doctor finds on a real engine, and what repair leaves behind: nothing to find."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.box import Box, get, post, serves
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port


@pytest.fixture
def box(private_engine: PrivateEngine, run_name: str, tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path, private_engine.url, service=run_name)
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


def findings(box: Box) -> list[dict[str, Any]]:
    done = box.occ("doctor", "-o", "json")
    found = [finding for finding in done.result() if not finding["note"]]
    assert done.status == (4 if found else 0)
    # the disk of whoever runs the tests is no matter of these
    return [f for f in found if f["code"] not in {"disk_low", "prune_timer"}]


def codes(box: Box) -> list[str]:
    return [finding["code"] for finding in findings(box)]


def mended(box: Box, port: int) -> None:
    """Repair leaves version 2 serving what was in the volume, and nothing to find."""
    box.well("repair", "--plan", status=10)
    box.well("repair", "--yes", "--reason", "as doctor said")
    assert codes(box) == []
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")
    box.well("repair", "--yes", "--exit-unchanged", status=77)


def test_a_container_removed_by_hand(box: Box, client: docker.APIClient, port: int) -> None:
    client.remove_container(box.service, force=True)
    assert codes(box) == ["container_missing"]
    mended(box, port)
    newest = box.well("history", "-o", "json").result()[0]
    assert (newest["kind"], newest["after"], newest["reason"]) == ("repair", 2, "as doctor said")


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
    kept = [tag for image in client.images() for tag in image["RepoTags"] or []]
    for tag in kept:
        if tag.startswith("occ.local/") and f"/{box.service}:v" in tag:
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
    assert codes(box) == ["journal_readable"]
    journal.write_bytes(b"not a journal" * 1000)
    for beside in box.folder.glob("journal.db-*"):
        beside.unlink()
    assert codes(box) == ["journal_damaged"]
