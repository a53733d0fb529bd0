"""Coming from opencode-cloud: what stands in our config afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from occ.app.config.import_config import Imported, import_config
from occ.app.config.interview import Writing
from occ.app.desk import Desk
from occ.domain.spec import Mount, Port
from occ.errors import ConfigError, DeclinedError
from occ.settings import load
from tests.clock import FakeClock
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.journal import MemoryJournal

OURS = "# mine\n[services.web]\nimage = 'a/b:1'\nports = ['8080:80']\n"


class Move:
    """A folder with opencode-cloud's config, and what was told on the way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "occ" / "config.toml"
        self.told: list[str] = []
        self.shown: list[Writing] = []
        self.agrees = True
        self.desks: list[Desk] = []

    def theirs(self, **keys: Any) -> None:
        path = self.folder / "opencode-cloud" / "config.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"version": 1, **keys}))

    def desk(self) -> Desk:
        environ = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        made = Desk(
            settings=load(environ),
            environ=environ,
            argv=(),
            open_journal=lambda _: MemoryJournal(),
            open_engine=lambda: MemoryEngine(FakeClock()),
        )
        self.desks.append(made)
        return made

    def __call__(self, path: str | None = None, service: str | None = None) -> Imported:
        def agree(writing: Writing) -> bool:
            self.shown.append(writing)
            return self.agrees

        return import_config(self.desk(), path, service, self.told.append, agree)


@pytest.fixture
def move(tmp_path: Path) -> Iterator[Move]:
    made = Move(tmp_path)
    yield made
    for desk in made.desks:
        desk.close()


def test_what_it_declares_is_declared_with_its_volumes(move: Move) -> None:
    move.theirs(
        opencode_web_port=8123,
        bind_address="0.0.0.0",
        auto_restart=False,
        container_env=["LANG=C.UTF-8", "API_TOKEN=t0psecret"],
        users=["ann"],
        mounts=["/srv/work:/home/opencoder/workspace:ro"],
        trust_proxy=True,
    )
    done = move()
    assert (done.service, done.written, done.secrets) == ("opencode", True, ("API_TOKEN",))
    found = move.desk().settings.service("opencode")
    assert found.reference == "ghcr.io/prizz/opencode-cloud-sandbox:latest"
    assert found.spec.ports == (Port(container=3000, host=8123, address="0.0.0.0"),)
    assert found.spec.mounts == (
        Mount(source="/srv/work", path="/home/opencoder/workspace", read_only=True),
    )
    assert [volume.name for volume in found.spec.volumes] == [
        "opencode-data",
        "opencode-state",
        "opencode-cache",
        "opencode-config",
        "opencode-ssh",
        "opencode-users",
    ]
    own_updates_off = {
        "OPENCODE_DISABLE_AUTOUPDATE": "true",
        "OPENCODE_CONFIG_CONTENT": '{"autoupdate":false}',
    }
    assert found.spec.env == {"LANG": "C.UTF-8", **own_updates_off}
    assert found.spec.secrets == ("API_TOKEN",)
    assert (found.spec.restart, found.users) == ("no", ("ann",))
    assert (found.spec.health.path, found.spec.health.port) == ("/global/health", 3000)
    assert found.secrets_file == move.folder / "occ" / "opencode.secrets"
    assert found.secrets_file.read_text() == "API_TOKEN=t0psecret\n"
    assert found.secrets_file.stat().st_mode & 0o777 == 0o600
    assert move.told == ["not carried: trust_proxy: opencode itself is told, through env"]
    assert "t0psecret" not in f"{move.shown}{done}{move.config.read_text()}"
    assert "+[services.opencode]" in move.shown[0].diff


def test_twice_is_once(move: Move) -> None:
    move.theirs(container_env=["API_TOKEN=t0psecret"], mounts=["/a:/b"], users=["ann"])
    move()
    before = move.config.read_bytes()
    assert not move().written
    assert len(move.shown) == 1
    assert move.config.read_bytes() == before


def test_what_stands_beside_it_stays(move: Move) -> None:
    move.config.parent.mkdir()
    move.config.write_text(OURS)
    move.theirs(opencode_web_port=8123)
    move()
    assert move.config.read_text().startswith(OURS)
    assert set(move.desk().settings.services) == {"web", "opencode"}


def test_under_another_name_its_volumes_are_those_with_the_data(move: Move) -> None:
    move.theirs()
    assert move(service="code").service == "code"
    volumes = move.desk().settings.service("code").spec.volumes
    assert volumes[0].name == "opencode-data"


def test_no_writes_nothing(move: Move) -> None:
    move.theirs(container_env=["API_TOKEN=t0psecret"])
    move.agrees = False
    with pytest.raises(DeclinedError):
        move()
    assert not move.config.parent.exists()


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"bind_address": "here"}, "cannot be written as a service"),
        ({"users": ["Ann!"]}, "cannot be written as a service"),
    ],
)
def test_what_no_config_can_say_is_refused(move: Move, keys: dict[str, Any], says: str) -> None:
    move.theirs(**keys)
    with pytest.raises(ConfigError, match=says) as error:
        move()
    assert "t0p" not in error.value.message
    assert not move.config.parent.exists()


def test_a_file_that_is_named(move: Move, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"version": 1, "opencode_web_port": 9}')
    assert move(str(other)).source == str(other)
    assert move.desk().settings.service("opencode").spec.ports[0].host == 9
