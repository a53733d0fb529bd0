"""What of a service is ours, and which files a purge would take."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.change.removal import belongings, purge, purging
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.domain.events import OperationDone, VersionActivated, VersionRecorded
from occ.domain.spec import Spec, Volume
from occ.errors import RefusedError, UnfinishedError
from occ.journal.sqlite.store import SqlJournal
from occ.operations import labels
from occ.settings import load
from tests.clock import FakeClock
from tests.doubles.engine.engine import MemoryEngine
from tests.unit.journal.samples import PLANNED, STAMP, VERSION

NAMES = ("web-data", "web-cache", "theirs", "shared", "gone")
WEB = '[services.web]\nimage = "a/b:1"\nsecrets = ["TOKEN"]\nsecrets_file = "web.secrets"\n'
OTHER = '[services.other]\nimage = "a/b:1"\nvolumes = ["shared:/s"]\n'


class House:
    """A folder with config and a real journal, and a host in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine = MemoryEngine(FakeClock())
        self.desks: list[Desk] = []
        (folder / "config.toml").write_text(WEB)
        (folder / "web.secrets").touch(mode=0o600)
        (folder / "fingerprint.key").write_bytes(b"k" * 32)
        (folder / "notes.txt").write_text("mine")

    def desk(self) -> Desk:
        environ = {"HOME": str(self.folder)}
        environ |= {"OCC_CONFIG": f"{self.folder}/config.toml"}
        environ |= {"OCC_JOURNAL": f"{self.folder}/journal.db"}
        read = load(environ)
        made = Desk(settings=read, environ=environ, argv=(), open_engine=lambda: self.engine)
        self.desks.append(made)
        return made

    def installed(self, service: str = "web", *, done: bool = True) -> str:
        """Have a version of it current; the journal's id."""
        volumes = tuple(Volume(name=name, path=f"/{name}") for name in NAMES)
        version = replace(VERSION, spec=Spec(volumes=volumes))
        events = (PLANNED, VersionRecorded(version), VersionActivated(version.number, 0, "start"))
        stamp = replace(STAMP, service=service)
        journal = SqlJournal(self.folder / "journal.db")
        number = journal.open_operation(events, stamp)
        if done:
            journal.append(number, len(events), (OperationDone(),), stamp)
        found = journal.id
        journal.close()
        return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    for desk in made.desks:
        desk.close()


def test_only_volumes_that_occ_made_for_it_alone_go(house: House) -> None:
    mine = labels.mine(house.installed(), "web")
    with (house.folder / "config.toml").open("a") as config:
        config.write(OTHER)
    for name in ("web-data", "web-cache", "shared"):
        house.engine.create_volume(name, mine)
    house.engine.create_volume("theirs", {})
    desk = house.desk()
    found, notes = belongings(desk, "web", ledger_of(desk.journal, "web"))
    assert found.volumes == ("web-cache", "web-data")
    assert found.containers == ()
    assert notes == (
        "its data of now is in shared, theirs, web-cache, web-data",
        "its images and their keep tags stay",
        "volume shared is another service's too, and stays",
        "volume theirs was not made by occ, and stays: docker volume rm theirs",
    )


def test_a_purge_takes_config_secrets_and_journal_and_nothing_else(house: House) -> None:
    house.installed()
    desk = house.desk()
    wanted = purging(desk, "web")
    named = {Path(file).name for file in wanted.files}
    assert named >= {"config.toml", "web.secrets", "fingerprint.key", "journal.db"}
    assert wanted.notes == ("its container stays: occ adopt web --take looks after it again",)
    purge(desk, wanted)
    left = {path.name for path in house.folder.iterdir()}
    assert left == {"notes.txt"}


def test_a_purge_leaves_no_lock_and_no_journal_that_a_link_led_to(house: House) -> None:
    elsewhere = house.folder / "elsewhere"
    elsewhere.mkdir()
    (house.folder / "journal.db").symlink_to(elsewhere / "journal.db")
    house.installed()
    desk = house.desk()
    for service in ("web", "past"):
        with desk.lock(service):
            pass
    purge(desk, purging(desk, "web"))
    assert list(elsewhere.iterdir()) == []
    assert {path.name for path in house.folder.iterdir()} == {"notes.txt", "elsewhere"}


def test_what_is_in_the_keyring_is_said_to_stay(house: House) -> None:
    (house.folder / "config.toml").write_text(f'[secrets]\nstore = "keyring"\n{WEB}')
    (note,) = purging(house.desk(), "web").notes
    assert note == "its secrets stay in the keyring: occ secret unset takes them out before"


def test_what_others_need_is_refused(house: House) -> None:
    house.installed()
    with (house.folder / "config.toml").open("a") as config:
        config.write(OTHER)
    with pytest.raises(RefusedError, match="those of other too"):
        purging(house.desk(), "web")


def test_another_service_that_the_journal_alone_knows_is_refused_too(house: House) -> None:
    house.installed()
    house.installed("past")
    with pytest.raises(RefusedError, match="those of past too"):
        purging(house.desk(), "web")


def test_an_unfinished_operation_needs_its_journal(house: House) -> None:
    house.installed(done=False)
    with pytest.raises(UnfinishedError):
        purging(house.desk(), "web")
