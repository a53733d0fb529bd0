"""Which engine is meant: as the docker command would choose it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from occ.engine.docker.engine import DockerEngine
from occ.engine.docker.wire.address import DEFAULT, Address, choose
from occ.errors import EngineUnreachableError

FAR = "tcp://10.1.2.3:2375"


@pytest.fixture(autouse=True)
def _own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (
        "DOCKER_CONFIG",
        "DOCKER_HOST",
        "DOCKER_CONTEXT",
        "DOCKER_TLS_VERIFY",
        "DOCKER_CERT_PATH",
    ):
        monkeypatch.delenv(name, raising=False)


def context(folder: Path, name: str, host: str, *, skipped: bool = False) -> None:
    """Have a context, as `docker context create` stores it."""
    place = folder / ".docker" / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    place.mkdir(parents=True)
    endpoint = {"Host": host, "SkipTLSVerify": skipped}
    meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}}
    (place / "meta.json").write_text(json.dumps(meta))


def use(folder: Path, name: str) -> None:
    """Have it as the current one, as `docker context use` does."""
    (folder / ".docker").mkdir(exist_ok=True)
    (folder / ".docker" / "config.json").write_text(json.dumps({"currentContext": name}))


def test_without_any_word_it_is_the_default_socket() -> None:
    assert choose("", {}).text == DEFAULT
    assert choose("", {}).local


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({}, "unix:///run/current.sock"),
        ({"DOCKER_CONTEXT": "other"}, "unix:///run/other.sock"),
        ({"DOCKER_CONTEXT": "default"}, DEFAULT),
        ({"DOCKER_HOST": FAR}, FAR),
        ({"DOCKER_HOST": FAR, "DOCKER_CONTEXT": "other"}, FAR),
        ({"DOCKER_HOST": ""}, "unix:///run/current.sock"),
    ],
)
def test_docker_host_then_the_context_that_is_named_then_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str], text: str
) -> None:
    for name in ("current", "other"):
        context(tmp_path, name, f"unix:///run/{name}.sock")
    use(tmp_path, "current")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert choose("", environ).text == text
    assert choose("unix:///given.sock", environ).text == "unix:///given.sock"


def test_a_context_that_nobody_made_is_named_with_what_lists_them(tmp_path: Path) -> None:
    with pytest.raises(EngineUnreachableError, match="no Docker context nope") as refused:
        choose("", {"DOCKER_CONTEXT": "nope"})
    assert refused.value.hint == "docker context ls"
    use(tmp_path, "gone")
    with pytest.raises(EngineUnreachableError, match="context") as refused:
        choose("", {})
    assert refused.value.hint == "docker context ls"


def test_a_damaged_config_of_docker_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    for content in ("{", "[]", "{}", '{"currentContext": null}'):
        (tmp_path / ".docker" / "config.json").write_text(content)
        assert choose("", {}).text == DEFAULT


def test_a_context_is_found_without_a_config_of_docker(tmp_path: Path) -> None:
    """`docker context create` makes no config.json; only `docker context use` does."""
    context(tmp_path, "far", FAR)
    assert choose("", {"DOCKER_CONTEXT": "far"}).text == FAR
    elsewhere = {"DOCKER_CONTEXT": "far", "DOCKER_CONFIG": str(tmp_path / ".docker")}
    (tmp_path / ".docker").rename(tmp_path / "moved")
    with pytest.raises(EngineUnreachableError, match="no Docker context far"):
        choose("", elsewhere)
    assert choose("", {**elsewhere, "DOCKER_CONFIG": str(tmp_path / "moved")}).text == FAR


def test_a_context_without_a_host_is_the_default_socket(tmp_path: Path) -> None:
    context(tmp_path, "bare", "")
    assert choose("", {"DOCKER_CONTEXT": "bare"}).text == DEFAULT


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"Endpoints": []}', "\x00"])
def test_a_damaged_context_is_a_sentence(tmp_path: Path, content: str) -> None:
    context(tmp_path, "far", FAR)
    next((tmp_path / ".docker").rglob("meta.json")).write_text(content)
    with pytest.raises(EngineUnreachableError, match="the address of the engine cannot be told"):
        choose("", {"DOCKER_CONTEXT": "far"})


@pytest.mark.parametrize("skipped", [False, True])
def test_a_context_brings_its_certificates(tmp_path: Path, skipped: bool) -> None:
    context(tmp_path, "far", FAR, skipped=skipped)
    assert choose("", {"DOCKER_CONTEXT": "far"}).tls is None
    place = tmp_path / ".docker" / "contexts" / "tls" / hashlib.sha256(b"far").hexdigest()
    (place / "docker").mkdir(parents=True)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (place / "docker" / name).touch()
    tls = choose("", {"DOCKER_CONTEXT": "far"}).tls
    assert tls is not None
    assert tls.cert == (str(place / "docker" / "cert.pem"), str(place / "docker" / "key.pem"))
    assert (tls.ca_cert, tls.verify) == (str(place / "docker" / "ca.pem"), not skipped)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("unix:///run/docker.sock", True),
        ("tcp://127.0.0.1:2375", True),
        ("tcp://localhost:2375", True),
        ("tcp://[::1]:2375", True),
        (FAR, False),
        ("tcp://127.example.com:2375", False),
        ("tcp://localhost.example.com:2375", False),
    ],
)
def test_whether_it_is_of_this_machine(text: str, local: bool) -> None:
    assert Address(text).local is local


@pytest.mark.parametrize(
    ("host", "typed"),
    [
        ("ssh://me@host", "ssh me@host occ status"),
        ("ssh://me@localhost:2222", "ssh -p 2222 me@localhost occ status"),
        ("SSH://host", "ssh host occ status"),
        (" ssh://host/run/docker.sock", "ssh host occ status"),
        ("ssh://me:pass@host", "ssh me@host occ status"),
        ("ssh://a;b", "ssh 'a;b' occ status"),
        ("ssh://", "ssh HOST occ status"),
    ],
)
@pytest.mark.parametrize("way", ["given", "DOCKER_HOST", "DOCKER_CONTEXT", "current context"])
def test_an_engine_over_ssh_is_refused_whatever_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, typed: str, way: str
) -> None:
    context(tmp_path, "far", host)
    if way == "current context":
        use(tmp_path, "far")
    if way in {"DOCKER_HOST", "DOCKER_CONTEXT"}:
        monkeypatch.setenv(way, host if way == "DOCKER_HOST" else "far")
    with pytest.raises(EngineUnreachableError, match="over ssh are not supported yet") as refused:
        DockerEngine(host if way == "given" else "")
    assert refused.value.message.startswith(f"{host.replace('pass', '***')} cannot be used")
    assert refused.value.hint == f"on that machine: {typed}"


@pytest.mark.parametrize("host", ["nonsense://x", "tcp://", "unix://"])
def test_an_address_that_is_none_is_said_to_be(host: str) -> None:
    with pytest.raises(EngineUnreachableError):
        DockerEngine(host).info()
