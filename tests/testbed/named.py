"""What one run made on an engine, found by how its names begin."""

import docker.errors

from tests.testbed.engine import PrivateEngine
from tests.testbed.present import PresentEngine


def remove_named(engine: PrivateEngine | PresentEngine, prefix: str) -> None:
    """Remove the containers, networks and volumes of an engine whose names begin so."""
    client = engine.client()
    for one in client.containers(all=True):
        if any(name.lstrip("/").startswith(prefix) for name in one["Names"] or ()):
            try:
                client.remove_container(one["Id"], force=True, v=True)
            except docker.errors.NotFound:
                continue
    for network in client.networks():
        if network["Name"].startswith(prefix):
            client.remove_network(network["Id"])
    for volume in client.volumes()["Volumes"] or ():
        if volume["Name"].startswith(prefix):
            client.remove_volume(volume["Name"], force=True)
    client.close()
