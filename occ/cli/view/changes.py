import click

from occ.cli.options import this_session
from occ.cli.session import Session
from occ.cli.terminal.words import terminal_safe

_SIGNS = {"added": "A", "changed": "C", "deleted": "D"}


@click.command("changes")
@this_session
def command(session: Session) -> int:
    """The files in the container's own layer, which would not be in a replacement.

    A is added, C changed, D deleted, against the image. What lies in volumes, accounts of users,
    /tmp and /run are left out.
    """
    found = session.app.unsaved_files(session.service)
    if not found:
        session.note("nothing: whatever was written lies in volumes, or is carried over")
    lines = [f"{_SIGNS[change.kind]} {terminal_safe(change.path)}" for change in found]
    return session.result(found, "\n".join(lines))
