"""The Docker engine: every call of the port, from the modules beside this one."""

from occ.engine.docker.images import Images
from occ.engine.docker.networks import Networks
from occ.engine.docker.probes import Probes
from occ.engine.docker.volumes import Volumes


class DockerEngine(Probes, Images, Volumes, Networks):
    """One Docker engine; `address` empty is the one that the environment names."""
