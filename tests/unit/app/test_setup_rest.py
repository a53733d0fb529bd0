"""Setup: environment, secrets, networks and folders, and the folders that an image lacks."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.config.interview import Key
from occ.app.config.setup import Given
from occ.engine.values import File
from occ.errors import UsageMistakeError
from tests.clock import FakeClock
from tests.contract.memory_lab import built
from tests.doubles.engine.engine import MemoryEngine
from tests.unit.app.test_setup import House, Person

IMAGE = "example.test/shop:1"
PASSWD = File(path="/etc/passwd", data=b"root:x:0:0::/root:/bin/sh\nshop:x:700:700::/:/bin/sh\n")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, MemoryEngine(FakeClock()))


def test_all_of_it_is_asked_and_written(house: House) -> None:
    house.engine.host.networks.add("front")
    answers: dict[Key, list[str]] = {
        "mount": ["/srv/shop:/srv:ro"],
        "env": ["TZ=Europe/Rome, LEVEL=info"],
        "secret": ["DB_PASSWORD TOKEN"],
        "network": ["front"],
    }
    person = Person(answers=answers)
    done = house.setup(person)
    service = house.desk().settings.service()
    assert [(one.source, one.path, one.read_only) for one in service.spec.mounts] == [
        ("/srv/shop", "/srv", True)
    ]
    assert service.spec.env == {"TZ": "Europe/Rome", "LEVEL": "info"}
    assert service.spec.secrets == ("DB_PASSWORD", "TOKEN")
    assert service.spec.networks == ("front",)
    assert [(one.what, one.says, one.fix) for one in done.prechecks if not one.fine] == [
        ("secret", f"{name} has no value yet", f"occ secret set {name} --service opencode")
        for name in ("DB_PASSWORD", "TOKEN")
    ]


def test_values_with_blanks_and_commas_stay_as_they_are(house: House) -> None:
    words = ("GREETING=hello, you", "EMPTY=", "TWICE=a=b")
    house.setup(Person(), Given(answers={"env": words}))
    told = {"GREETING": "hello, you", "EMPTY": "", "TWICE": "a=b"}
    assert house.desk().settings.service().spec.env == told
    again = house.setup(Person())
    assert not again.written
    assert house.desk().settings.service().spec.env == told


def test_a_network_that_the_engine_lacks_is_told(house: House) -> None:
    done = house.setup(Person(), Given(answers={"network": ("absent",)}))
    (wrong,) = (one for one in done.prechecks if not one.fine)
    assert (wrong.what, wrong.says) == ("network", "the engine has no network absent")
    assert wrong.fix == "docker network create absent"
    done = house.setup(Person(), Given(answers={"network": ("host",), "port": ("none",)}))
    assert [one for one in done.prechecks if not one.fine] == []


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("env", "NOTHING"),
        ("env", "1=x"),
        ("env", "DB_PASSWORD=hunter2"),
        ("secret", "A=b"),
        ("network", "a b"),
        ("mount", "relative:/data"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(house: House, key: Key, wrong: str) -> None:
    with pytest.raises(UsageMistakeError) as refused:
        house.setup(Person(), Given(answers={key: (wrong,)}))
    assert refused.value.hint == f"occ setup --{key} ..."
    assert "hunter2" not in refused.value.message
    assert not house.config.exists()


@pytest.mark.parametrize(
    ("user", "folders", "why"),
    [
        ("700", (), "the image has no such folder"),
        ("shop", (), "the image has no such folder"),
        ("shop:shop", (), "the image has no such folder"),
        ("700", (File(path="/data", folder=True, mode=0o755),), "the image's folder is root's"),
        ("shop", (File(path="/data", folder=True, mode=0o755),), "the image's folder is root's"),
        ("700", (File(path="/data", folder=True, mode=0o755, uid=700),), ""),
        ("shop", (File(path="/data", folder=True, mode=0o755, uid=700),), ""),
        ("700", (File(path="/data", folder=True, mode=0o777),), ""),
        ("nobody-knows", (File(path="/data", folder=True, mode=0o755),), ""),
        ("", (), ""),
        ("root", (), ""),
        ("0:0", (), ""),
    ],
)
def test_a_folder_that_the_image_s_user_could_not_write_is_told_before_the_start(
    house: House, user: str, folders: tuple[File, ...], why: str
) -> None:
    plain = built("good")
    files = (*(one for one in plain.files if one.path != PASSWD.path), PASSWD, *folders)
    house.image(IMAGE, replace(plain, user=user, files=files, volumes=()))
    person = Person()
    given: dict[Key, tuple[str, ...]] = {"image": (IMAGE,), "volume": ("shop-data:/data",)}
    house.setup(person, Given(service="shop", profile="generic", answers=given))
    told = [note for note in person.notes if note.startswith("/data: ")]
    wanted = (
        f"/data: {why}, and the image runs as {user}, who could not write to the volume shop-data "
        "there; have the image make the folder for that user"
    )
    assert told == ([wanted] if why else [])
    assert house.engine.host.containers == {}


def test_a_volume_that_is_there_is_left_to_whoever_made_it(house: House) -> None:
    house.image(IMAGE, replace(built("good"), user="700", volumes=()))
    house.engine.create_volume("shop-data", {})
    person = Person()
    given: dict[Key, tuple[str, ...]] = {"image": (IMAGE,), "volume": ("shop-data:/data",)}
    house.setup(person, Given(service="shop", profile="generic", answers=given))
    assert [note for note in person.notes if note.startswith("/data: ")] == []
