import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from occ.app.results import Outcome, UserRow
from occ.cli import offers
from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing
from occ.cli.options import common, this_session
from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.tables import Column, Headers, table
from occ.cli.writing import hidden_twice
from occ.domain.values import account_name
from occ.errors import UsageMistakeError

if TYPE_CHECKING:
    from occ.operations.kinds.user import UserWish

# Far more than a password may have: one that is too long is still told as too long.
_LONGEST_LINE = 1 << 12
_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, one line."
)
_GENERATE = click.option(
    "--generate", is_flag=True, help="Make a password up, and print it once on standard output."
)
_DONE: Mapping[str, str] = {
    "add": "user {} added",
    "remove": "user {} removed",
    "passwd": "password of {} set",
    "enable": "user {} enabled",
    "disable": "user {} disabled",
}


@click.group("user")
@common
def command() -> None:
    """Users inside the running container.

    Their names stand in the config, what was done to them in the journal, and their passwords
    in the container alone. Every replacement has them again.
    """


@command.command("add")
@click.argument("name")
@click.option("--uid", type=click.IntRange(1, 60_000), help="Its number (default: the next free).")
@click.option("--groups", default="", metavar="A,B", help="Further groups, which must be there.")
@click.option("--shell", default="", metavar="PATH", help="Its shell (default: bash, else sh).")
@_STDIN
@_GENERATE
@changing()
def add(
    typed: Typed,
    *,
    name: str,
    uid: int | None,
    groups: str,
    shell: str,
    password_stdin: bool,
    generate: bool,
) -> int:
    """Add a user, in a group of its own, with a home under /home.

    The password is asked for on a terminal. An account that is in the container already becomes
    one of the service's users as it is.
    """
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    chosen = tuple(group for group in groups.split(",") if group)
    wish = UserWish(verb="add", user=name, uid=uid or 0, groups=chosen, shell=shell)
    return _with_password(typed, wish, stdin=password_stdin, generate=generate)


@command.command("passwd")
@click.argument("name", shell_complete=offers.users)
@_STDIN
@_GENERATE
@changing()
def passwd(typed: Typed, *, name: str, password_stdin: bool, generate: bool) -> int:
    """Set a user's password; one that is disabled stays so."""
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    wish = UserWish(verb="passwd", user=name)
    return _with_password(typed, wish, stdin=password_stdin, generate=generate)


@command.command("remove")
@click.argument("name", shell_complete=offers.users)
@changing()
def remove(typed: Typed, *, name: str) -> int:
    """Remove a user; its files stay. Nothing brings its password back."""
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    return _done(typed, UserWish(verb="remove", user=name))


@command.command("enable")
@click.argument("name", shell_complete=offers.users)
@changing()
def enable(typed: Typed, *, name: str) -> int:
    """Unlock a user's password: it is the one from before."""
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    return _done(typed, UserWish(verb="enable", user=name))


@command.command("disable")
@click.argument("name", shell_complete=offers.users)
@changing()
def disable(typed: Typed, *, name: str) -> int:
    """Lock a user's password; keys and what runs already are not affected."""
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    return _done(typed, UserWish(verb="disable", user=name))


@command.command("list")
@this_session
def list_(session: Session) -> int:
    """The users of the config, and the people's accounts in the container."""
    rows = session.app.accounts(session.service)
    headers: Headers = [
        "name",
        "uid",
        Column(name="gid", spare=True),
        Column(name="groups", least=10),
        Column(name="shell", least=9, middle=True),
        Column(name="home", least=8, middle=True),
        Column(name="password", least=10),
        "config",
    ]
    lines = [
        [
            row.name,
            row.uid if row.present else "-",
            row.gid if row.present else "-",
            ",".join(row.groups) or "-",
            row.shell or "-",
            row.home or "-",
            _password(row),
            "yes" if row.declared else "no",
        ]
        for row in rows
    ]
    text = table(headers, lines) if rows and session.output == "text" else ""
    if not rows:
        session.note("there is no user; the first one comes with: occ user add NAME")
    return session.result(rows, text)


def _password(row: UserRow) -> str:
    if not row.present:
        return "not in the container"
    if not row.password:
        return "none"
    return "locked" if row.locked else "set"


def _with_password(typed: Typed, wish: "UserWish", *, stdin: bool, generate: bool) -> int:
    """Get the password first, in the way that was asked for; a plan needs no password."""
    if typed.options.plan:
        return _done(typed, wish)
    from occ.app.change.passwords import checked, generated, hashed  # noqa: PLC0415 - when asked

    account_name(wish.user)  # a name that is refused is refused before somebody types a password
    if stdin and generate:
        raise UsageMistakeError(
            "--password-stdin and --generate exclude each other",
            hint=typed.session.again(without="--password-stdin"),
        )
    password = (
        generated()
        if generate
        else checked(_read(typed.session) if stdin else _asked(typed.session, wish))
    )
    shown = password if generate else ""
    return _done(typed, wish, hashed=hashed(password), shown=shown)


def _read(session: Session) -> str:
    if sys.stdin is None or sys.stdin.closed:
        raise UsageMistakeError(
            "there is no standard input",
            hint=session.again("--generate", without="--password-stdin"),
        )
    return streams.piped(_LONGEST_LINE, one_line=True).removesuffix("\n").removesuffix("\r")


def _asked(session: Session, wish: "UserWish") -> str:
    if streams.nobody():
        raise UsageMistakeError(
            "there is nobody to ask for the password: standard input is no terminal",
            hint=f"{session.again('--password-stdin')}, or --generate",
        )
    prompt = f"Password for {wish.user}: "
    return hidden_twice(prompt, "Again: ", session, spared="nothing was changed")


def _done(typed: Typed, wish: "UserWish", *, hashed: str = "", shown: str = "") -> int:
    def done(outcome: Outcome) -> bool:
        return outcome.operation is not None and outcome.operation.ending == "done"

    def says(outcome: Outcome) -> str:
        lines = (f"{outcome.service}: {_DONE[wish.verb].format(wish.user)}", shown)
        return "\n".join(filter(None, lines)) if done(outcome) else ""

    def more(outcome: Outcome) -> Mapping[str, object]:
        return {"user": wish.user, **({"password": shown} if shown and done(outcome) else {})}

    wanted = typed.wishing(replace(wish, hashed=hashed))
    return change(wanted, of_kind("user"), says=says, more=more)
