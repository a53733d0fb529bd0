"""A registry, asked itself where the engine has no call.

The facts of an image are a look for people, and nothing depends on them: whatever goes wrong,
nothing is known. Bodies are believed only where they have the digest that was asked for.
"""

import hashlib
import re
import time
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from docker.auth import resolve_repository_name
from requests.utils import get_environ_proxies

from occ.domain.total import json_value
from occ.domain.values import Reference
from occ.engine.docker.wire import read, shape
from occ.engine.docker.wire.errors import registry_refusal
from occ.engine.values import PublishedImage

_MANIFESTS: Final = (
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json"
)
_HUB: Final = "docker.io"
_LOOPBACK: Final = re.compile(r"(?:localhost|127\.\d+\.\d+\.\d+)(?::\d+)?")
_CHALLENGE: Final = re.compile(r'(\w+)="([^"]*)"')
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_WAIT_SECONDS: Final = 2.0
_TOTAL_SECONDS: Final = 6.0
_MOST_BYTES: Final = 4 << 20
_UNAUTHORIZED: Final = 401


def registry_of(reference: str, platform: str, credentials: Mapping[str, str]) -> "Registry":
    """The registry of a reference; `credentials` are the header that the engine gets for it."""
    host, repository = resolve_repository_name(Reference.parse(reference).repository)
    if host == _HUB and "/" not in repository:
        repository = f"library/{repository}"
    return Registry(reference, host, repository, platform, _login(credentials))


def _login(credentials: Mapping[str, str]) -> tuple[str, str] | None:
    try:
        told = shape.table(json_value(urlsafe_b64decode(credentials.get("X-Registry-Auth", ""))))
    except ValueError:
        return None
    name, password = (shape.text(told.get(key)) for key in ("username", "password"))
    return (name, password) if name and password else None


@dataclass(slots=True)
class Registry:
    """The repository of a reference; the platform is the engine's, as `os/architecture`."""

    reference: str
    host: str
    repository: str
    platform: str
    login: tuple[str, str] | None = field(default=None, repr=False)
    """Sent only to the registry, or to whoever it names to give tokens out."""
    _authorization: str = field(default="", repr=False)
    _until: float = 0

    def image(self, digest: str) -> PublishedImage | None:
        """The image of a manifest, or of an index of manifests; None where that is not told."""
        self._until = time.monotonic() + _TOTAL_SECONDS
        try:
            manifest = self._manifest(digest)
            config = shape.text(shape.table(manifest.get("config")).get("digest"))
            told = shape.table(json_value(self._content("blobs", config)))
        except (requests.RequestException, ValueError, OSError):
            return None
        labels = shape.words(shape.table(told.get("config")).get("Labels"))
        return PublishedImage(labels=labels, created_at=read.moment(told.get("created")))

    def digest(self) -> str:
        """The digest that the reference leads to.

        Raises:
            RegistryError: it did not answer, or not with a manifest.
            ImageMissingError, UnauthorizedError, TooManyRequestsError: as it said.
        """
        self._until = time.monotonic() + _TOTAL_SECONDS
        wanted = Reference.parse(self.reference)
        try:
            status, headers, body = self._asked("manifests", wanted.digest or wanted.tag)
        except (requests.RequestException, ValueError, OSError) as error:
            raise registry_refusal(self.reference, 0, f"no answer: {error}") from error
        if status != requests.codes.ok:
            wait = headers.get("Retry-After", "")
            said = body.decode("utf-8", "replace") + (f" retry-after: {wait}" if wait else "")
            raise registry_refusal(self.reference, status, said)
        return f"sha256:{hashlib.sha256(body).hexdigest()}"

    def _manifest(self, digest: str) -> Mapping[str, Any]:
        told = shape.table(json_value(self._content("manifests", digest)))
        for each in shape.tables(told.get("manifests")):
            its = shape.table(each.get("platform"))
            if f"{its.get('os')}/{its.get('architecture')}" == self.platform:
                one = self._content("manifests", shape.text(each.get("digest")))
                return shape.table(json_value(one))
        return told

    def _content(self, kind: str, digest: str) -> bytes:
        """The content of this digest.

        Raises:
            ValueError: the registry has it not, or tells something else.
        """
        if not _DIGEST.fullmatch(digest):
            raise ValueError(digest)
        status, _, body = self._asked(kind, digest)
        found = f"sha256:{hashlib.sha256(body).hexdigest()}"
        if status != requests.codes.ok or found != digest:
            raise ValueError(status)
        return body

    def _asked(self, kind: str, name: str) -> tuple[int, Mapping[str, str], bytes]:
        """The answer, after a login where one is wanted."""
        host = self.host if self.host != _HUB else "registry-1.docker.io"
        scheme = "http" if _LOOPBACK.fullmatch(self.host) else "https"
        url = f"{scheme}://{host}/v2/{self.repository}/{kind}/{name}"
        status, headers, body = self._get(url, self._authorization)
        if status == _UNAUTHORIZED and not self._authorization:
            self._authorization = self._authorized(headers.get("WWW-Authenticate", ""), scheme)
            status, headers, body = self._get(url, self._authorization)
        return status, headers, body

    def _authorized(self, challenge: str, scheme: str) -> str:
        """The header that answers a challenge, with a token where the registry wants one."""
        basic = f"Basic {b64encode(':'.join(self.login).encode()).decode()}" if self.login else ""
        asked = dict(_CHALLENGE.findall(challenge))
        realm = asked.pop("realm", "")
        if not challenge.lower().startswith("bearer ") or urlsplit(realm).scheme != scheme:
            return basic
        _, _, body = self._get(realm, basic, **asked)
        told = shape.table(json_value(body))
        token = shape.text(told.get("token")) or shape.text(told.get("access_token"))
        return f"Bearer {token}" if token else ""

    def _get(
        self, url: str, authorization: str, **params: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One answer, of bounded size and within the time; a redirect loses the login."""
        with requests.Session() as session:
            session.trust_env = False  # no login out of a .netrc
            session.proxies = get_environ_proxies(url)
            headers = {"Accept": _MANIFESTS}
            if authorization:
                headers["Authorization"] = authorization
            wait = (_WAIT_SECONDS, _WAIT_SECONDS)
            answer = session.get(url, params=params, headers=headers, timeout=wait, stream=True)
            body = bytearray()
            for piece in answer.iter_content(1 << 16):
                body += piece
                if len(body) > _MOST_BYTES or time.monotonic() > self._until:
                    raise ValueError(url)
            return answer.status_code, answer.headers, bytes(body)
