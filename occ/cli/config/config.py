from contextlib import suppress
from typing import TYPE_CHECKING

import click

from occ.cli import offers
from occ.cli.options import common, this_session
from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.words import terminal_safe
from occ.cli.writing import answer
from occ.errors import PENDING, ConfigError, DeclinedError, UsageMistakeError

if TYPE_CHECKING:
    from occ.app.config.config import Edited

_KEY = click.argument("key", shell_complete=offers.keys)
_SECRETS = {
    "changed": "changed",
    "new": "new",
    "gone": "has no value any more",
    "unknown": "unknown whether changed: another key",
}


@click.group("config")
@common
def command() -> None:
    """The config, key by key. A key is written as in the file, or without its service.

    What is written here is checked first, and comments and order stay. It comes into force with
    the next occ apply or occ update.
    """


@command.command("path")
@this_session
def path(session: Session) -> int:
    """Print where it is, whether it can be used or not."""
    session.mends = True
    where, exists = session.app.config.place
    return session.result({"path": where, "exists": exists}, where)


@command.command("show")
@this_session
def show(session: Session) -> int:
    """A service as occ understands it; what looks like a secret is masked."""
    app = session.app
    name = app.service_name(session.service)
    table = app.config.shown(name)
    if session.output == "json":
        return session.result(
            {"service": name, "config": app.config.place[0], "declared": table}, ""
        )
    from occ.settings.toml.node import printable  # noqa: PLC0415 - when asked
    from occ.settings.toml.table_text import emit  # noqa: PLC0415 - when asked

    lines = emit(("services", name), table).rstrip().split("\n")
    return session.result(None, "\n".join(printable(line) for line in lines))


@command.command("get")
@_KEY
@this_session
def get(session: Session, *, key: str) -> int:
    """What the file has under KEY, such as ports, health.path, env.NAME or journal."""
    value = session.app.config.get(key, session.service)
    from occ.settings.toml.table_text import written  # noqa: PLC0415 - when asked

    text = value if isinstance(value, str) else written(value)
    return session.result({"key": key, "value": value}, terminal_safe(text))


# A value may begin with a dash, as -5 does.
@command.command("set", context_settings={"ignore_unknown_options": True})
@_KEY
@click.argument("value", nargs=-1, required=True, shell_complete=offers.values)
@this_session
def put(session: Session, *, key: str, value: tuple[str, ...]) -> int:
    """Set KEY to VALUE, written as in TOML or as plain text; several values are a list.

    A VALUE that looks like one of the options below comes behind --.
    """
    session.changing = session.begins = True
    return _done(session, session.app.config.put(key, value, session.service), key)


@command.command("unset")
@_KEY
@this_session
def unset(session: Session, *, key: str) -> int:
    """Take KEY out of the file, so that its default counts."""
    session.changing = True
    return _done(session, session.app.config.take_out(key, session.service), key)


@command.group("env")
@common
def env() -> None:
    """The variables of the container that are no secrets."""


@env.command("list")
@this_session
def env_list(session: Session) -> int:
    """All of them."""
    found = session.app.config.shown(session.app.service_name(session.service)).get("env", {})
    lines = [terminal_safe(f"{name}={value}") for name, value in sorted(found.items())]
    return session.result(found, "\n".join(lines))


@env.command("set")
@click.argument("pair", metavar="NAME=VALUE")
@this_session
def env_set(session: Session, *, pair: str) -> int:
    """Set a variable; one that looks like a secret is refused: occ secret set NAME."""
    variable, sign, value = pair.partition("=")
    if not sign or not variable:
        raise UsageMistakeError(
            "a variable is written NAME=VALUE", hint="occ config env set NAME=VALUE"
        )
    session.changing = True
    name = session.app.service_name(session.service)
    return _done(session, session.app.config.put_text(("services", name, "env", variable), value))


@env.command("unset")
@click.argument("variable", metavar="NAME")
@this_session
def env_unset(session: Session, *, variable: str) -> int:
    """Take a variable out."""
    session.changing = True
    name = session.app.service_name(session.service)
    return _done(session, session.app.config.take_out(("services", name, "env", variable)))


@command.command("validate")
@this_session
def validate(session: Session) -> int:
    """Whether all of it can be used; what cannot is named with its line."""
    services = session.app.config.validate()
    where, _ = session.app.config.place
    said = f"{where}: fine; services: {', '.join(services)}"
    return session.result({"config": where, "services": list(services)}, said)


@command.command("schema")
@this_session
def schema(session: Session) -> int:
    """The JSON Schema of the config, by which editors complete and check it."""
    import json  # noqa: PLC0415 - when asked

    from occ.settings.schema import schema as whole_schema  # noqa: PLC0415 - when asked

    found = whole_schema()
    return session.result({"schema": found}, json.dumps(found, indent=2, ensure_ascii=False))


@command.command("edit")
@this_session
def edit(session: Session) -> int:
    """Open it in $VISUAL or $EDITOR, whether it can be used or not.

    What comes back is checked before it takes the file's place.
    """
    if streams.nobody():
        raise UsageMistakeError(
            "there is no terminal for an editor", hint="occ config set KEY VALUE"
        )
    session.changing = session.mends = True
    config = session.app.config

    def editor(text: str) -> str | None:
        while True:
            after = click.edit(text, extension=".toml", require_save=False)
            if after is None or after == text:
                return None
            try:
                config.validate(after)
            except ConfigError as error:
                streams.err(f"error: {terminal_safe(error.message)}\n")
                if not _again(session):
                    raise
                text = after
                continue
            return after

    return _done(session, config.edit(editor))


@command.command("diff")
@this_session
def diff(session: Session) -> int:
    """The config against the container that runs: exit 10 when an apply would change it."""
    told = session.app.comparison(session.service)
    differs = bool(told.diff or told.secrets) or not told.version
    lines = [told.diff] if told.diff else []
    lines += [f"secret {name}: {_SECRETS[change]}" for name, change in told.secrets.items()]
    if not told.version:
        lines.append(f"{told.service}: nothing of occ's runs yet: occ start")
    if not differs:
        lines.append(f"{told.service}: the config is what runs (version {told.version})")
    return session.result(told, "\n".join(lines), status=PENDING if differs else 0)


def _again(session: Session) -> bool:
    """Whether the operator edits the file again: yes unless they say no, or the input ended."""
    with suppress(DeclinedError):
        return answer("Edit it again? [Y/n] ", session).lower() not in {"n", "no"}
    return False


def _done(session: Session, edited: "Edited", key: str = "") -> int:
    """Tell what was changed: the value of a key, or without one a service's text."""
    if not edited.diff:
        return session.result(edited, f"{edited.config}: unchanged")
    named = session.app.config.service_of(key) if key else ""
    if not key or named:
        several = len(session.app.settings.services) > 1
        text = "occ apply or occ update brings it into force, or the first occ start"
        session.note(text, named if several else None)
    return session.result(edited, edited.diff)
