"""The logins that Docker's config and its credential helpers give for registries.

A helper that is missing or fails gives none, as for the docker command; why is told, for a
registry may refuse whoever has no login. The words of a helper are never told: they may hold what
it keeps.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from shutil import which

from docker import APIClient
from docker.auth import AuthConfig, encode_header, get_config_header, resolve_repository_name

_HELPER = "docker-credential-"


@dataclass(slots=True)
class Login:
    """The headers of a request to a registry, and why they hold no login, if a helper failed."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    note: str = ""


def of(client: APIClient, reference: str) -> Login:
    """The login for an image's registry. Old engines want the header even when it says nothing."""
    registry, _ = resolve_repository_name(reference)
    login = Login({"X-Registry-Auth": encode_header({}).decode()})
    with _helped(client, registry, login):
        header = get_config_header(client, registry)
        if header:
            login.headers = {"X-Registry-Auth": header.decode()}
    return login


def of_all(client: APIClient) -> Login:
    """The logins for every registry that Docker's config knows."""
    headers: dict[str, str] = {}
    login = Login(headers)
    with _helped(client, "", login):
        client._set_auth_headers(headers)  # type: ignore[attr-defined]  # noqa: SLF001 - the SDK's own way to do so
    return login


@contextmanager
def _helped(client: APIClient, registry: str, login: Login) -> Iterator[None]:
    """Note the helper that failed, or the config that cannot be used."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the SDK warns of a missing helper on stderr
            yield
    except Exception:  # noqa: BLE001 - whatever a config or a helper makes the SDK raise is no login
        name = _helper(client, registry)
        if name:
            why = "failed" if which(name) else "is not installed"
            login.note = f"no login was sent: {name} {why}"
        else:
            login.note = "no login was sent: Docker's config.json cannot be used"


def _helper(client: APIClient, registry: str) -> str:
    """The program that Docker's config names for a registry, or for any; empty where none is."""
    config = getattr(client, "_auth_configs", None) or AuthConfig({})
    helpers = config.get("credHelpers")
    named = helpers if isinstance(helpers, dict) else {}
    found = named.get(registry) or config.get("credsStore") or next(iter(named.values()), "")
    return f"{_HELPER}{found}" if found else ""
