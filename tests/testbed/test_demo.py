"""Where the demo cannot run it says at once what is missing, and how to go on."""

import os

import pytest

from tests import demo
from tests.testbed import machine
from tests.testbed.present import PresentEngine


def test_whoever_may_not_install_is_told_all_packages_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "missing_packages", lambda _: ["docker-registry", "mmdebstrap"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert demo.main() == 1
    assert capsys.readouterr().err == (
        "error: programs are missing; on Debian, as root: "
        "apt-get install -y docker-registry mmdebstrap\n"
    )


def test_whoever_may_start_no_engine_is_told_to_name_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "missing_packages", lambda _: [])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    assert demo.main() == 1
    assert "DOCKER_HOST=unix:///var/run/docker.sock .ci/tox run -e demo" in capsys.readouterr().err
    assert demo._lacks(PresentEngine("unix:///run/docker.sock")) == ""
