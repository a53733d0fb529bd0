"""Why an engine does not answer, in words that help."""

import os
import socket
from pathlib import Path

import pytest

from occ.engine.docker.engine import DockerEngine
from occ.engine.docker.wire.address import Address
from occ.engine.docker.wire.silence import unreachable
from occ.errors import EngineUnreachableError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A socket of some group, which is not root's."""
    path = tmp_path / "docker.sock"
    path.touch(mode=0o660)
    path.chmod(0o660)
    if os.geteuid() == 0:
        os.chown(path, 0, 54321)
    return path


def told(path: Path) -> tuple[str, str]:
    error = unreachable(Address(f"unix://{path}"), ConnectionError(PermissionError(13, "denied")))
    return error.message, error.hint


def test_a_socket_for_a_group_names_the_group(path: Path) -> None:
    group = path.group() if os.geteuid() else "54321"
    message, hint = told(path)
    assert message == (
        f"no permission to use the engine's socket {path}: it is for the group {group}"
    )
    assert hint.startswith(f"sudo usermod -aG {group} $USER")


def test_nobody_is_told_to_join_a_group_that_may_not_either(path: Path) -> None:
    path.chmod(0o600)
    message, hint = told(path)
    assert message.endswith("it is for its owner alone")
    assert "usermod" not in hint
    path.chmod(0o660)
    if os.geteuid() == 0:
        os.chown(path, 0, 0)
        assert "usermod" not in told(path)[1]


def test_a_socket_that_cannot_be_looked_at_is_told_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "closed" / "docker.sock"
    message, hint = told(path)
    assert f"its folder {path.parent} is closed to you" in message
    assert "DOCKER_HOST=unix://PATH" in hint


def test_a_port_that_nobody_listens_on_is_not_called_slow() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with pytest.raises(EngineUnreachableError, match="no engine listens at tcp://127"):
        DockerEngine(f"tcp://127.0.0.1:{port}").info()
