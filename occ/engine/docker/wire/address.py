"""Which engine is meant: an address given, DOCKER_HOST, the current Docker context, the socket."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from docker.errors import DockerException
from docker.tls import TLSConfig
from docker.utils import kwargs_from_env

from occ.domain.secrets.secrecy import clean
from occ.engine.docker.wire import contexts
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
        EngineUnreachableError: the context or its certificates cannot be used, or the engine is
            one over ssh.
    """
    try:
        address = _chosen(given, environ)
    except (DockerException, OSError, ValueError, KeyError) as error:
        raise EngineUnreachableError(
            f"the address of the engine cannot be told: {error}", hint="docker context ls"
        ) from error
    if address.text.strip().lower().startswith("ssh:"):
        raise _over_ssh(address.text)
    return address


def _over_ssh(text: str) -> EngineUnreachableError:
    """The refusal of an engine over ssh.

    The SDK ends its ssh child before a body is read: an exec would answer status 0 and nothing.
    """
    where = text.strip().partition(":")[2].lstrip("/").partition("/")[0]
    account, at, machine = where.rpartition("@")
    name, _, port = machine.rpartition(":")
    number = ["-p", port] if name and port.isdigit() else []
    user = account.partition(":")[0]  # without a password
    there = [*number, f"{user}{at}{name if number else machine or 'HOST'}"]
    return EngineUnreachableError(
        f"{clean(text)} cannot be used: engines over ssh are not supported yet",
        hint=f"on that machine: {shlex.join(['ssh', *there, 'occ', 'status'])}",
    )


def _chosen(given: str, environ: Mapping[str, str]) -> Address:
    from_env = kwargs_from_env(dict(environ)) if environ else {}
    tls = from_env.get("tls")
    env_tls = tls if isinstance(tls, TLSConfig) else None
    host = given or environ.get("DOCKER_HOST", "")
    if host:
        return Address(host, env_tls if host.startswith("tcp://") else None)
    folder = contexts.folder_of(environ)
    named = environ.get("DOCKER_CONTEXT") or contexts.current(folder)
    if not named:
        return Address(DEFAULT)
    found = contexts.endpoint(folder, named)
    if found is None:
        raise EngineUnreachableError(
            f"there is no Docker context {named}", hint="docker context ls"
        )
    text, certificates = found
    return Address(text or DEFAULT, certificates)
