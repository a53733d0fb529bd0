"""What opencode-cloud's config says, and what of it is left behind."""

import json
from pathlib import Path
from typing import Any

import pytest

from occ.app.config.opencode_cloud import Carried, read_origin
from occ.domain.spec import Mount
from occ.errors import ConfigError

FULL = """\
{
  // written by occ setup
  "version": 1,
  "opencode_web_port": 8123, /* not 3000:
  taken */
  "bind": "localhost",
  "bind_address": "[::1]",
  "auto_restart": false,
  "boot_mode": "system",
  "restart_retries": 3,
  "restart_delay": 9,
  "auth_username": null,
  "auth_password": "hushhush",
  "container_env": ["LANG=C.UTF-8", "URL=https://x.test/a//b?c=d", "API_TOKEN=t0psecret", "E="],
  "trust_proxy": true,
  "rate_limit_attempts": 5,
  "users": ["ann", "bob", "ann"],
  "cockpit_enabled": false,
  "image_source": "build",
  "update_check": "once",
  "mounts": ["/srv/work:/home/opencoder/workspace", "/etc/ssl:/etc/ssl:RO",],
}
"""


def read(folder: Path, text: str) -> Carried:
    path = folder / "config.json"
    path.write_text(text)
    return read_origin(path)


def test_everything_that_has_a_counterpart_is_carried(tmp_path: Path) -> None:
    found = read(tmp_path, FULL)
    assert (found.port, found.bind, found.restarts) == (8123, "::1", False)
    assert found.env == {"LANG": "C.UTF-8", "URL": "https://x.test/a//b?c=d", "E": ""}
    assert found.secrets == {"API_TOKEN": "t0psecret"}
    assert found.users == ("ann", "bob")
    assert found.mounts == (
        Mount(source="/srv/work", path="/home/opencoder/workspace", read_only=False),
        Mount(source="/etc/ssl", path="/etc/ssl", read_only=True),
    )
    assert [line.partition(":")[0] for line in found.left] == [
        "boot_mode",
        "restart_delay",
        "auth_password",
        "trust_proxy",
        "image_source",
        "update_check",
    ]
    assert "hushhush" not in f"{found}"
    assert "t0psecret" not in f"{found}"


@pytest.mark.parametrize(
    ("text", "port", "bind"),
    [
        ('{"version": 1}', 3000, "127.0.0.1"),
        ('{"version": 1, "port": 9000, "bind": "0.0.0.0"}', 9000, "0.0.0.0"),
        ('{"version": 1, "port": 1, "opencode_web_port": 2}', 2, "127.0.0.1"),
        ('{"version": 1, "bind": "0.0.0.0", "bind_address": "::"}', 3000, "::"),
    ],
)
def test_old_keys_and_defaults(text: str, port: int, bind: str, tmp_path: Path) -> None:
    found = read(tmp_path, text)
    assert (found.port, found.bind) == (port, bind)
    assert (found.restarts, found.left, found.users) == (True, (), ())


def test_a_key_that_nobody_knows_is_left(tmp_path: Path) -> None:
    assert read(tmp_path, '{"version": 1, "colour": 3}').left == (
        "colour: opencode-cloud has no such key that occ knows",
    )


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"version": 2}, "version: only version 1 is known"),
        ({"version": "1"}, "version: a whole number is wanted"),
        ({"opencode_web_port": 0}, "opencode_web_port: a port is from 1 to 65535"),
        ({"opencode_web_port": "80"}, "opencode_web_port: a whole number is wanted"),
        ({"opencode_web_port": True}, "opencode_web_port: a whole number is wanted"),
        ({"auto_restart": 1}, "auto_restart: true or false is wanted"),
        ({"users": "ann"}, "users: a list is wanted"),
        ({"users": [3]}, "users: a list of texts is wanted"),
        ({"container_env": ["HOME"]}, "container_env: entry 1 is not NAME=value"),
        ({"container_env": ["A=1", "=t0psecret"]}, "container_env: entry 2 is not NAME=value"),
        ({"mounts": ["work:/w"]}, "mounts: 'work:/w' is not /host/path:/container/path[:ro]"),
        ({"mounts": ["/w"]}, "mounts: '/w' is not /host/path:/container/path[:ro]"),
        ({"mounts": ["/a:/b:x"]}, "mounts: '/a:/b:x' is not /host/path:/container/path[:ro]"),
        ({"boot_mode": 3}, "boot_mode: text is wanted"),
    ],
)
def test_what_is_wrong_is_named(more: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, json.dumps({"version": 1, **more}))
    assert error.value.message == (
        f"{tmp_path}/config.json: {says}; correct it there, and import it again"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"version": 1,\n"port" 3}', "config.json:2: it is not JSON"),
        ("[" * 100_000, "config.json: it is not JSON"),
        ('{"port": 3}', "it is no config of opencode-cloud"),
        ("[1]", "it is no config of opencode-cloud"),
    ],
)
def test_another_file_is_told_from_one_of_these(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, text)
    assert says in error.value.message


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        read_origin(tmp_path / "config.json")
