"""Podman behind Docker's API: how it is known, and what it is asked otherwise."""

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest

from occ.errors import ImageMissingError
from tests.unit.engine.odd import Handler, served

_IDS = count()


class _Podman(Handler, BaseHTTPRequestHandler):
    """It draws a new id for every answer, and has no call that asks a registry."""

    def do_GET(self) -> None:
        if self.path.endswith("/info"):
            told = {"ID": f"{next(_IDS)}", "DockerRootDir": "/r", "ServerVersion": "5.4.2"}
            self.answer(200, {**told, "Name": "box", "BuildahVersion": "1.39.3"})
        elif self.path.endswith("/version"):
            self.answer(200, {"ApiVersion": "1.41", "MinAPIVersion": "1.24"})
        else:
            self.answer(404, "Not Found")


class _Registry(Handler, BaseHTTPRequestHandler):
    """It has one manifest."""

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/v2/web/manifests/1" else 404, {})


def test_it_stays_the_same_engine_though_its_id_is_drawn_anew() -> None:
    with served(ThreadingHTTPServer(("127.0.0.1", 0), _Podman)) as engine:
        one, other = engine.info(), engine.info()
    assert (one.id, one.podman, one.version) == ("podman of box", True, "5.4.2")
    assert one.id == other.id


def test_the_registry_itself_is_asked_for_a_digest() -> None:
    registry = ThreadingHTTPServer(("127.0.0.1", 0), _Registry)
    with served(registry), served(ThreadingHTTPServer(("127.0.0.1", 0), _Podman)) as engine:
        host = f"127.0.0.1:{registry.server_port}"
        wanted = f"sha256:{hashlib.sha256(b'{}').hexdigest()}"
        assert engine.registry_digest(f"{host}/web:1") == wanted
        with pytest.raises(ImageMissingError):
            engine.registry_digest(f"{host}/web:2")
