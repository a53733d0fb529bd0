"""Setup: questions with good answers beside them, and a service in the config from the answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from occ.app.config.config import service_in_config
from occ.app.config.config_draft import drafted
from occ.app.config.image_folders import unwritable
from occ.app.config.interview import Interview, Key, SetUp
from occ.app.config.questions import (
    NONE,
    Questions,
    address,
    has_address,
    health,
    network,
    secret,
    service,
    user,
    variable,
    whole_port,
)
from occ.app.config.suggestions import (
    Answers,
    Profile,
    Surroundings,
    answers_of,
    profile_of,
    short,
    spoken_for,
    surroundings_of,
    with_free_ports,
    with_image,
)
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.domain.spec import Port
from occ.domain.values import SERVICE, service_name
from occ.errors import DeclinedError
from occ.settings import Service
from occ.settings.as_table import table_of
from occ.settings.default_config import lacks_password
from occ.settings.keys import readers, short_syntax
from occ.settings.keys.health import OF_THE_PATH
from occ.settings.model import DEFAULT_SERVICE
from occ.settings.toml.config_text import exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The words of the command line."""

    service: str | None = None
    profile: Profile | None = None
    """None for the one that image and name tell."""
    answers: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    """Answers; such a question is not asked."""


def setup(desk: Desk, given: Given, interview: Interview) -> SetUp:
    """Ask what is not given, show the difference, and write it when that is agreed to.

    Raises:
        UsageMistakeError: the service has no name or image, and nobody is there to tell it.
        ConfigError: an answer cannot be used, and nobody is there to give another.
        DeclinedError: the difference was not agreed to; nothing was written.
    """
    ask = Questions(given.answers, interview)
    name = _name(desk, given, ask)
    there, profile = service_in_config(desk, name), _profile(given, name)
    base = there or profile_of(profile, name)
    around = surroundings_of(desk)
    answers = _answers(desk, ask, base, around, None if there else profile)
    draft = drafted(desk, {name: table_with(base, answers)}, around)
    writing = draft.writing
    for note in unwritable(desk, draft.services[name], around):
        interview.tell(note)
    if writing.diff:
        if not interview.agree(writing):
            raise DeclinedError("nothing was written", hint="occ setup")
        exchange(desk.settings.path, draft.before, draft.text)
    return SetUp(
        service=name,
        config=str(desk.settings.path),
        written=bool(writing.diff),
        installed=bool(ledger_of(desk.journal, name).current),
        prechecks=writing.prechecks,
        password=lacks_password(draft.services[name].spec),
    )


def _name(desk: Desk, given: Given, ask: Questions) -> str:
    """The service meant; a first one is asked for."""
    known = desk.settings
    if given.service is not None:
        return service_name(given.service)
    if known.exists:
        return known.service(None).name
    generic = _profile(given, DEFAULT_SERVICE) == "generic"
    usual = _repository(given) if generic else DEFAULT_SERVICE
    return ask.one("service", usual if SERVICE.fullmatch(usual) else "", service)


def _profile(given: Given, name: str) -> Profile:
    """The profile meant: opencode's for its image, or for its name where no image is given."""
    image = _repository(given)
    ours = DEFAULT_SERVICE in image if image else name == DEFAULT_SERVICE
    return given.profile or ("opencode" if ours else "generic")


def _repository(given: Given) -> str:
    """The last part of the given image's name, without tag and digest; empty without an image."""
    (image,) = given.answers.get("image", ("",))
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0]


