"""`occ user`."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from occ.app.results import Options, Outcome, UserRow
from occ.cli import offers
from occ.cli.change.dialogue import Telling, change
from occ.cli.options import changing, common, this_session
from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.tables import table
from occ.cli.writing import hidden_twice
from occ.domain.values import account_name
from occ.errors import UsageMistakeError

if TYPE_CHECKING:
    from occ.operations.kinds.user import UserWish

_LONGEST_LINE = 1 << 12  # far more than a password may have, so that a longer one is told as that
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
@changing
@this_session
def add(
    session: Session,
    /,
    *,
    name: str,
    uid: int | None,
    groups: str,
    shell: str,
    password_stdin: bool,
    generate: bool,
    **common: Any,  # noqa: ANN401 - the options of every changing command
) -> int:
    """Add a user, in a group of its own, with a home under /home.

    The password is asked for on a terminal. An account that is in the container already becomes
    one of the service's users as it is.
    """
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    chosen = tuple(group for group in groups.split(",") if group)
    wish = UserWish(verb="add", user=name, uid=uid or 0, groups=chosen, shell=shell)
    return _with_password(session, wish, common, stdin=password_stdin, generate=generate)


@command.command("passwd")
@click.argument("name", shell_complete=offers.users)
@_STDIN
@_GENERATE
@changing
@this_session
def passwd(
    session: Session,
    /,
    *,
    name: str,
    password_stdin: bool,
    generate: bool,
    **common: Any,  # noqa: ANN401 - as for add
) -> int:
    """Set a user's password; one that is disabled stays so."""
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    wish = UserWish(verb="passwd", user=name)
    return _with_password(session, wish, common, stdin=password_stdin, generate=generate)


@command.command("remove")
@click.argument("name", shell_complete=offers.users)
@changing
@this_session
def remove(session: Session, /, *, name: str, **common: Any) -> int:  # noqa: ANN401 - as for add
    """Remove a user; its files stay. Nothing brings its password back."""
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    return _done(session, UserWish(verb="remove", user=name), common)


@command.command("enable")
@click.argument("name", shell_complete=offers.users)
@changing
@this_session
def enable(session: Session, /, *, name: str, **common: Any) -> int:  # noqa: ANN401 - as for add
    """Unlock a user's password: it is the one from before."""
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    return _done(session, UserWish(verb="enable", user=name), common)


@command.command("disable")
@click.argument("name", shell_complete=offers.users)
@changing
@this_session
def disable(session: Session, /, *, name: str, **common: Any) -> int:  # noqa: ANN401 - as for add
    """Lock a user's password; keys and what runs already are not affected."""
    from occ.operations.kinds.user import UserWish  # noqa: PLC0415 - when asked

    return _done(session, UserWish(verb="disable", user=name), common)


@command.command("list")
@common
@this_session
def list_(session: Session) -> int:
    """The users of the config, and the people's accounts in the container."""
    rows = session.app.accounts(session.service)
    headers = ["name", "uid", "gid", "groups", "shell", "home", "password", "config"]
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


def _with_password(
    session: Session,
    wish: "UserWish",
    common: Mapping[str, Any],
    *,
    stdin: bool,
    generate: bool,
) -> int:
    """Get the password first, as it was asked for; a plan needs none."""
    if common["plan"]:
        return _done(session, wish, common)
    from occ.app.change.passwords import checked, generated, hashed  # noqa: PLC0415 - when asked

    account_name(wish.user)  # before somebody types a password for nothing
    if stdin and generate:
        raise UsageMistakeError(
            "--password-stdin and --generate exclude each other",
            hint=session.again(without="--password-stdin"),
        )
    password = (
        generated() if generate else checked(_read(session) if stdin else _asked(session, wish))
    )
    shown = password if generate else ""
    return _done(session, wish, common, hashed=hashed(password), shown=shown)


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


def _done(
    session: Session,
    wish: "UserWish",
    common: Mapping[str, Any],
    *,
    hashed: str = "",
    shown: str = "",
) -> int:
    options = Options(
        reason=common["reason"],
        plan=common["plan"],
        if_current=common["if_current"] or 0,
        resume_first=common["yes"],
    )

    def says(outcome: Outcome) -> str:
        if outcome.unchanged or outcome.operation is None or outcome.operation.ending != "done":
            return ""
        line = f"{outcome.service}: {_DONE[wish.verb].format(wish.user)}"
        return f"{line}\n{shown}" if shown else line

    def more(outcome: Outcome) -> Mapping[str, object]:
        told: dict[str, object] = {"user": wish.user}
        done = outcome.operation is not None and outcome.operation.ending == "done"
        return {**told, "password": shown} if shown and done else told

    return change(
        session,
        lambda app, service, chosen, people: app.user(service, wish, hashed, chosen, people),
        options,
        yes=common["yes"],
        exit_unchanged=common["exit_unchanged"],
        telling=Telling(says, more),
    )
