"""The answer of a health path: asked for as declared, judged, and told in words."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from occ.domain.secrets.places import filled
from occ.domain.secrets.secrecy import redact
from occ.domain.spec import Health
from occ.domain.total import json_value
from occ.domain.values import seconds_text
from occ.engine.port import Engine
from occ.engine.values import Answer, Container, Image, NoAnswer, Question
from occ.errors import NoProbeError, OccError
from occ.operations import event_size

_WANTS_A_LOGIN, _REDIRECTS = 401, range(300, 400)


@dataclass(frozen=True, slots=True)
class HealthLook:
    """One look at a container: good, or why not."""

    problem: str = ""
    """Why it is not good; empty when it is."""
    reported: str = ""
    """The version that it says it is."""
    final: bool = False
    """Waiting cannot help."""
    unasked: str = ""
    """Why its health path was not asked; empty when it was."""
    answered: bool = False
    """The probe was good, and the container's own HEALTHCHECK has not answered yet."""
    refused: bool = False
    """Its problem is that nothing listens: the connection was refused."""
    steady: bool = False
    """It runs, and nothing is there to ask: neither a health path nor a HEALTHCHECK."""


def can_ask(engine: Engine, container: str, health: Health) -> bool:
    """Whether there is a way to ask a container's health path as declared."""
    route = engine.route(container, health.port)
    return route is not None and (route != "inside" or may_ask_inside(health))


def may_ask_inside(health: Health) -> bool:
    """Whether a program inside a container may ask its health path: nothing in it is secret."""
    return _question(health, {}).inside


def ask(
    engine: Engine, container: Container, health: Health, secrets: Mapping[str, str]
) -> HealthLook:
    """Ask a container once, where it has a health path.

    A login is the one that the container was made with, as far as its environment tells it, and
    else that of `secrets`. No text that leaves here holds it.

    Raises:
        NoProbeError: there is no way to ask, or a secret of the login has no value.
    """
    if not health.path:
        return HealthLook(steady=not container.health)
    known = _values(engine, container, health, secrets)
    headers = _headers(health, known)
    if any(set(value) & set("\r\n\0") for value in headers.values()):
        return HealthLook("a secret in health.headers holds the end of a line")
    answer = _asked(engine, container.id, _question(health, headers))
    sent = (*headers.values(), *(value.rpartition(" ")[2] for value in headers.values()))
    return _told(answer, health, (*known.values(), *sent) if known else ())


def answer_of(
    engine: Engine, container: Container, health: Health, secrets: Mapping[str, str]
) -> Answer | NoAnswer:
    """The answer of a container's path, asked for as its health path is; nobody judges it.

    Raises:
        NoProbeError: there is no way to ask, or a secret of the login has no value.
    """
    known = _values(engine, container, health, secrets)
    return _asked(engine, container.id, _question(health, _headers(health, known)))


def _asked(engine: Engine, container: str, question: Question) -> Answer | NoAnswer:
    """The answer to a question; an error that nobody foresaw may hold what was sent."""
    try:
        return engine.probe(container, question)
    except OccError:
        raise
    except Exception as error:
        if not question.private:
            raise
        kind = type(error).__name__
    raise RuntimeError(f"a probe that carries a login failed: {kind}")


def _values(
    engine: Engine, container: Container, health: Health, secrets: Mapping[str, str]
) -> Mapping[str, str]:
    """The values of the secrets that the probe carries, by their names."""
    if not health.secrets:
        return {}
    there = engine.inspection(container.id)
    listed = there.config.get("Env") if there else ()
    words = [word for word in listed or () if isinstance(word, str)]
    own = {name: value for name, _, value in (word.partition("=") for word in words)}
    known = {name: own.get(name) or secrets.get(name, "") for name in sorted(health.secrets)}
    missing = [name for name, value in known.items() if not value]
    if missing:
        raise NoProbeError(
            f"{health.path} wants the value of {missing[0]}, and it has none here",
            hint=f"occ secret set {missing[0]}, or go without: --no-probe",
        )
    return known


