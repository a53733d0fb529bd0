"""Which engine is meant: an address given, DOCKER_HOST, the current Docker context, the socket."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import cast
from urllib.parse import urlsplit

from docker.context import Context, ContextAPI
from docker.errors import DockerException
from docker.tls import TLSConfig
from docker.utils import kwargs_from_env

from occ.errors import EngineUnreachableError

DEFAULT = "unix:///var/run/docker.sock"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine listens, and the certificates to show there."""

    text: str
    tls: TLSConfig | None = field(default=None, repr=False)

    @property
    def local(self) -> bool:
        """Whether the engine runs on this machine: a socket of it, or its loopback address."""
        if self.text.startswith(("unix://", "npipe://")):
            return True
        host = urlsplit(self.text).hostname or ""
        return self.text.startswith("tcp://") and _loopback(host)

    @property
    def socket(self) -> str:
        """The path of its Unix socket; empty for other addresses."""
        return self.text.removeprefix("unix://") if self.text.startswith("unix://") else ""


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name of some machine
        return False


def choose(given: str, environ: Mapping[str, str]) -> Address:
    """The engine meant, as the docker command would choose it.

    DOCKER_HOST wins over DOCKER_CONTEXT, and that over the context in ~/.docker/config.json.

    Raises:
        EngineUnreachableError: the context or its certificates cannot be used, or the address is
            of a kind that needs a package which is not here.
    """
    try:
        address = _chosen(given, environ)
    except (DockerException, OSError, ValueError, KeyError) as error:
        raise EngineUnreachableError(
            f"the address of the engine cannot be told: {error}", hint="docker context ls"
        ) from error
    if address.text.startswith("ssh://") and importlib.util.find_spec("paramiko") is None:
        raise EngineUnreachableError(
            f"{address.text} needs the package paramiko",
            hint=f"{sys.executable} -m pip install paramiko",
        )
    return address


def _chosen(given: str, environ: Mapping[str, str]) -> Address:
    from_env = kwargs_from_env(dict(environ)) if environ else {}
    tls = from_env.get("tls")
    env_tls = tls if isinstance(tls, TLSConfig) else None
    host = given or environ.get("DOCKER_HOST", "")
    if host:
        return Address(host, env_tls if host.startswith("tcp://") else None)
    name = environ.get("DOCKER_CONTEXT") or None
    # The stub promises a context; a name that nobody created gives none.
    context = cast("Context | None", ContextAPI.get_context(name))
    if context is None:
        raise EngineUnreachableError(
            f"there is no Docker context {name or 'of the name in ~/.docker/config.json'}",
            hint="docker context ls",
        )
    # The SDK spells the default socket its own way.
    text = (context.Host or DEFAULT).replace("http+unix://", "unix://")
    return Address(text, context.TLSConfig)
