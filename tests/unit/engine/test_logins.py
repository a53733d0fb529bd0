"""Logins from Docker's config: a credential helper that gives none is as if there were none."""

import base64
import json
from pathlib import Path

import pytest
from docker import APIClient

from occ.engine.docker.wire import logins
from occ.engine.docker.wire.address import choose
from occ.engine.docker.wire.client import Client, Waits
from occ.errors import EngineUnreachableError

NO_LOGIN = base64.urlsafe_b64encode(b"{}").decode()
WORDS = "said-by-the-helper"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of Docker's config, which is in PATH too."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def _client(place: Path, config: object, helper: str = "") -> APIClient:
    (place / "config.json").write_text(json.dumps(config))
    if helper:
        (place / "docker-credential-ours").write_text(f"#!/bin/sh\n{helper}\n")
        (place / "docker-credential-ours").chmod(0o755)
    return APIClient(base_url=f"unix://{place}/none", version="1.41")


def _sent(login: logins.Login) -> object:
    return json.loads(base64.urlsafe_b64decode(login.headers["X-Registry-Auth"]))


def test_a_login_of_a_helper_is_sent(place: Path) -> None:
    helper = """echo '{"ServerURL":"a.test","Username":"anna","Secret":"s"}'"""
    login = logins.of(_client(place, {"credHelpers": {"a.test": "ours"}}, helper), "a.test/web:1")
    assert _sent(login) == {"ServerAddress": "a.test", "Username": "anna", "Password": "s"}
    assert login.note == ""
    assert "anna" not in repr(login)


@pytest.mark.parametrize("config", [{"credsStore": "ours"}, {"credHelpers": {"a.test": "ours"}}])
def test_a_helper_that_is_not_installed_is_no_login_and_a_note(place: Path, config: object) -> None:
    client = _client(place, config)
    for login in (logins.of(client, "a.test/web:1"), logins.of_all(client)):
        assert login.note == "no login was sent: docker-credential-ours is not installed"
    assert logins.of(client, "a.test/web:1").headers == {"X-Registry-Auth": NO_LOGIN}


@pytest.mark.parametrize(
    "helper",
    [
        f"echo {WORDS}; exit 1",
        f"echo {WORDS}",
        "echo '[]'",
        "echo '{}'",
        "kill -9 $$",
        "printf '\\377'",
    ],
)
def test_a_helper_that_fails_is_no_login_and_its_words_are_not_told(
    place: Path, helper: str
) -> None:
    client = _client(place, {"credsStore": "ours"}, helper)
    told = "no login was sent: docker-credential-ours failed"
    assert logins.of(client, "a.test/web:1") == logins.Login({"X-Registry-Auth": NO_LOGIN}, told)
    assert logins.of_all(client).note in {told, ""}


def test_a_helper_without_a_login_for_the_registry_is_nothing_to_note(place: Path) -> None:
    helper = "echo 'credentials not found in native keychain'; exit 1"
    login = logins.of(_client(place, {"credsStore": "ours"}, helper), "a.test/web:1")
    assert login == logins.Login({"X-Registry-Auth": NO_LOGIN})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"auths": 1}', '{"auths": {"a.test": 1}}'])
def test_a_config_that_cannot_be_read_is_no_login(place: Path, text: str) -> None:
    client = _client(place, {})
    (place / "config.json").write_text(text)
    assert logins.of(client, "a.test/web:1").headers == {"X-Registry-Auth": NO_LOGIN}
    assert logins.of_all(client).headers.get("X-Registry-Auth", NO_LOGIN) == NO_LOGIN


@pytest.mark.parametrize("text", ["[]", '{"auths": 1}', '{"proxies": 3}', '{"auths": {"a": 1}}'])
def test_a_config_of_another_shape_is_told_at_once(place: Path, text: str) -> None:
    (place / "config.json").write_text(text)
    with pytest.raises(EngineUnreachableError, match=r"config\.json|configuration"):
        Client(choose(f"unix://{place}/none", {}), Waits())
