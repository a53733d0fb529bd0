"""The demo where it can start no engine: with one that answers, or told what is missing."""

import os
import shutil
from pathlib import Path

import pytest

from tests import demo
from tests.testbed import machine, present, pulled
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import build_image, ensure_base
from tests.testbed.present import PresentEngine
from tests.testbed.test_present import what_it_has

STRANGER = "private engines need root"


def test_whoever_may_start_no_engine_is_told_both_ways(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(demo, "answering", lambda: None)
    assert demo.main() == 1
    assert capsys.readouterr().err == (
        f"error: {STRANGER}: type it as root on Debian, or name an engine that answers: "
        "DOCKER_HOST=unix:///PATH .ci/tox run -e demo\n"
    )


def test_on_another_system_the_packages_are_named_all_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "missing_packages", lambda _: ["docker-registry", "mmdebstrap"])
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(demo, "answering", lambda: None)
    assert demo.main() == 1
    assert capsys.readouterr().err == (
        "error: programs are missing; on Debian, as root: "
        "apt-get install -y docker-registry mmdebstrap\n"
    )


def test_an_engine_answers_or_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    assert present.answering() is None
    monkeypatch.setenv("DOCKER_HOST", "ssh://somewhere")
    assert present.answering() is None


@pytest.fixture
def as_stranger(monkeypatch: pytest.MonkeyPatch, victim: PrivateEngine) -> None:
    monkeypatch.setattr(machine, "reason_to_skip", lambda: STRANGER)
    monkeypatch.setattr(demo, "present", lambda: None)
    monkeypatch.setattr(demo, "answering", lambda: PresentEngine(victim.url))


@pytest.mark.docker
@pytest.mark.usefixtures("as_stranger")
def test_an_engine_that_answers_is_enough_and_is_left_as_it_was(
    victim: PrivateEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = victim.client()
    ensure_base(client)
    # Stand-ins for both public images, of the same programs; they are there already.
    build_image(client, {"Dockerfile": "FROM occ.test/base\n"}, tag=pulled.DEBIAN)
    files: dict[str, str | bytes | Path] = {
        "Dockerfile": "FROM occ.test/base\nCOPY docker-registry config.yml /\nEXPOSE 5000\n"
        'CMD ["/docker-registry", "serve", "/config.yml"]\n',
        "docker-registry": Path("/usr/bin/docker-registry"),
        "config.yml": "version: 0.1\nstorage: {filesystem: {rootdirectory: /data}}\n"
        "http: {addr: ':5000'}\n",
    }
    build_image(client, files, tag=pulled.REGISTRY)
    before = what_it_has(victim)
    assert demo.main() == 0
    said = capsys.readouterr().out
    assert f"The engine at {victim.url} answers: it pulls a registry and a base image." in said
    assert what_it_has(victim) == before


@pytest.mark.docker
@pytest.mark.usefixtures("as_stranger")
def test_what_that_engine_cannot_pull_is_named(
    victim: PrivateEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pulled, "REGISTRY", "127.0.0.1:9/registry:2")
    assert demo.main() == 1
    said = capsys.readouterr().err
    assert said.startswith(
        f"error: the engine at {victim.url} cannot pull 127.0.0.1:9/registry:2: "
    )
