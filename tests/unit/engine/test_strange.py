"""Whatever an engine, an image or another server answers is read: a value, or an error of occ's."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.total import is_digest, json_value, ports_of, whole_number
from occ.engine.docker.engine import DockerEngine
from occ.engine.docker.wire import read, streams
from occ.engine.docker.wire.errors import registry_refusal
from occ.errors import EngineRefusedError, EngineUnreachableError, OccError
from tests.unit.engine.odd import THERE, Handler, served
from tests.unit.engine.test_registry import PATH, Door, at, put, server

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
IMAGE = {
    "Id": "sha256:i",
    "RepoTags": ["web:1"],
    "RepoDigests": [],
    "Created": "2026-01-01T00:00:00Z",
    "Size": 5,
    "Config": {
        "Labels": {"a": "b"},
        "Volumes": {"/data": {}},
        "ExposedPorts": {"3000/tcp": {}},
        "User": "",
        "Healthcheck": {"Test": ["CMD", "x"], "Interval": 5, "Retries": 3},
    },
}
FULL = THERE | {
    "RestartCount": 0,
    "State": {"Status": "running", "StartedAt": "2026-01-01T00:00:00.123456789Z", "ExitCode": 0},
    "HostConfig": {
        "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0},
        "PortBindings": {"3000/tcp": [{"HostIp": "", "HostPort": "80"}]},
    },
    "NetworkSettings": {"Networks": {}, "Ports": {}},
    "Mounts": [{"Destination": "/data", "Name": "web-data", "Source": "/var"}],
}


def spoiled(good: object) -> st.SearchStrategy[Any]:
    """The good answer with any part of it replaced by any JSON, or left out."""
    if isinstance(good, dict):
        parts = {key: st.one_of(st.just(value), spoiled(value)) for key, value in good.items()}
        whole = st.fixed_dictionaries({}, optional=parts)
        more = st.dictionaries(st.text(), JSON, max_size=2)
        return JSON | st.builds(lambda one, two: {**two, **one}, whole, more)
    if isinstance(good, list):
        return JSON | st.lists(st.one_of(*[spoiled(one) for one in good] or [JSON]), max_size=3)
    return JSON


def read_or_refused(call: Callable[[], object]) -> None:
    with suppress(OccError):
        call()


@given(spoiled(FULL))
def test_a_container_is_read_or_refused(there: object) -> None:
    if isinstance(there, dict):
        read_or_refused(lambda: read.container(there))


@given(spoiled(FULL), spoiled(IMAGE), spoiled({"CgroupVersion": "2", "Name": "here"}))
def test_all_that_it_was_made_with_is_read_or_refused(
    there: object, image: object, info: object
) -> None:
    if isinstance(there, dict) and isinstance(info, dict):
        brought = image if isinstance(image, dict) else None
        read_or_refused(lambda: read.inspection(there, brought, info))


@given(spoiled(IMAGE))
def test_an_image_is_read_or_refused(there: object) -> None:
    if isinstance(there, dict):
        read_or_refused(lambda: read.image(there))


@given(st.dictionaries(st.text(), JSON) | JSON)
def test_whatever_ports_an_image_declares_it_is_read(ports: object) -> None:
    told = read.image({"Id": "i", "Config": {"ExposedPorts": ports}})
    assert all(1 <= port <= 65_535 for port in told.ports)


@given(spoiled([{"Path": "/a", "Kind": 0}]))
def test_the_changes_of_a_layer_are_read(told: object) -> None:
    if isinstance(told, list):
        read.changes(told, ["/data"])


@given(JSON | st.datetimes().map(lambda at: at.isoformat() + "Z"))
def test_every_moment_is_a_number(text: object) -> None:
    assert isinstance(read.moment(text), int)


@given(st.text() | st.text("0123456789²٣ -+_"))
def test_a_whole_number_is_one_of_ascii_digits(text: str) -> None:
    found = whole_number(text, 10**6)
    assert found is None or (text.isascii() and int(text) == found <= 10**6)


@given(st.binary() | st.text())
def test_a_text_is_json_or_a_value_error(text: str | bytes) -> None:
    with suppress(ValueError):
        json_value(text)


@given(st.binary())
def test_a_line_of_a_stream_is_a_table(line: bytes) -> None:
    assert isinstance(streams.told(line), dict)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5_000])
def test_depth_and_length_are_no_traceback(text: str) -> None:
    with pytest.raises(ValueError, match=r"deep|digits"):
        json_value(text)


@pytest.mark.parametrize(
    ("key", "ports"),
    [
        ("3000/tcp", (3000,)),
        ("3000", (3000,)),
        ("3000-3002/tcp", (3000, 3001, 3002)),
        ("3002-3000/udp", ()),
        ("0/tcp", ()),
        ("65536/tcp", ()),
        ("²/tcp", ()),
        ("http/tcp", ()),
        ("-/tcp", ()),
        ("", ()),
    ],
)
def test_a_range_means_each_port(key: str, ports: tuple[int, ...]) -> None:
    assert ports_of(key) == ports
    assert read.image({"Id": "i", "Config": {"ExposedPorts": {key: {}}}}).ports == ports


def test_a_wait_of_any_length_is_told() -> None:
    error = registry_refusal("web:1", 429, f"retry-after: {'9' * 5_000}")
    assert error.message.startswith("the registry of web:1 asks to come back later")


def test_whatever_a_registry_answers_it_is_an_image_or_nothing() -> None:
    """Its manifest, config, token, challenge and status, over a real connection."""
    challenges = st.text("Bearer realm=\"http:/,?&;'", max_size=40)

    @given(
        config=spoiled({"created": "2026-01-01T00:00:00Z", "config": {"Labels": {"a": "b"}}}),
        manifest=spoiled({"config": {"digest": ""}, "manifests": []}),
        token=spoiled({"token": "t"}),
        challenge=challenges | st.just('Bearer realm="http://HOST/token"'),
        status=st.sampled_from([200, 200, 200, 204, 401, 403, 404, 429, 500]),
    )
    def one(config: object, manifest: object, token: object, challenge: str, status: int) -> None:
        if isinstance(manifest, dict) and isinstance(manifest.get("config"), dict):
            manifest["config"]["digest"] = put("blobs", config)
        digest = put("manifests", manifest)
        there = f"{PATH}/manifests/{digest}"
        Door.answers[there] = (
            status,
            {"WWW-Authenticate": challenge.replace("HOST", host)},
            Door.answers[there][2],
        )
        Door.answers["/token"] = (200, {}, json.dumps(token).encode())
        told = at(host).image(digest)
        assert told is None or all(isinstance(word, str) for word in told.labels.values())

    with server() as host:
        one()


class Stranger(ThreadingHTTPServer):
    """Answers every question with the same body."""

    body = b""


class _Handler(Handler, BaseHTTPRequestHandler):
    server: Stranger

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)


@pytest.fixture
def stranger() -> Iterator[tuple[Stranger, DockerEngine]]:
    server = Stranger(("127.0.0.1", 0), _Handler)
    with served(server) as engine:
        yield server, engine


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[1, 2]",
        b'"hello"',
        b"null",
        b"<html>It works!</html>",
        b"[" * 100_000,
        b'{"ApiVersion": ' + b"9" * 5_000 + b"}",
        json.dumps({"ApiVersion": "²"}).encode(),
        b'{"ApiVersion": "1.44", "Version": "x"}',
        b'{"ApiVersion": "1.44", "ID": 5, "DockerRootDir": [], "ServerVersion": {}}',
        b"\xff\xfe\x00",
    ],
)
def test_a_server_that_is_no_engine_is_named(
    stranger: tuple[Stranger, DockerEngine], body: bytes
) -> None:
    server, engine = stranger
    server.body = body
    address = f"tcp://127.0.0.1:{server.server_port}"
    where = f"the server that answers at {address} is no container engine"
    with pytest.raises(EngineUnreachableError, match=where) as told:
        engine.info()
    assert told.value.hint


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: engine.containers({}),
        lambda engine: engine.names(),
        lambda engine: engine.inspect("web"),
        lambda engine: engine.inspection("web"),
        lambda engine: engine.neighbours(("web",), ()),
        lambda engine: engine.image("web"),
        lambda engine: engine.volume("web"),
        lambda engine: engine.started_at(),
        lambda engine: engine.changes("web"),
        lambda engine: engine.registry_digest("web"),
        lambda engine: engine.route("web", 80),
        lambda engine: list(engine.logs("web")),
    ],
)
def test_an_engine_that_answers_anything_raises_nothing_else(
    stranger: tuple[Stranger, DockerEngine], ask: Callable[[DockerEngine], object]
) -> None:
    server, engine = stranger
    server.body = b'{"ApiVersion": "1.44"}'
    engine.volume("agreed")
    for body in (b"{}", b"[[]]", b"[1]", b'"x"', b"5", b'[{"Id": 5}]'):
        server.body = body
        read_or_refused(lambda: ask(engine))


def test_a_container_without_an_id_is_refused() -> None:
    with pytest.raises(EngineRefusedError, match="it has no Id"):
        read.container(THERE | {"Id": None})


@pytest.mark.parametrize("rest", ["", "g" * 64, "0" * 63, "0" * 65, "A" * 64, "\u00b2" * 64])
def test_a_digest_is_sixty_four_digits_behind_its_name(rest: str) -> None:
    assert is_digest(f"sha256:{'0a' * 32}")
    assert not is_digest(f"sha256:{rest}")
    assert not is_digest(f"sha512:{'0a' * 32}")
    assert not is_digest("0a" * 32)