def _headers(health: Health, known: Mapping[str, str]) -> Mapping[str, str]:
    texts: Mapping[str, str] = filled(health.headers, known)
    if not health.auth.secret:
        return texts
    user = filled(health.auth.user, known)
    login = f"{user}:{known[health.auth.secret]}"
    return {
        **texts,
        "Authorization": f"Basic {b64encode(login.encode(errors='surrogatepass')).decode()}",
    }


def _question(health: Health, headers: Mapping[str, str]) -> Question:
    return Question(
        port=health.port,
        path=health.path,
        timeout_ms=health.probe_timeout_ms,
        scheme=health.scheme,
        host=health.host,
        ca_file=health.ca_file,
        insecure=health.insecure,
        headers=headers,
        private=bool(health.secrets),
    )


def _told(answer: Answer | NoAnswer, health: Health, hidden: Iterable[str]) -> HealthLook:
    """The answer as a look at the container; nothing of its body but a version is told."""
    path = health.path
    if isinstance(answer, NoAnswer):
        waited = seconds_text(health.probe_timeout_ms)
        late = f"{path} did not answer within {waited} (health.probe_timeout)"
        nothing = f"nothing answers on port {health.port}{path}"
        if answer.why:
            return HealthLook(f"{path}: {answer.why}")
        return HealthLook(late if answer.late else nothing, refused=answer.refused)
    if answer.status != health.expect_status:
        wrong = f"{path} answered {answer.status}, not {health.expect_status}"
        why = _why_not(answer.status, health)
        return HealthLook(f"{wrong}: {why}" if why else wrong)
    if health.expect_body and health.expect_body.encode() not in answer.body:
        return HealthLook(f"the answer of {path} does not hold the text of health.expect_body")
    return HealthLook(reported=reported_version(answer, health, hidden))


def _why_not(status: int, health: Health) -> str:
    if status == _WANTS_A_LOGIN:
        return (
            "its login is refused: health.auth" if health.secrets else "wants a login: health.auth"
        )
    if status in _REDIRECTS:
        return "a redirect is not followed: health.path, health.scheme"
    return ""


def lacks_version(seen: HealthLook, health: Health) -> str:
    """The words for a good answer without the declared field; empty for any other look."""
    asked = health.path and health.version_field and not seen.problem and not seen.unasked
    if not asked or seen.reported:
        return ""
    field = health.version_field
    return f"the answer of {health.path} holds no version: it has no field {field}, or is no JSON"


def way_to_ask(service: str) -> str:
    """The words for a service without a health path, and what to type."""
    return f"no health path: occ config set services.{service}.health.path PATH"


def reported_version(answer: Answer, health: Health, hidden: Iterable[str] = ()) -> str:
    """The version that the service says it is: a field of its JSON answer, empty without one.

    Dots in the field's name lead inwards, unless a field has the whole name. A service may answer
    with what it was sent: the `hidden` texts are masked.
    """
    if not health.version_field:
        return ""
    try:
        value = json_value(answer.body)
    except ValueError:
        return ""
    inwards = health.version_field.split(".")
    if isinstance(value, Mapping) and health.version_field in value:
        inwards = [health.version_field]
    for name in inwards:
        value = value.get(name) if isinstance(value, Mapping) else ""
    # Cut last: half a secret at the edge would be one that nobody finds.
    return (
        event_size.plain(redact(str(value), hidden))[:100] if isinstance(value, str | int) else ""
    )


def judge_version(answer: HealthLook, health: Health, image: Image | None) -> HealthLook:
    """A good answer, unless the image's label wants another version than it reports."""
    if not health.version_label or image is None:
        return answer
    wanted = image.labels.get(health.version_label, "").removeprefix("v")
    if answer.reported.removeprefix("v") == wanted:
        return answer
    field, label = health.version_field, health.version_label
    reports = f"it reports version {answer.reported}"
    told = reports if answer.reported else f"the answer of {health.path} has no field {field}"
    return HealthLook(f"{told}, its label {label} says {wanted or 'nothing'}")
