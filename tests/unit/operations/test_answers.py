"""What a probe asks with, and what is told of its answer: the reason, and never what was sent."""

import json
import traceback
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from occ.domain.spec import Health, Login, Port, Spec
from occ.engine.values import (
    Answer,
    Container,
    ContainerRequest,
    File,
    Inspection,
    NoAnswer,
    Question,
)
from occ.errors import NoProbeError
from occ.operations.answers import HealthLook, ask, can_ask
from tests.clock import FakeClock
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.engine.image import Behaviour, BuiltImage

if TYPE_CHECKING:
    from occ.engine.port import Engine

WEB = Container(id="c", name="web", image="i", state="running", labels={}, started_at=5)
PASSWORD = "correct-horse-battery"
LOGIN = Login(user="opencode", secret="OPENCODE_SERVER_PASSWORD")
GATE = Health(path="/health", port=3000, version_field="version")
PRIVATE = replace(GATE, auth=LOGIN)
SENT = b64encode(f"opencode:{PASSWORD}".encode()).decode()


@dataclass
class Echo:
    """A container that answers with a body, or with the headers that it was sent."""

    answer: Answer | NoAnswer = field(default_factory=NoAnswer)
    env: tuple[str, ...] = (f"OPENCODE_SERVER_PASSWORD={PASSWORD}", "NAME=bob", "odd")
    echoes: str = ""
    asked: Question | None = None

    def inspection(self, _container: str) -> Inspection:
        config: dict[str, Any] = {"Env": list(self.env)}
        return Inspection(container=WEB, config=config, host={})

    def probe(self, _container: str, question: Question) -> Answer | NoAnswer:
        self.asked = question
        if not self.echoes:
            return self.answer
        told = self.echoes.format(**{k.lower(): v for k, v in question.headers.items()})
        return Answer(status=200, body=json.dumps({"version": told}).encode(), route="published")

    def look(self, health: Health, secrets: dict[str, str] | None = None) -> HealthLook:
        return ask(cast("Engine", self), WEB, health, secrets or {})


def said(answer: Answer | NoAnswer, health: Health = GATE) -> str:
    return Echo(answer).look(health).problem


def answered(status: int, body: bytes = b"") -> Answer:
    return Answer(status=status, body=body, route="published")


@pytest.mark.parametrize(
    ("answer", "health", "told"),
    [
        (NoAnswer(), GATE, "nothing answers on port 3000/health"),
        (
            NoAnswer(late=True),
            GATE,
            "/health did not answer within 2 s (health.probe_timeout)",
        ),
        (
            NoAnswer(late=True),
            replace(GATE, probe_timeout_ms=500),
            "/health did not answer within 0.5 s (health.probe_timeout)",
        ),
        (NoAnswer(why="it does not speak TLS"), GATE, "/health: it does not speak TLS"),
        (answered(503), GATE, "/health answered 503, not 200"),
        (answered(401), GATE, "/health answered 401, not 200: wants a login: health.auth"),
        (
            answered(401),
            PRIVATE,
            "/health answered 401, not 200: its login is refused: health.auth",
        ),
        (answered(401), replace(GATE, expect_status=401), ""),
        (
            answered(302),
            GATE,
            "/health answered 302, not 200: a redirect is not followed: health.path, health.scheme",
        ),
        (
            answered(200, b"starting"),
            replace(GATE, expect_body="ready"),
            "the answer of /health does not hold the text of health.expect_body",
        ),
        (answered(200, b"all is ready"), replace(GATE, expect_body="ready"), ""),
    ],
)
def test_the_answer_is_told_and_the_key_that_may_help(
    answer: Answer | NoAnswer, health: Health, told: str
) -> None:
    assert said(answer, health) == told


def test_a_question_is_asked_as_declared() -> None:
    echo = Echo(answered(200))
    asked = replace(
        GATE,
        scheme="https",
        host="web.example.org",
        ca_file="/ca.pem",
        insecure=True,
        probe_timeout_ms=5_000,
        headers={"Accept": "text/plain"},
    )
    echo.look(asked)
    assert echo.asked == Question(
        port=3000,
        path="/health",
        timeout_ms=5_000,
        scheme="https",
        host="web.example.org",
        ca_file="/ca.pem",
        insecure=True,
        headers={"Accept": "text/plain"},
    )


def test_the_login_is_the_one_that_the_container_was_made_with() -> None:
    echo = Echo(answered(200))
    echo.look(PRIVATE, {"OPENCODE_SERVER_PASSWORD": "a newer one"})
    assert echo.asked is not None
    assert echo.asked.private
    assert echo.asked.headers == {"Authorization": f"Basic {SENT}"}
    echo = Echo(answered(200), env=())  # it stands in a command, and not in the environment
    echo.look(PRIVATE, {"OPENCODE_SERVER_PASSWORD": PASSWORD})
    assert echo.asked is not None
    assert echo.asked.headers == {"Authorization": f"Basic {SENT}"}
    named = replace(GATE, auth=Login(user="{{secret:NAME}}", secret="OPENCODE_SERVER_PASSWORD"))
    echo = Echo(answered(200))
    echo.look(named)
    assert echo.asked is not None
    sent = b64encode(f"bob:{PASSWORD}".encode()).decode()
    assert echo.asked.headers == {"Authorization": f"Basic {sent}"}


