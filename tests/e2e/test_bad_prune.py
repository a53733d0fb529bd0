"""`docker system prune -af --volumes` between two commands: nothing on a host is certain."""

from pathlib import Path

import pytest

from tests.box import Box, get, post, serves
from tests.host import birth, client, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.registry import Registry
from tests.testbed.releases import chosen


@pytest.fixture
def pruned(victim: PrivateEngine, run_name: str, tmp_path: Path) -> Box:
    """A box whose engine may be pruned."""
    return Box(tmp_path, victim.url, service=run_name, forked=True)


def prune(engine: PrivateEngine) -> None:
    """What `docker system prune --all --force --volumes` does."""
    with client(engine) as one:
        one.prune_containers()  # type: ignore[no-untyped-call]
        one.prune_networks()  # type: ignore[no-untyped-call]
        one.prune_volumes(filters={})
        one.prune_images(filters={"dangling": False})  # type: ignore[no-untyped-call]


def keeps(engine: PrivateEngine, service: str) -> set[str]:
    """The versions of a service whose image has a keep tag."""
    with client(engine) as one:
        tags = [tag for image in one.images() for tag in image["RepoTags"] or ()]
    return {tag.rpartition(":")[2] for tag in tags if f"/{service}:v" in tag}


def two_versions(box: Box, images: Images, port: int) -> str:
    """Version 1 with a marker in its data, updated to 2; the digest of 1."""
    first = images.publish("good", "1.0", name=box.service)
    box.configure(first.ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    assert keeps(images.engine, box.service) == {"v1", "v2"}
    return first.digest


def test_with_the_service_running_rollback_pulls_by_digest_or_is_refused_before_the_stop(
    pruned: Box, victim_images: Images, victim: PrivateEngine, registry: Registry, port: int
) -> None:
    first = two_versions(pruned, victim_images, port)
    prune(victim)
    kept = keeps(victim, pruned.service)
    assert kept == {"v2"} or (chosen().prunes_tags and not kept)
    pruned.well("rollback", "--yes")
    assert (serves(port), pruned.status()["version"]) == ("1.0", 1)
    assert get(port, "/marker") == (200, "precious")
    assert "v1" in keeps(victim, pruned.service)

    pruned.well("rollback", "--to", "2", "--yes")
    prune(victim)
    registry.delete(pruned.service, first)
    born = birth(victim, pruned.service)
    refused = pruned.well("rollback", "--to", "1", "--yes", status=4)
    gone = "its image is gone, here and at its registry"
    assert f"version 1 cannot be had: {gone}; available: 2" in refused.err
    assert "  try: occ versions --check" in refused.err
    refused = pruned.well("rollback", "--yes", status=4)
    assert f"version 1 is skipped: {gone}" in refused.err
    rows = pruned.well("versions", "--check", "-o", "json").result()
    assert [(row["number"], row["here"], row["published"]) for row in rows] == [
        (2, True, True),
        (1, False, False),
    ]
    assert birth(victim, pruned.service) == born
    assert get(port, "/marker") == (200, "precious")
    victim_images.publish("good", "3.0", name=pruned.service)
    pruned.well("update", "--yes")
    assert serves(port) == "3.0"
    assert get(port, "/marker") == (200, "precious")


@pytest.mark.parametrize(
    ("words", "serving"),
    [(["start"], "2.0"), (["update"], "3.0"), (["rollback", "--to", "1"], "1.0")],
)
def test_with_the_service_stopped_everything_is_gone_and_comes_back(
    pruned: Box,
    victim_images: Images,
    victim: PrivateEngine,
    port: int,
    words: list[str],
    serving: str,
) -> None:
    two_versions(pruned, victim_images, port)
    pruned.well("stop", "--yes")
    victim_images.publish("good", "3.0", name=pruned.service)
    prune(victim)
    assert containers(victim, pruned.service) == {}
    assert keeps(victim, pruned.service) == set()
    assert pruned.status()["drift"] == [
        f"version 2 has no container: occ start --service {pruned.service}"
    ]
    pruned.well(*words, "--yes")
    assert serves(port) == serving
    assert containers(victim, pruned.service) == {pruned.service: "running"}
    status = pruned.status()
    assert (status["drift"], status["health"], status["reported"]) == ([], "healthy", serving)
