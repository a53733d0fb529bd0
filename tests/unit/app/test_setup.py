"""Setup: what it suggests, what it asks, and what stands in the config afterwards."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from occ.app.config.interview import Interview, Key, Question, SetUp, Writing
from occ.app.config.setup import Given, setup
from occ.app.desk import Desk
from occ.domain.values import HealthCheck
from occ.errors import DeclinedError, UsageMistakeError
from occ.settings import load
from tests.clock import FakeClock
from tests.contract.memory_lab import built
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.engine.image import BuiltImage
from tests.doubles.journal import MemoryJournal

DEFAULT_IMAGE = "ghcr.io/prizz/opencode-cloud-sandbox:latest"


@dataclass
class Person:
    """Answers from a list, or takes the default; notes what was asked and shown."""

    answers: dict[Key, list[str]] = field(default_factory=dict)
    agrees: bool = True
    patient: bool = True
    asked: list[Question] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    shown: list[Writing] = field(default_factory=list)

    def ask(self, question: Question) -> str:
        self.asked.append(question)
        waiting = self.answers.get(question.key, [])
        return waiting.pop(0) if waiting else ""

    def again(self, wrong: str) -> bool:
        self.wrong.append(wrong)
        return self.patient

    def agree(self, writing: Writing) -> bool:
        self.shown.append(writing)
        return self.agrees

    def interview(self) -> Interview:
        return Interview(ask=self.ask, again=self.again, tell=self.notes.append, agree=self.agree)

    def default(self, key: Key) -> str:
        return next(question.default for question in self.asked if question.key == key)


@dataclass
class House:
    """A folder for the config, and a host in memory."""

    folder: Path
    engine: MemoryEngine

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def desk(self) -> Desk:
        environ = {"HOME": str(self.folder), "OCC_CONFIG": str(self.config)}
        return Desk(
            settings=load(environ, new=True),
            environ=environ,
            argv=(),
            open_journal=lambda _: MemoryJournal(),
            open_engine=lambda: self.engine,
        )

    def setup(self, person: Person, asked: Given | None = None) -> SetUp:
        return setup(self.desk(), asked or Given(), person.interview())

    def image(self, reference: str, image: BuiltImage) -> None:
        self.engine.host.images.add(image)
        self.engine.tag(image.id, reference)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, MemoryEngine(FakeClock()))


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        yield int(bound.getsockname()[1])


def test_the_opencode_profile_is_written_whole(house: House) -> None:
    person = Person()
    done = house.setup(person)
    assert done.written
    assert [question.key for question in person.asked] == [
        *("service", "image", "port", "bind", "volume", "mount", "env", "secret", "network"),
        *("user", "health"),
    ]
    (service,) = house.desk().settings.services.values()
    assert (service.name, service.reference) == ("opencode", DEFAULT_IMAGE)
    assert [(port.address, port.container) for port in service.spec.ports] == [("127.0.0.1", 3000)]
    assert len(service.spec.volumes) == 7
    assert (service.spec.health.path, service.spec.health.version_field) == (
        "/global/health",
        "version",
    )
    assert house.config.stat().st_mode & 0o777 == 0o600


def test_under_another_name_the_volumes_are_its_own(house: House) -> None:
    house.setup(Person(), Given(service="second", profile="opencode"))
    service = house.desk().settings.services["second"]
    named = {one.name for one in service.spec.volumes}
    assert {name.partition("-")[0] for name in named} == {"second"}
    assert set(service.snapshot_volumes) == named - {
        *("second-cache", "second-workspace", "second-ssh"),
    }


@pytest.mark.parametrize(
    ("given", "name", "ours"),
    [
        (Given(), "opencode", True),
        (Given(service="opencode"), "opencode", True),
        (Given(answers={"image": ("registry.example/x/opencode-sandbox:1",)}), "opencode", True),
        (Given(service="code", answers={"image": (f"x/opencode@sha256:{0:064}",)}), "code", True),
        (Given(service="web", answers={"image": ("localhost:5000/tiny:1",)}), "web", False),
        (Given(answers={"image": ("localhost:5000/tiny:1",)}), "tiny", False),
        (Given(service="opencode", answers={"image": ("tiny",)}), "opencode", False),
    ],
)
def test_image_and_name_tell_whose_values_are_the_defaults(
    house: House, given: Given, name: str, ours: bool
) -> None:
    done = house.setup(Person(), given)
    (service,) = house.desk().settings.services.values()
    assert (done.service, service.name) == (name, name)
    assert bool(service.spec.volumes) is service.rehearse is ours


def test_a_first_service_is_asked_for_by_name(house: House) -> None:
    person = Person(answers={"service": ["My Shop", "shop"], "image": ["shop:1"]})
    assert house.setup(person).service == "shop"
    assert [one.partition(":")[0] for one in person.wrong] == ['"My Shop"']
    assert house.desk().settings.service().spec.volumes == ()
    again = Person()
    house.setup(again)
    assert "service" not in {question.key for question in again.asked}


def test_an_image_on_the_host_says_what_it_brings(house: House) -> None:
    check = HealthCheck(words=("curl -f http://localhost:9000/up?full=1 || exit 1",))
    image = replace(built("good"), ports=(80, 9000), volumes=("/data", "/var/lib/x"), health=check)
    house.image("example.test/shop:1", image)
    person = Person(answers={"image": ["example.test/shop:1"]})
    house.setup(person, Given(service="shop", profile="generic"))
    assert person.default("port") == "8080:80, 9000:9000"
    assert person.default("volume") == "shop.data:/data, shop.var-lib-x:/var/lib/x"
    assert person.default("health") == "/up?full=1"
    spec = house.desk().settings.services["shop"].spec
    assert [str(port) for port in spec.ports] == ["127.0.0.1:8080:80", "127.0.0.1:9000:9000"]
    assert (spec.health.path, spec.health.port) == ("/up?full=1", 80)


def test_no_two_ports_of_an_image_are_suggested_the_same(house: House) -> None:
    image = replace(built("good"), ports=(80, 8080, 53, 53))
    house.image("example.test/shop:1", image)
    person = Person(answers={"image": ["example.test/shop:1"]})
    house.setup(person, Given(service="shop", profile="generic"))
    outside, inside = zip(
        *(one.split(":") for one in person.default("port").split(", ")), strict=True
    )
    assert inside == ("80", "8080", "53")
    assert len(set(outside)) == len(inside)


def test_a_port_in_use_is_not_suggested_and_not_hidden(house: House, listener: int) -> None:
    image = replace(built("good"), ports=(listener,))
    house.image("example.test/shop:1", image)
    person = Person(answers={"image": ["example.test/shop:1"]})
    house.setup(person, Given(service="shop", profile="generic"))
    suggested = int(person.default("port").partition(":")[0])
    assert suggested > listener
    house.config.unlink()
    stubborn = Person(
        answers={"image": ["example.test/shop:1"], "port": [f"{listener}:{listener}"]}
    )
    house.setup(stubborn, Given(service="shop", profile="generic"))
    (port,) = [one for one in stubborn.shown[0].prechecks if one.what == "port"]
    assert not port.fine
    assert f"127.0.0.1:{listener}:{listener}: it is in use" in port.says


def test_a_profile_goes_round_ports_in_use_too(house: House) -> None:
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # then somebody else has it, which is as good
            bound.bind(("127.0.0.1", 3000))
            bound.listen()
        person = Person()
        house.setup(person)
    port = int(person.default("port").partition(":")[0])
    assert port > 3000
    assert person.notes == [f"port 3000 of this machine is in use, so {port} is suggested"]
    assert [one for one in person.shown[0].prechecks if one.what == "port" and not one.fine] == []


def test_a_port_that_the_config_has_for_another_service_is_not_suggested(house: House) -> None:
    house.config.write_text('[services.web]\nimage = "web:1"\nports = ["3000:80"]\n')
    person = Person()
    assert house.setup(person, Given(service="second", profile="opencode")).written
    (port,) = house.desk().settings.services["second"].spec.ports
    assert (port.host > 3000, port.container) == (True, 3000)
    assert person.default("port") == f"{port.host}:3000"
    assert f"port 3000 is web's in the config, so {port.host} is suggested" in person.notes


def test_a_container_that_runs_the_image_already_is_told(house: House) -> None:
    house.image("example.test/shop:1", built("good"))
    house.engine.run_foreign("old-shop", "example.test/shop:1")
    person = Person(answers={"image": ["example.test/shop:1"]})
    house.setup(person, Given(service="shop", profile="generic"))
    assert "container old-shop runs already: occ adopt old-shop --service shop keeps it" in (
        person.notes
    )


def test_a_bad_answer_is_told_and_asked_again(house: House) -> None:
    person = Person(
        answers={
            "port": ["web", "80:70000", "8080"],
            "volume": ["/etc:/data", "none"],
            "user": ["Ann Smith", "ann"],
            "health": ["health", "/health"],
            "bind": ["localhost", "0.0.0.0"],
        }
    )
    house.setup(person)
    assert [one.partition(": ")[0] for one in person.wrong] == [
        *('"web"', '"80:70000"', '"localhost"', '"/etc:/data"', '"Ann"', '"health"'),
    ]
    service = house.desk().settings.service()
    assert [str(port) for port in service.spec.ports] == ["0.0.0.0:8080:8080"]
    assert (service.spec.volumes, service.users, service.spec.health.path) == (
        (),
        ("ann",),
        "/health",
    )


def test_what_is_given_is_not_asked_and_a_bad_one_is_refused(house: House) -> None:
    person = Person()
    given: dict[Key, tuple[str, ...]] = {"image": ("a/web:1",), "port": ("4000:3000",)}
    house.setup(person, Given(answers=given))
    rest = {"service", "bind", "volume", "mount", "env", "secret", "network", "user", "health"}
    assert {question.key for question in person.asked} == rest
    with pytest.raises(UsageMistakeError, match="port"):
        house.setup(Person(), Given(answers={"port": ("x",)}))
    with pytest.raises(UsageMistakeError, match="an answer is needed"):
        house.setup(Person(patient=False), Given(service="new", profile="generic"))
    with pytest.raises(UsageMistakeError, match="an answer is needed: Name of the service"):
        House(house.folder / "else", house.engine).setup(
            Person(patient=False), Given(profile="generic")
        )


def test_a_config_is_changed_in_its_place_after_the_difference_was_shown(house: House) -> None:
    house.config.write_text(
        '# mine\n[services.db]\nimage = "db:1"\n\n'
        '[services.web]  # the shop\nimage = "web:1"\nports = ["80:80", "[::1]:81:81"]\n'
        'restart = "always"\n[services.web.env]\nCOLOUR = "blue"\n'
        '# about cache\n[services.cache]\nimage = "cache:1"\n'
    )
    before = house.config.read_text()
    refused = Person(answers={"image": ["web:2"]}, agrees=False)
    with pytest.raises(DeclinedError, match="nothing was written"):
        house.setup(refused, Given(service="web"))
    assert house.config.read_text() == before
    person = Person(answers={"image": ["web:2"]})
    house.setup(person, Given(service="web"))
    assert '-image = "web:1"' in person.shown[0].diff.splitlines()
    assert '+image = "web:2"' in person.shown[0].diff.splitlines()
    assert house.config.read_text() == before.replace("web:1", "web:2")
    services = house.desk().settings.services
    assert list(services) == ["db", "web", "cache"]
    assert services["web"].spec.restart == "always"
    assert [str(port) for port in services["web"].spec.ports] == ["127.0.0.1:80:80", "[::1]:81:81"]
    again = Person()
    assert not house.setup(again, Given(service="web")).written
    assert again.shown == []


def test_what_is_asked_anew_takes_its_own_place_among_comments(house: House) -> None:
    house.config.write_text(
        '[services.web]\nimage = "web:1" # pinned\nports = [\n  "80:80", # http\n  "81:81",\n]\n'
        '\n# the gate\n[services.web.health]\npath = "/up" # fast\nport = 80\ninterval = "2s"\n'
    )
    before = house.config.read_text()
    house.setup(
        Person(answers={"port": ["82:80, 81:81"], "user": ["ann"], "health": ["/ok"]}),
        Given(service="web"),
    )
    assert house.config.read_text() == (
        before.replace('"80:80"', '"127.0.0.1:82:80"')
        .replace('"81:81",\n]\n', '"127.0.0.1:81:81",\n]\nusers = ["ann"]\n')
        .replace("/up", "/ok")
    )
    house.setup(Person(answers={"health": ["none"]}), Given(service="web"))
    health = house.config.read_text().partition("# the gate\n")[2]
    assert health == '[services.web.health]\ninterval = "2s"\n'


def test_a_gate_that_goes_takes_no_comment_of_another_along(house: House) -> None:
    web = '[services.web]\nimage = "web:1"\n'
    gate = '\n# how it is proven\n[services.web.health]\npath = "/"\nport = 80\n'
    db = '\n# the database: keep port\n[services.db]\nimage = "db:1"\n'
    house.config.write_text(f"{web}{gate}{db}")
    house.setup(Person(answers={"health": ["none"]}), Given(service="web"))
    assert house.config.read_text() == f"{web}{db}"


@pytest.mark.parametrize(
    ("ports", "port", "given", "after"),
    [
        (["8080:80"], "port = 9000\n", {}, "port = 9000\n"),
        (["8080:80"], "port = 80\n", {}, "port = 80\n"),
        (["80:80", "443:443"], "port = 9000\n", {"image": ("web:2",)}, "port = 9000\n"),
        (["80:80", "443:443"], "port = 443\n", {"health": ("/up",)}, "port = 443\n"),
        (["80:80"], "port = 80\n", {"port": ("80:80", "81:81")}, "port = 80\n"),
        (["80:80"], "port = 80\n", {"port": ("82:82", "81:81")}, "port = 82\n"),
        (["80:80"], "port = 80\n", {"port": ("none",)}, "port = 80\n"),
        (["80:80"], "port = 9000\n", {"port": ("81:81",)}, "port = 9000\n"),
        (["80:80"], "", {"port": ("81:81",)}, ""),
        (["80:80"], "", {"port": ("81:81", "80:80")}, "port = 80\n"),
        (["80:80"], "", {"port": ("53:53/udp", "81:81/tcp")}, ""),
    ],
)
def test_the_port_of_a_gate_is_not_asked_about_and_moves_with_the_ports_alone(
    house: House, ports: list[str], port: str, given: dict[Key, tuple[str, ...]], after: str
) -> None:
    house.config.write_text(
        f'[services.web]\nimage = "web:1"\nports = {json.dumps(ports)}\n\n'
        f'[services.web.health]\npath = "/"\n{port}'
    )
    house.setup(Person(), Given(service="web", answers=given))
    gate = house.config.read_text().partition("[services.web.health]\n")[2]
    assert gate.partition("\n")[2] == after


def test_a_port_can_be_answered_with_an_address_of_its_own(house: House) -> None:
    ports = ("10.0.0.1:3000:3000", "[::1]:3001:3001/UDP")
    given: dict[Key, tuple[str, ...]] = {"port": ports, "health": ("/x",)}
    person = Person()
    house.setup(person, Given(answers=given))
    assert "bind" not in [question.key for question in person.asked]
    spec = house.desk().settings.service().spec
    assert [str(port) for port in spec.ports] == ["10.0.0.1:3000:3000", "[::1]:3001:3001/udp"]
    assert spec.health.port == 3000
    person = Person(answers={"port": ["10.0.0.1:80:80, 81"], "bind": ["0.0.0.0"]})
    house.setup(person)
    spec = house.desk().settings.service().spec
    assert [str(port) for port in spec.ports] == ["10.0.0.1:80:80", "0.0.0.0:81:81"]
    assert not person.wrong


@pytest.mark.parametrize(
    ("port", "bind", "said", "after"),
    [
        ((), (), "", ["0.0.0.0:80:80", "127.0.0.1:9000:9000", "[::1]:9000:9000"]),
        (
            ("80:80", "9000:9000/TCP", "443:443"),
            (),
            "",
            ["0.0.0.0:80:80", "127.0.0.1:9000:9000", "[::1]:9000:9000", "0.0.0.0:443:443"],
        ),
        (("9000:9000",), ("0.0.0.0",), "", ["0.0.0.0:9000:9000"]),
        (("9000:9000",), (), "10.0.0.1", ["10.0.0.1:9000:9000"]),
        (("9000:9000", "10.0.0.1:80:80"), ("::1",), "", ["[::1]:9000:9000", "10.0.0.1:80:80"]),
        ((), ("0.0.0.0",), "", ["0.0.0.0:80:80", "0.0.0.0:9000:9000"]),
    ],
)
def test_a_port_that_is_declared_keeps_its_address_unless_another_is_given(
    house: House, port: tuple[str, ...], bind: tuple[str, ...], said: str, after: list[str]
) -> None:
    house.config.write_text(
        '[services.web]\nimage = "web:1"\n'
        'ports = ["0.0.0.0:80:80", "127.0.0.1:9000:9000", "[::1]:9000:9000"]\n'
    )
    given: dict[Key, tuple[str, ...]] = {"port": port} if port else {}
    given |= {"bind": bind} if bind else {}
    house.setup(Person(answers={"bind": [said]}), Given(service="web", answers=given))
    assert [str(one) for one in house.desk().settings.service().spec.ports] == after


def test_what_becomes_of_passwords_is_not_asked_and_stays(house: House) -> None:
    house.config.write_text(
        '[services.web]\nimage = "web:1"\n[services.web.users]\nnames = ["ann"]\n'
        'passwords = "reset"\n'
    )
    before = house.config.read_text()
    house.setup(Person(answers={"user": ["ann, bob"]}), Given(service="web"))
    assert house.config.read_text() == before.replace('"ann"', '"ann", "bob"')


@pytest.mark.parametrize(
    "text", ['services.web = { image = "web:1" }\n', 'services.web.image = "web:1"\n']
)
def test_a_service_that_is_no_table_of_its_own_is_changed_as_it_is(house: House, text: str) -> None:
    house.config.write_text(text)
    house.setup(Person(answers={"image": ["web:2"]}), Given(service="web"))
    assert house.config.read_text() == text.replace("web:1", "web:2")


def test_somebody_elses_container_of_that_name_is_told(house: House) -> None:
    house.image("web:1", built("good"))
    house.engine.run_foreign("web", "web:1")
    person = Person()
    house.setup(person, Given(service="web", profile="opencode"))
    assert "container web runs already: occ adopt web --service web keeps it" in person.notes
    (name,) = [one for one in person.shown[0].prechecks if one.what == "name"]
    assert (name.fine, name.fix.partition(",")[0]) == (False, "occ adopt web")
