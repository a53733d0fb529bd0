"""An image for several platforms: its tag is an index, which moves when any of them is built."""

import json
import platform

from tests.box import Box, serves
from tests.host import birth
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.registry import Published, Registry
from tests.testbed.releases import chosen

_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
_OURS = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


def publish(registry: Registry, name: str, ours: Published, other: Published) -> str:
    """Let `<name>:latest` be an index of an image for this machine and one for another."""
    entries = []
    for architecture, image in ((_OURS, ours), ("s390x", other)):
        manifest = registry.ask("GET", f"/v2/{name}/manifests/{image.digest}")
        entries.append(
            {
                "mediaType": manifest.headers["Content-Type"],
                "digest": image.digest,
                "size": len(manifest.body),
                "platform": {"architecture": architecture, "os": "linux"},
            }
        )
    index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": entries}
    put = registry.ask("PUT", f"/v2/{name}/manifests/latest", json.dumps(index).encode(), _INDEX)
    assert put.status == 201, put.body
    return put.headers["Docker-Content-Digest"]


def test_an_index_that_moved_for_another_platform_is_new_once_and_replaces_nothing(
    box: Box, images: Images, registry: Registry, private_engine: PrivateEngine, port: int
) -> None:
    """But where the index itself is the image: there it is another one, and replaces once."""
    one, two, three = (
        images.publish("good", version, name=box.service, tag=version)
        for version in ("1.0", "2.0", "3.0")
    )
    first = publish(registry, box.service, one, two)
    box.configure(f"{registry.host}/{box.service}:latest", port)
    box.well("start", "--yes")
    born = birth(private_engine, box.service)
    box.well("check")
    assert "nothing to do" in box.well("update", "--plan").out
    box.well("update", "--yes", "--exit-unchanged", status=77)

    second = publish(registry, box.service, one, three)
    assert second != first
    box.well("check", status=10)
    another = chosen().index_ids
    box.well("update", "--yes", "--exit-unchanged", status=0 if another else 77)
    box.well("check")
    assert "nothing to do" in box.well("update", "--plan").out
    assert (birth(private_engine, box.service) != born) is another
    assert serves(port) == "1.0"

    publish(registry, box.service, two, three)
    box.well("check", status=10)
    box.well("update", "--yes")
    box.well("check")
    assert serves(port) == "2.0"
    box.well("rollback", "--yes")
    assert serves(port) == "1.0"
