"""What a unit is told, and when there is none."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from occ.app import boot
from occ.app.desk import Desk
from occ.errors import RefusedError
from occ.settings import load
from occ.units.systemd import Systemd

SECRET = '[services.web]\nimage = "a/b:1"\nsecrets = ["TOKEN"]\nsecrets_file = "web.secrets"\n'


class Made:
    """Desks over one folder, and units that stand there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.boot = Systemd(scope="system", folder=folder / "units", person="ann")
        self.desks: list[Desk] = []

    def desk(self, config: str | None = None, environ: Mapping[str, str] | None = None) -> Desk:
        path = self.folder / "config.toml"
        if config is not None:
            path.write_text(config)
        known = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder), **(environ or {})}
        if config is not None:
            known["OCC_CONFIG"] = str(path)
        self.desks.append(Desk(settings=load(known), environ=known, argv=()))
        return self.desks[-1]

    def text(self, desk: Desk) -> str:
        return boot.install(desk, desk.settings.service(), self.boot, dry_run=True).text


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    one = Made(tmp_path)
    yield one
    for desk in one.desks:
        desk.close()


def test_everything_that_was_found_is_named(made: Made) -> None:
    environ = {"DOCKER_HOST": "unix:///d.sock", "OCC_JOURNAL": "/j/j.db", "EDITOR": "vi"}
    desk = made.desk('[services.web]\nimage = "a/b:1"\n', environ)
    config = f"{made.folder}/config.toml"
    start = boot.start_of(desk, desk.settings.service())
    assert start.words("start") == (
        *(sys.executable, "-P", "-m", "occ", "start", "--yes"),
        *("--service", "web", "--config", config, "--journal", "/j/j.db"),
    )
    assert start.files == (config, "/j/j.db")
    assert start.environment == {
        "HOME": str(made.folder),
        "XDG_CONFIG_HOME": str(made.folder),
        "DOCKER_HOST": "unix:///d.sock",
    }


def test_without_a_config_none_is_named(made: Made) -> None:
    desk = made.desk()
    assert "--config" not in boot.start_of(desk, desk.settings.service()).more


def test_a_secret_of_this_session_alone_is_refused(made: Made) -> None:
    desk = made.desk(SECRET, {"TOKEN": "hush"})
    with pytest.raises(RefusedError, match="TOKEN of web comes from this session") as refused:
        made.text(desk)
    assert "hush" not in f"{refused.value.message}{refused.value.hint}"
    file = made.folder / "web.secrets"
    file.touch(mode=0o600)
    file.write_text("TOKEN=hush\n")
    text = made.text(desk)
    assert "hush" not in text
    assert "[Install]" in text


def test_a_password_in_the_journals_address_is_refused(made: Made) -> None:
    desk = made.desk(environ={"OCC_JOURNAL": "postgresql://ann:hushhush@db/occ"})
    with pytest.raises(RefusedError, match="everybody may read a unit") as refused:
        made.text(desk)
    assert "hushhush" not in f"{refused.value.message}{refused.value.hint}"


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of systemd")
@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"HOME": "/home/ann"}, "/home/ann/.config/systemd/user"),
        ({"HOME": "/home/ann", "XDG_CONFIG_HOME": "/c"}, "/c/systemd/user"),
        ({"HOME": "/home/ann", "XDG_CONFIG_HOME": "c"}, "/home/ann/.config/systemd/user"),
    ],
)
def test_where_a_persons_units_stand(environ: Mapping[str, str], folder: str) -> None:
    found = boot.boot_of("user", environ, "ann")
    assert found.path("web") == Path(folder) / "occ-web.service"


def test_secrets_in_a_keyring_are_refused_and_without_secrets_it_does_not_matter(
    made: Made,
) -> None:
    desk = made.desk(f'{SECRET}[secrets]\nstore = "keyring"\n')
    with pytest.raises(RefusedError, match="locked until somebody logs in"):
        made.text(desk)
    bare = made.desk('[services.web]\nimage = "a/b:1"\n[secrets]\nstore = "keyring"\n')
    assert "occ-web" in str(made.boot.path("web"))
    assert "start" in made.text(bare)
