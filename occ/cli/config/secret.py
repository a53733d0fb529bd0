import sys

import click

from occ.app.config.secrets import SecretRow
from occ.app.outbox.targets import SECRETS_OF
from occ.cli import offers
from occ.cli.options import common, this_session
from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.tables import Column, Headers, table
from occ.cli.writing import hidden_twice
from occ.errors import DeclinedError, UsageMistakeError

_CHANGE = {
    "same": "no",
    "changed": "yes",
    "unknown": "unknown: another key",
    "new": "new",
    "gone": "gone",
}
# A value is bounded by what an environment may hold (execve(2): 128 KiB for one string).
_HEADERS: Headers = ["name", Column(name="from", least=12, middle=True), "changed"]
_LONGEST = 1 << 17


@click.group("secret")
@common
def command() -> None:
    """Values that the container gets in its environment, and that nobody else gets to see."""


@command.command("set")
@click.argument("name", shell_complete=offers.secrets)
@click.argument("more", nargs=-1, metavar="")
@click.option("--no-config", is_flag=True, help="Leave the config as it is.")
@this_session
def put(session: Session, *, name: str, more: tuple[str, ...], no_config: bool) -> int:
    """Keep a value: typed without echo, or read from standard input; never an argument.

    The config names it under the service's secrets from then on. The container gets it with the
    next occ apply or occ update.
    """
    if more or "=" in name:
        raise UsageMistakeError(
            "a value is typed or piped, never an argument: everybody on the host can read those",
            hint=f"occ secret set {name.partition('=')[0]}",
        )
    name = _name(name)
    session.changing = True
    kept = session.app.keep_secret(
        name, session.service, lambda: _value(session, name), add=not no_config
    )
    how = "stored in" if kept.changed else "unchanged in"
    if kept.added:
        session.note(f"{kept.name} put into the secrets of {kept.service} in the config")
    elif not kept.named and kept.service == SECRETS_OF:
        session.note(
            f"note: no target has it yet; write {{{{secret:{kept.name}}}}} where it belongs in "
            "[notify.NAME]: occ config edit"
        )
    elif not kept.named:
        session.note(
            f"note: the config of {kept.service} does not name it yet; "
            f'add "{kept.name}" to secrets = [...] of [services.{kept.service}]'
        )
    if kept.changed and kept.named:
        session.note(
            "occ apply, or the first occ start, brings it into the container", kept.service
        )
    return session.result(kept, f"{kept.service}: {name} {how} {kept.where}")


@command.command("list")
@this_session
def rows(session: Session) -> int:
    """Every secret: where its value comes from, and whether it is the container's; no values."""
    found = session.app.secret_rows(session.service)
    if not found:
        session.note("there are no secrets; the first one comes with: occ secret set NAME")
        return session.result(found, "")
    lines = [[row.name, row.source or "nowhere", _changed(row)] for row in found]
    return session.result(found, table(_HEADERS, lines))


@command.command("unset")
@click.argument("name", shell_complete=offers.secrets)
@this_session
def take_out(session: Session, *, name: str) -> int:
    """Keep a value no longer; the container of today still has it."""
    name = _name(name)
    session.changing = True
    kept = session.app.drop_secret(name, session.service)
    if kept.named:
        session.note(
            f"note: the config of {kept.service} still names {name} under secrets: without a "
            "value elsewhere the next start or update is refused"
        )
    return session.result(kept, f"{kept.service}: {name} taken out of {kept.where}")


def _changed(row: SecretRow) -> str:
    if not row.named:
        return "the config does not name it"
    return _CHANGE[row.change] if row.change else "-"


def _name(text: str) -> str:
    """The name, refused without being repeated: a value may have been typed in its place."""
    from occ.settings.keys.readers import is_variable  # noqa: PLC0415 - --help needs no settings

    if not is_variable(text):
        raise UsageMistakeError(
            "that is no name of a variable: letters, digits, '_', '.' and '-', not a digit first",
            hint="occ secret set DB_PASSWORD",
        )
    return text


def _value(session: Session, name: str) -> str:
    """The value typed without echo, or piped; a piped value loses one line break at its end."""
    if sys.stdin is None or sys.stdin.closed:
        raise DeclinedError("there is no standard input to read a value from", hint=session.again())
    if sys.stdin.isatty():
        prompt = f"Value of {name}: "
        return hidden_twice(prompt, "Once more: ", session, spared="nothing was stored")
    text = streams.piped(_LONGEST + 1)
    if len(text.encode(errors="surrogateescape")) > _LONGEST:
        raise UsageMistakeError(
            f"the value of {name} is longer than {_LONGEST} bytes, which no environment holds",
            hint="write it into a file, and mount that",
        )
    return text.removesuffix("\n").removesuffix("\r")
