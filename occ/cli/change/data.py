import click

from occ.cli.change.dialogue import change
from occ.cli.change.typed import Typed, changing, refuse_token
from occ.cli.options import common, this_session
from occ.cli.session import Session
from occ.cli.terminal.tables import Column, Headers, table
from occ.cli.terminal.words import moment
from occ.domain.data_choice import SET

_HEADERS: Headers = ["id", "data of", "left", "snapshot", Column(name="volumes", below=True)]


@click.group("data")
@common
def command() -> None:
    """The volumes of the engine that stand behind the names of the service's volumes."""


@command.command("list")
@this_session
def list_(session: Session) -> int:
    """The data that the service has, and the data that was left and is kept, newest first.

    A version goes back with data that was left: occ rollback --to V --data ID.
    """
    rows = session.app.data_sets(session.service)
    lines = [
        [
            f"{SET}{row.number}",
            f"version {row.version}" if row.version else "-",
            "in use" if row.current else "never used" if row.unused else moment(row.left_at),
            row.snapshot or "-",
            ", ".join(row.volumes) or "-",
        ]
        for row in rows
    ]
    return session.result(rows, table(_HEADERS, lines) if session.output == "text" else "")


@command.command("adopt-name")
@changing()
def adopt_name(typed: Typed) -> int:
    """Bring the service's data back into volumes of the plain names.

    After it went back with its data, the names that you know hold old data. The service is stopped,
    its data copied under these names and compared; then the old data and the other volumes are
    removed.
    """
    refuse_token(typed, "it is a row of operations")
    return change(
        typed, lambda app, service, options, operator: app.adopt_name(service, options, operator)
    )
