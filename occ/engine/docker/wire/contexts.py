"""The contexts of the docker command, as it stores them below its config folder.

The SDK finds them only beside a config.json that exists, and `docker context create` makes none.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from docker.tls import TLSConfig

_DEFAULT: Final = "default"
_ENDPOINT: Final = "docker"


def folder_of(environ: Mapping[str, str]) -> Path:
    """The config folder of the docker command."""
    named = environ.get("DOCKER_CONFIG")
    return Path(named) if named else Path.home() / ".docker"


def current(folder: Path) -> str:
    """The name of the context that `docker context use` chose; empty for the default one.

    A config.json that cannot be read chooses none, as for the docker command.
    """
    try:
        name = json.loads((folder / "config.json").read_bytes()).get("currentContext")
    except (OSError, ValueError, AttributeError):
        return ""
    return "" if name in {None, _DEFAULT} else str(name)


def endpoint(folder: Path, name: str) -> tuple[str, TLSConfig | None] | None:
    """The address of a context's engine, empty for the default one, and its certificates.

    None where nobody made such a context.

    Raises:
        ValueError: it is not as docker writes it.
        OSError: it cannot be read.
        DockerException: its certificates cannot be used.
    """
    if name == _DEFAULT:
        return "", None
    place = hashlib.sha256(name.encode()).hexdigest()
    try:
        content = (folder / "contexts" / "meta" / place / "meta.json").read_bytes()
    except FileNotFoundError:
        return None
    told = _endpoint_in(json.loads(content), name)
    verify = not told.get("SkipTLSVerify", False)
    return str(told.get("Host") or ""), _tls(folder / "contexts" / "tls" / place, verify=verify)


def _endpoint_in(meta: object, name: str) -> Mapping[str, Any]:
    endpoints = meta.get("Endpoints") if isinstance(meta, dict) else None
    told = endpoints.get(_ENDPOINT, {}) if isinstance(endpoints, dict) else None
    if not isinstance(told, dict):
        raise ValueError(f"the Docker context {name} is not as docker writes it")  # noqa: TRY004 - a file's content
    return told


def _tls(place: Path, *, verify: bool) -> TLSConfig | None:
    """The certificates of a context; None where it has not all three."""
    files = [place / _ENDPOINT / name for name in ("ca.pem", "cert.pem", "key.pem")]
    if not all(file.is_file() for file in files):
        return None
    authority, certificate, key = map(str, files)
    return TLSConfig(client_cert=(certificate, key), ca_cert=authority, verify=verify)
