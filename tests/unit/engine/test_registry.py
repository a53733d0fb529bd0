"""What a registry tells of an image before it is pulled, and that anything else is nothing."""

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from occ.engine.docker.registry import Registry, registry_of
from occ.engine.values import PublishedImage
from occ.errors import (
    ImageMissingError,
    OccError,
    RegistryError,
    TooManyRequestsError,
    UnauthorizedError,
)

Answers = dict[str, tuple[int, dict[str, str], bytes]]
CONFIG = {"created": "2026-11-01T00:00:00Z", "config": {"Labels": {"version": "2.0"}}}
TOLD = PublishedImage(labels={"version": "2.0"}, created_at=1_793_491_200_000)
LOGIN = {"X-Registry-Auth": urlsafe_b64encode(b'{"username": "ann", "password": "pw"}').decode()}
BASIC = f"Basic {b64encode(b'ann:pw').decode()}"
PATH = "/v2/team/web"


class Door(BaseHTTPRequestHandler):
    """A registry of what a test put there."""

    answers: ClassVar[Answers] = {}
    asked: ClassVar[list[tuple[str, str]]] = []
    wants: ClassVar[str] = ""

    def do_GET(self) -> None:
        authorization = self.headers.get("Authorization", "")
        self.asked.append((self.path, authorization))
        status, headers, body = self.answers.get(self.path, (404, {}, b"{}"))
        if self.wants and self.path.startswith("/v2/") and authorization != self.wants:
            host = self.headers["Host"]
            realm = f'Bearer realm="http://{host}/token",service="it",scope="pull"'
            status, headers, body = 401, {"WWW-Authenticate": realm}, b"{}"
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the server's own name
        """Say nothing."""


@contextmanager
def server() -> Iterator[str]:
    Door.answers, Door.asked, Door.wants = {}, [], ""
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as one:
        thread = Thread(target=one.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"127.0.0.1:{one.server_port}"
        finally:
            one.shutdown()
            thread.join()


@pytest.fixture
def host() -> Iterator[str]:
    with server() as one:
        yield one


def put(kind: str, content: object) -> str:
    """Have the registry hold this content; its digest."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    Door.answers[f"{PATH}/{kind}/{digest}"] = (200, {}, body)
    return digest


def image() -> str:
    return put("manifests", {"config": {"digest": put("blobs", CONFIG)}})


def at(host: str, **login: str) -> Registry:
    return registry_of(f"{host}/team/web:latest", "linux/amd64", login or {})


def test_it_tells_labels_and_age(host: str) -> None:
    assert at(host).image(image()) == TOLD


def test_of_an_index_the_engines_platform_counts(host: str) -> None:
    other = put("manifests", {"config": {"digest": put("blobs", {})}})
    of = {"amd64": image(), "s390x": other}
    each = [{"digest": d, "platform": {"os": "linux", "architecture": a}} for a, d in of.items()]
    index = put("manifests", {"manifests": [*reversed(each)]})
    assert at(host).image(index) == TOLD
    assert registry_of(f"{host}/team/web", "linux/arm64", {}).image(index) is None


def test_a_token_is_fetched_with_the_login_which_goes_nowhere_else(host: str) -> None:
    digest = image()
    Door.wants = "Bearer t"
    Door.answers["/token?service=it&scope=pull"] = (200, {}, b'{"token": "t"}')
    assert at(host, **LOGIN).image(digest) == TOLD
    logins = [path for path, authorization in Door.asked if authorization == BASIC]
    assert logins == ["/token?service=it&scope=pull"]


def test_a_redirect_to_another_host_loses_the_token(host: str) -> None:
    digest, config = image(), put("blobs", CONFIG)
    elsewhere = f"http://localhost:{host.rpartition(':')[2]}/store"
    Door.answers["/store"] = Door.answers[f"{PATH}/blobs/{config}"]
    Door.answers[f"{PATH}/blobs/{config}"] = (307, {"Location": elsewhere}, b"")
    Door.answers["/token?service=it&scope=pull"] = (200, {}, b'{"access_token": "t"}')
    Door.wants = "Bearer t"
    assert at(host).image(digest) == TOLD
    assert Door.asked[-1] == ("/store", "")


def test_a_body_of_another_digest_is_not_believed(host: str) -> None:
    digest, other = image(), put("manifests", {"config": {"digest": put("blobs", {})}})
    Door.answers[f"{PATH}/manifests/{digest}"] = Door.answers[f"{PATH}/manifests/{other}"]
    assert at(host).image(other) == PublishedImage()
    assert at(host).image(digest) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"[" * 5_000, b'{"config": 5}', b'{"config": {"digest": "../x"}}', b"\xff"],
)
def test_anything_else_is_nothing(host: str, body: bytes) -> None:
    assert at(host).image(put("manifests", body)) is None


def test_odd_facts_are_empty_ones(host: str) -> None:
    config = put("blobs", {"created": 5, "config": {"Labels": {"a": 1, "b": "c"}}})
    told = at(host).image(put("manifests", {"config": {"digest": config}}))
    assert told == PublishedImage(labels={"b": "c"})


@pytest.mark.parametrize(
    "challenge",
    ["", "Basic", 'Bearer realm="https://127.0.0.1:1/t"', 'Bearer realm="file:///etc/passwd"'],
)
def test_a_login_goes_to_no_other_kind_of_address(host: str, challenge: str) -> None:
    digest = image()
    Door.answers[f"{PATH}/manifests/{digest}"] = (401, {"WWW-Authenticate": challenge}, b"{}")
    assert at(host, **LOGIN).image(digest) is None
    assert {path for path, _ in Door.asked} == {f"{PATH}/manifests/{digest}"}


def test_a_registry_that_nobody_reaches_tells_nothing() -> None:
    with server() as host:
        gone = at(host)
    assert gone.image(f"sha256:{'0' * 64}") is None


def test_the_short_names_of_the_hub_are_its_librarys() -> None:
    hub = registry_of("debian:bookworm", "linux/amd64", LOGIN)
    assert (hub.host, hub.repository, hub.login) == ("docker.io", "library/debian", ("ann", "pw"))
    assert registry_of("a/b", "linux/amd64", {"X-Registry-Auth": "?"}).login is None


def test_a_tag_leads_to_a_digest(host: str) -> None:
    digest = image()
    Door.answers[f"{PATH}/manifests/latest"] = Door.answers[f"{PATH}/manifests/{digest}"]
    assert at(host).digest() == digest
    Door.wants = "Bearer ours"
    Door.answers["/token?service=it&scope=pull"] = (200, {}, b'{"token": "ours"}')
    assert at(host, **LOGIN).digest() == digest
    by_digest = registry_of(f"{host}/team/web@{digest}", "", LOGIN)
    assert by_digest.digest() == digest


@pytest.mark.parametrize(
    ("status", "headers", "error", "says"),
    [
        (404, {}, ImageMissingError, "is not at its registry"),
        (403, {}, UnauthorizedError, "needs a login"),
        (429, {"Retry-After": "7"}, TooManyRequestsError, "in 7 s"),
        (500, {}, RegistryError, "could not be fetched"),
    ],
)
def test_a_registry_that_gives_no_digest_says_why(
    host: str, status: int, headers: dict[str, str], error: type[OccError], says: str
) -> None:
    Door.answers[f"{PATH}/manifests/latest"] = (status, headers, b'{"errors": []}')
    with pytest.raises(error, match=says):
        at(host).digest()


def test_a_registry_that_nobody_reaches_is_an_error() -> None:
    with server() as host:
        gone = at(host)
    with pytest.raises(RegistryError, match="no answer"):
        gone.digest()