def _answers(
    desk: Desk, ask: Questions, base: Service, around: Surroundings, profile: Profile | None
) -> Answers:
    """The answers to all questions; `profile` is that of a service which the config lacks."""
    usual = answers_of(base)
    image = ask.one("image", usual.image, readers.image)
    usual = replace(usual, image=image)
    if profile is not None:
        usual = _found(desk, ask, profile, base.name, usual, around)
    ports = ask.several("port", usual.ports, short_syntax.port, whole_port)
    bound = all(has_address(one) for one in ports) and "bind" not in ask.given
    return Answers(
        image=image,
        ports=ports,
        bind=usual.bind if bound else ask.one("bind", usual.bind, address),
        moved="bind" in ask.given,
        volumes=ask.several("volume", usual.volumes, short_syntax.volume),
        mounts=ask.several("mount", usual.mounts, short_syntax.mount),
        env=ask.several("env", usual.env, variable),
        secrets=ask.several("secret", usual.secrets, secret),
        networks=ask.several("network", usual.networks, network),
        users=ask.several("user", usual.users, user),
        health=ask.one("health", usual.health or NONE, health).removeprefix(NONE),
    )


def _found(
    desk: Desk, ask: Questions, profile: Profile, name: str, usual: Answers, around: Surroundings
) -> Answers:
    """The usual answers, adapted to the host; the operator is told of each conflict with it."""
    local = None if around.silent else desk.engine.image(usual.image)
    if profile == "generic":
        if local is None:
            ask.interview.tell(f"{usual.image} is not on the host, so nothing is known of it yet")
        else:
            usual = with_image(usual, local, name)
    for one in around.alike(name, local.id if local else ""):
        keeps = f"occ adopt {one.name} --service {name} keeps it"
        ask.interview.tell(f"container {one.name} runs already: {keeps}")
    found, notes = with_free_ports(usual, around, name, spoken_for(desk, name))
    for note in () if "port" in ask.given else notes:
        ask.interview.tell(note)
    return found


def table_with(base: Service, answers: Answers) -> dict[str, Any]:
    """The service's table with these answers, and all that was not asked about as it was."""
    wanted = replace(base, reference=answers.image, users=answers.users)
    usual, table = answers_of(base), table_of(wanted)
    if answers.moved or (answers.ports, answers.bind) != (usual.ports, usual.bind):
        moved = answers.moved or answers.bind != usual.bind
        table["ports"] = _published(answers, () if moved else base.spec.ports)
    table["volumes"] = list(answers.volumes)
    table["mounts"] = list(answers.mounts)
    table["env"] = dict(one.split("=", 1) for one in answers.env)
    table["secrets"] = list(answers.secrets)
    table["networks"] = list(answers.networks)
    table["health"] = _gate(dict(table.get("health", {})), usual, answers)
    tables = ("env", "labels", "limits", "health", "engine")
    ordered = sorted(table.items(), key=lambda entry: entry[0] in tables)
    return {key: value for key, value in ordered if value not in ([], {})}


def _published(answers: Answers, before: Iterable[Port]) -> list[str]:
    """Each port with its address: as it is written, as before, or else the common address.

    A port that this machine alone could reach is not opened because another port is.
    """
    had: dict[str, list[str]] = {}
    for port in before:
        had.setdefault(short(port), []).append(str(port))
    host = f"[{answers.bind}]" if ":" in answers.bind else answers.bind
    found: list[str] = []
    for one in answers.ports:
        usual = had.get(one.lower().removesuffix("/tcp"), [f"{host}:{one}"])
        found += [one] if has_address(one) else usual
    return list(dict.fromkeys(found))


def _gate(gate: dict[str, Any], usual: Answers, answers: Answers) -> dict[str, Any]:
    """The gate with this path. Its port is not asked about, so it moves with the ports alone."""
    if not answers.health:
        return {key: value for key, value in gate.items() if key not in {"path", *OF_THE_PATH}}
    gate["path"] = answers.health
    before, now, known = _inside(usual.ports), _inside(answers.ports), gate.get("port")
    if now and (known is None or (known in before and known not in now)):
        gate["port"] = now[0]
    return gate


def _inside(ports: Iterable[str]) -> list[int]:
    """The container's own TCP ports."""
    inside = [one.lower().rpartition(":")[2].partition("/") for one in ports]
    return [int(number) for number, _, protocol in inside if protocol in {"", "tcp"}]