@pytest.mark.parametrize(
    ("password", "as_bytes"),
    [
        ("a=b=c", b"a=b=c"),
        ("caf\u00e9", b"caf\xc3\xa9"),
        ("half \udce9", b"half \xed\xb3\xa9"),  # half of a letter, as JSON may hold one
    ],
)
def test_any_password_is_sent(password: str, as_bytes: bytes) -> None:
    echo = Echo(answered(200), env=(f"OPENCODE_SERVER_PASSWORD={password}",))
    echo.look(PRIVATE)
    assert echo.asked is not None
    sent = b64encode(b"opencode:" + as_bytes).decode()
    assert echo.asked.headers == {"Authorization": f"Basic {sent}"}


def test_without_the_value_nobody_is_asked() -> None:
    echo = Echo(answered(200), env=())
    with pytest.raises(NoProbeError, match="wants the value of OPENCODE_SERVER_PASSWORD") as told:
        echo.look(PRIVATE)
    assert "occ secret set OPENCODE_SERVER_PASSWORD" in told.value.hint
    assert echo.asked is None


@pytest.mark.parametrize("echoes", ["{authorization}", "1.0 {authorization} x", "y" * 95 + SENT])
def test_a_service_that_answers_with_what_it_was_sent_brings_it_nowhere(echoes: str) -> None:
    seen = Echo(echoes=echoes).look(PRIVATE)
    assert seen.problem == ""
    assert SENT[:5] not in seen.reported
    assert Echo(echoes=f"it is {PASSWORD}").look(PRIVATE).reported == "it is ***"


def test_a_header_that_is_no_secret_may_be_the_version() -> None:
    echo = Echo(echoes="{accept}")
    assert echo.look(replace(GATE, headers={"Accept": "text/plain"})).reported == "text/plain"


def test_a_header_of_a_secret_with_two_lines_is_not_sent_and_not_told() -> None:
    asked = replace(GATE, headers={"X-Key": "{{secret:KEY}}"})
    echo = Echo(answered(200), env=("KEY=first\r\nX-Other: second",))
    assert echo.look(asked).problem == "a secret in health.headers holds the end of a line"
    assert echo.asked is None


def test_an_error_that_nobody_foresaw_leaves_without_what_was_sent() -> None:
    class Broken(Echo):
        def probe(self, _container: str, question: Question) -> Answer | NoAnswer:
            raise ValueError(f"bad header {question.headers!r}")

    with pytest.raises(RuntimeError) as told:
        Broken().look(PRIVATE)
    assert SENT not in "".join(traceback.format_exception(told.value))
    assert "ValueError" in str(told.value)
    with pytest.raises(ValueError, match="text/plain"):
        Broken().look(replace(GATE, headers={"Accept": "text/plain"}))


def test_no_representation_of_a_question_holds_its_headers() -> None:
    echo = Echo(answered(200))
    echo.look(PRIVATE)
    assert SENT not in repr(echo.asked)
    assert "Authorization" not in repr(echo.asked)


def made(behaviour: Behaviour, *, local: bool = True) -> tuple[MemoryEngine, str]:
    """An engine with a container that has a password."""
    engine, image = MemoryEngine(FakeClock(), local=local), BuiltImage(behaviour=behaviour)
    engine.host.images.add(image)
    spec = Spec(secrets=("OPENCODE_SERVER_PASSWORD",), ports=(Port(container=3000, host=3000),))
    secrets = {"OPENCODE_SERVER_PASSWORD": PASSWORD}
    request = ContainerRequest(
        name="web", image=image.id, spec=spec, labels={}, alias="web", secrets=secrets
    )
    web = engine.create(request)
    engine.start(web)
    engine.host.agenda.spend(1_000)
    return engine, web


def test_who_wants_a_login_and_who_is_slow_is_asked_as_such() -> None:
    engine, web = made(Behaviour(password_in="OPENCODE_SERVER_PASSWORD", answers_after=3_000))
    there = engine.inspect(web)
    assert there is not None
    assert "did not answer within 2 s" in ask(engine, there, PRIVATE, {}).problem
    patient = replace(PRIVATE, probe_timeout_ms=4_000)
    assert ask(engine, there, patient, {}) == HealthLook(reported="1")
    public = replace(patient, auth=Login())
    assert "401, not 200: wants a login" in ask(engine, there, public, {}).problem


def test_a_login_is_in_no_words_of_a_program_inside_the_container() -> None:
    engine, web = made(Behaviour(), local=False)
    engine.write_files(web, [File(path="/usr/bin/curl", data=b"x")])
    assert can_ask(engine, web, GATE)
    assert not can_ask(engine, web, PRIVATE)
    assert not can_ask(engine, web, replace(GATE, scheme="https"))
    there = engine.inspect(web)
    assert there is not None
    with pytest.raises(NoProbeError):
        ask(engine, there, PRIVATE, {})
